/** What a shape cannot say: how the parts of a configuration must fit each other. Reads the raw document, so that it finds its problems beside those of the shape. */
import { clusterNamedBy, ecsServiceKey, lastSegment, loadBalancerOf, SHAPES } from './arn.ts';
import { calendarInconsistencies } from './calendar-consistency.ts';
import { checksInconsistencies } from './checks-consistency.ts';
import { at, type Draft, draftsOf, itemsAt, type Place, placesAt, sidesOf, trafficPlaces } from './draft.ts';
import { imageInconsistencies } from './image-consistency.ts';
import { orderBetween, orderInconsistencies } from './order-consistency.ts';
import { isMapping, type Path, type Problem, problemAt } from './problems.ts';
import { strategyInconsistencies } from './strategy-consistency.ts';

/** @param isWhole false while services are still being added: what they say of each other is asked when all are there */
export function inconsistencies(document: unknown, isWhole = true): Problem[] {
  const drafts = draftsOf(document);
  return [
    ...drafts.flatMap(problemsWithin),
    ...problemsBetween(drafts),
    ...(isWhole ? orderBetween(drafts) : []),
  ];
}

function problemsWithin(draft: Draft): Problem[] {
  return [
    ...namedWell(draft),
    ...imageInconsistencies(draft),
    ...exactlyOne(draft, ['traffic'], ['rules', 'listener', 'modules']),
    ...strategyInconsistencies(draft),
    ...sidesApart(draft),
    ...clusterOfServiceArn(draft),
    ...oneLoadBalancer(draft),
    ...rulesApart(draft),
    ...modulesApart(draft),
    ...checksInconsistencies(draft),
    ...calendarInconsistencies(draft),
    ...orderInconsistencies(draft),
  ];
}

function namedWell({ name, path, document }: Draft): Problem[] {
  if (SHAPES.serviceName.test(name)) return [];
  const allowed = 'a service name: a small letter, then at most 31 small letters, digits and hyphens';
  return [problemAt(document, path, allowed, `the name '${name}'`)];
}

function exactlyOne(draft: Draft, within: Path, keys: readonly string[]): Problem[] {
  const value = at(draft, ...within);
  if (!isMapping(value)) return [];
  const present = keys.filter((key) => value[key] !== undefined);
  if (present.length === 1) return [];
  const found = present.length === 0 ? 'none of them' : present.join(' and ');
  return [problemAt(draft.document, [...draft.path, ...within], `exactly one of ${keys.join(', ')}`, found)];
}

function sidesApart(draft: Draft): Problem[] {
  return [
    ...repeated(draft.document, targetGroups(draft), 'two sides on two different target groups'),
    ...repeated(draft.document, ecsServices(draft), 'two sides that are two different ECS services'),
  ];
}

function clusterOfServiceArn(draft: Draft): Problem[] {
  return sidesOf(draft).flatMap(({ path, cluster, service }) => {
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

function modulesApart(draft: Draft): Problem[] {
  const modules = itemsAt(draft, 'traffic', 'modules');
  const places = (key: string) =>
    placesAt(
      draft,
      modules.map((module) => [...module, key]),
    );
  return [
    ...repeated(draft.document, places('name'), 'modules of different names'),
    ...repeated(draft.document, places('address'), 'modules at different addresses'),
  ];
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
  return sidesOf(draft).flatMap(({ path, targetGroup: text }) =>
    text === undefined ? [] : [{ path: [...path, 'targetGroup'], text }],
  );
}

function ecsServices(draft: Draft): Place[] {
  return sidesOf(draft).flatMap(({ path, cluster, service }) => {
    if (cluster === undefined || service === undefined) return [];
    return [{ path: [...path, 'service'], text: ecsServiceKey(cluster, service) }];
  });
}
