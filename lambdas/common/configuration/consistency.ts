/** What a shape cannot say: how the parts of a configuration must fit each other. Reads the raw document, so that it finds its problems beside those of the shape. */
import { clusterNamedBy, ecsServiceKey, lastSegment, loadBalancerOf, SHAPES } from './arn.ts';
import { durationSeconds, HTTP_TIMEOUT } from './duration.ts';
import { isMapping, type Path, type Problem, problemAt, valueAt } from './problems.ts';

const HTTP_SECONDS_MAX = 40;

/** One service as far as its document can be read. */
interface Draft {
  readonly name: string;
  readonly path: Path;
  readonly document: unknown;
}

/** A text and where it stands; texts that are missing or of another type are left to the schema. */
interface Place {
  readonly path: Path;
  readonly text: string;
}

export function inconsistencies(document: unknown): Problem[] {
  const services = valueAt(document, ['services']);
  const drafts = Object.keys(isMapping(services) ? services : {}).map(
    (name): Draft => ({ name, path: ['services', name], document }),
  );
  return [...drafts.flatMap(problemsWithin), ...problemsBetween(drafts)];
}

function problemsWithin(draft: Draft): Problem[] {
  return [
    ...namedWell(draft),
    ...exactlyOne(draft, ['image', 'tags'], ['exact', 'glob']),
    ...exactlyOne(draft, ['traffic'], ['rules', 'listener']),
    ...sidesApart(draft),
    ...clusterOfServiceArn(draft),
    ...oneLoadBalancer(draft),
    ...rulesApart(draft),
    ...httpChecksNeedTestRule(draft),
    ...httpChecksInTime(draft),
  ];
}

function namedWell({ name, path, document }: Draft): Problem[] {
  if (SHAPES.serviceName.test(name)) return [];
  const allowed = 'a service name: a small letter, then at most 31 small letters, digits and hyphens';
  return [problemAt(document, path, allowed, `the name '${name}'`)];
}

function exactlyOne({ path, document }: Draft, within: Path, keys: readonly string[]): Problem[] {
  const place = [...path, ...within];
  const value = valueAt(document, place);
  if (!isMapping(value)) return [];
  const present = keys.filter((key) => value[key] !== undefined);
  if (present.length === 1) return [];
  const found = present.length === 0 ? 'none of them' : present.join(' and ');
  return [problemAt(document, place, `exactly one of ${keys.join(', ')}`, found)];
}

function sidesApart(draft: Draft): Problem[] {
  return [
    ...repeated(draft.document, targetGroups(draft), 'two sides on two different target groups'),
    ...repeated(draft.document, ecsServices(draft), 'two sides that are two different ECS services'),
  ];
}

function clusterOfServiceArn(draft: Draft): Problem[] {
  return sides(draft).flatMap(({ path, cluster, service }) => {
    const named = service === undefined ? undefined : clusterNamedBy(service);
    if (cluster === undefined || named === undefined || named === lastSegment(cluster)) return [];
    return [problemAt(draft.document, [...path, 'cluster'], `${named}, the cluster of this side's service`)];
  });
}

function oneLoadBalancer(draft: Draft): Problem[] {
  const [first, ...others] = trafficPlaces(draft).filter(({ text }) => loadBalancerOf(text) !== undefined);
  if (first === undefined) return [];
  const allowed = 'rules and listeners of one load balancer, because a target group belongs to one';
  return others
    .filter(({ text }) => loadBalancerOf(text) !== loadBalancerOf(first.text))
    .map(({ path }) => problemAt(draft.document, path, allowed));
}

function rulesApart(draft: Draft): Problem[] {
  return repeated(draft.document, trafficPlaces(draft), 'each listener rule once');
}

function httpChecksNeedTestRule({ path, document }: Draft): Problem[] {
  const checks = valueAt(document, [...path, 'checks', 'http']);
  const testRule = valueAt(document, [...path, 'traffic', 'testRule']);
  if (!Array.isArray(checks) || checks.length === 0 || testRule !== undefined) return [];
  const allowed =
    'the ARN of a listener rule, because checks.http reach green through it before it has traffic';
  return [problemAt(document, [...path, 'traffic', 'testRule'], allowed)];
}

/** One call of verify-targets, which has a minute, makes all of them in turn. */
function httpChecksInTime({ path, document }: Draft): Problem[] {
  const place = [...path, 'checks', 'http'];
  const timeouts = listAt(document, place).map((check) => textAt(document, [...check, 'timeout']));
  const total = timeouts.reduce((sum, text = HTTP_TIMEOUT) => sum + (durationSeconds(text) ?? 0), 0);
  if (total <= HTTP_SECONDS_MAX) return [];
  const allowed = `checks whose timeouts (${HTTP_TIMEOUT} if not given) make at most ${HTTP_SECONDS_MAX}s together`;
  return [problemAt(document, place, allowed, `${total}s`)];
}

/** Two services on one target group, rule or ECS service would undo each other's deployments. */
function problemsBetween(drafts: readonly Draft[]): Problem[] {
  return [
    ...shared(drafts, targetGroups, 'a target group that no other service uses'),
    ...shared(drafts, ecsServices, 'an ECS service that no other service uses'),
    ...shared(drafts, trafficPlaces, 'a rule or listener that no other service uses'),
  ];
}

function shared(drafts: readonly Draft[], placesOf: (draft: Draft) => Place[], allowed: string): Problem[] {
  const owners = new Map<string, string>();
  return drafts.flatMap((draft) =>
    placesOf(draft).flatMap(({ path, text }) => {
      const owner = owners.get(text) ?? draft.name;
      owners.set(text, owner);
      if (owner === draft.name) return [];
      return [problemAt(draft.document, path, allowed, `'${text}', which services.${owner} uses too`)];
    }),
  );
}

function repeated(document: unknown, places: readonly Place[], allowed: string): Problem[] {
  const seen = new Set<string>();
  return places.flatMap(({ path, text }) => {
    if (seen.has(text)) return [problemAt(document, path, allowed, `'${text}' a second time`)];
    seen.add(text);
    return [];
  });
}

function targetGroups(draft: Draft): Place[] {
  return sides(draft).flatMap(({ path, targetGroup: text }) =>
    text === undefined ? [] : [{ path: [...path, 'targetGroup'], text }],
  );
}

function ecsServices(draft: Draft): Place[] {
  return sides(draft).flatMap(({ path, cluster, service }) => {
    if (cluster === undefined || service === undefined) return [];
    return [{ path: [...path, 'service'], text: ecsServiceKey(cluster, service) }];
  });
}

function sides({ path, document }: Draft) {
  return listAt(document, [...path, 'sides']).map((place) => ({
    path: place,
    cluster: textAt(document, [...place, 'cluster']),
    service: textAt(document, [...place, 'service']),
    targetGroup: textAt(document, [...place, 'targetGroup']),
  }));
}

/** The production rules or listener first, then the test rule. */
function trafficPlaces({ path, document }: Draft): Place[] {
  const traffic = [...path, 'traffic'];
  const paths = [
    ...listAt(document, [...traffic, 'rules']),
    [...traffic, 'listener'],
    [...traffic, 'testRule'],
  ];
  return paths.flatMap((place) => {
    const text = textAt(document, place);
    return text === undefined ? [] : [{ path: place, text }];
  });
}

function listAt(document: unknown, path: Path): Path[] {
  const value = valueAt(document, path);
  return Array.isArray(value) ? value.map((_, index) => [...path, index]) : [];
}

function textAt(document: unknown, path: Path): string | undefined {
  const value = valueAt(document, path);
  return typeof value === 'string' ? value : undefined;
}
