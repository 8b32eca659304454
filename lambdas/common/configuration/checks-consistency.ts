/** How the checks of a service fit its traffic, its sides and the time that there is for them. */
import { isNetworkListener, lastSegment } from './arn.ts';
import { HTTP_TIMEOUT } from './defaults.ts';
import { at, type Draft, isGiven, itemsAt, keysAt, sidesOf, strategyOf, textAt } from './draft.ts';
import { durationMilliseconds, durationSeconds } from './duration.ts';
import { allowedWords, type Path, type Problem, problemAt } from './problems.ts';

/** One call of verify-targets, which has a minute, makes all of them in turn. */
const HTTP_SECONDS_MAX = 40;
/** CloudWatch describes so many alarms in one call. */
const ALARMS_MAX = 100;

export function checksInconsistencies(draft: Draft): Problem[] {
  return [
    ...httpReachesGreen(draft),
    ...httpInTime(draft),
    ...itemsAt(draft, 'checks', 'http').flatMap((check) => [
      ...bodyToCheck(draft, check),
      ...latencyWithinTimeout(draft, check),
    ]),
    ...nativeHasHooks(draft),
    ...networkHasChecks(draft),
    ...alarmsOfSides(draft),
    ...alarmsInOneCall(draft),
  ];
}

function problem({ path, document }: Draft, within: Path, allowed: string, found?: string): Problem {
  return problemAt(document, [...path, ...within], allowed, found);
}

function hasHttpChecks(draft: Draft): boolean {
  return itemsAt(draft, 'checks', 'http').length > 0;
}

/** HTTP checks go through the test rule; ECS's own strategies have a test listener of their own. */
function httpReachesGreen(draft: Draft): Problem[] {
  const type = strategyOf(draft);
  if (!hasHttpChecks(draft) || isGiven(draft, 'traffic', 'testRule') || type === 'native') return [];
  const others = 'checks.lambda and checks.task need none';
  if (type === 'recreate') {
    const allowed = `nothing, because recreate has no test rule through which they could reach the new version; ${others}`;
    return [problem(draft, ['checks', 'http'], allowed)];
  }
  if (isNetworkListener(textAt(draft, 'traffic', 'listener') ?? '')) {
    const allowed = `nothing, because a Network Load Balancer has no rules through which they could reach green; ${others}`;
    return [problem(draft, ['checks', 'http'], allowed)];
  }
  const allowed =
    type === 'rolling'
      ? `the ARN of a listener rule, because checks.http reach the service through it, also with rolling; ${others}`
      : 'the ARN of a listener rule, because checks.http reach green through it before it has traffic';
  return [problem(draft, ['traffic', 'testRule'], allowed)];
}

/** Nothing of ours waits between ECS's stages for a function or a task of the user's. */
function nativeHasHooks(draft: Draft): Problem[] {
  if (strategyOf(draft) !== 'native') return [];
  const kinds = ['lambda', 'task'].filter((kind) => itemsAt(draft, 'checks', kind).length > 0);
  const allowed =
    'nothing, because ECS takes functions itself: name yours as a lifecycle hook of the ECS service';
  return kinds.map((kind) => problem(draft, ['checks', kind], allowed));
}

function httpInTime(draft: Draft): Problem[] {
  const seconds = itemsAt(draft, 'checks', 'http').map((check) => {
    const times = at(draft, ...check, 'inARow');
    const timeout = textAt(draft, ...check, 'timeout') ?? HTTP_TIMEOUT;
    return (durationSeconds(timeout) ?? 0) * (typeof times === 'number' ? times : 1);
  });
  const total = seconds.reduce((sum, one) => sum + one, 0);
  if (total <= HTTP_SECONDS_MAX) return [];
  const allowed = `checks whose timeouts (${HTTP_TIMEOUT} if not given), each times its inARow, make at most ${HTTP_SECONDS_MAX}s together`;
  return [problem(draft, ['checks', 'http'], allowed, `${total}s`)];
}

function bodyToCheck(draft: Draft, check: Path): Problem[] {
  if (textAt(draft, ...check, 'method') !== 'HEAD') return [];
  const about = ['contains', 'json'].filter((key) => isGiven(draft, ...check, key));
  return about.map((key) =>
    problem(draft, [...check, key], 'nothing, because the answer to HEAD has no body', 'a check of the body'),
  );
}

function latencyWithinTimeout(draft: Draft, check: Path): Problem[] {
  const timeout = textAt(draft, ...check, 'timeout') ?? HTTP_TIMEOUT;
  const latency = textAt(draft, ...check, 'latency');
  if ((durationMilliseconds(latency ?? '') ?? 0) <= (durationMilliseconds(timeout) ?? Infinity)) return [];
  return [problem(draft, [...check, 'latency'], `at most ${timeout}, the timeout of the check`)];
}

function networkHasChecks(draft: Draft): Problem[] {
  if (!isGiven(draft, 'checks', 'network') || hasHttpChecks(draft)) return [];
  const allowed = 'nothing without checks.http, because only they are made from inside the network';
  return [problem(draft, ['checks', 'network'], allowed)];
}

/** Sides are told apart by name; two of one name in two clusters need their ARNs. */
function alarmsOfSides(draft: Draft): Problem[] {
  const names = sidesOf(draft).flatMap(({ service, fleet }) => fleet ?? service ?? []);
  return keysAt(draft, 'checks', 'alarms', 'sides').flatMap((key) => {
    const exact = names.filter((name) => name === key);
    const named = exact.length > 0 ? exact : names.filter((name) => lastSegment(name) === key);
    const path = ['checks', 'alarms', 'sides', key];
    if (named.length === 1) return [];
    if (named.length > 1) {
      const allowed = "the ARN of one side's ECS service, written in sides too, because both have this name";
      return [problem(draft, path, allowed, `'${key}' for two sides`)];
    }
    const known = allowedWords(names.map(lastSegment), key);
    return [
      problem(draft, path, `the ECS service or fleet of a side: ${known}`, `the unknown side '${key}'`),
    ];
  });
}

function alarmsInOneCall(draft: Draft): Problem[] {
  const sides = keysAt(draft, 'checks', 'alarms', 'sides');
  const lists = [['service'], ...sides.map((side) => ['sides', side])];
  const count = lists.flatMap((within) => itemsAt(draft, 'checks', 'alarms', ...within)).length;
  if (count <= ALARMS_MAX) return [];
  const allowed = `at most ${ALARMS_MAX} alarms, of the service and its sides together`;
  return [problem(draft, ['checks', 'alarms'], allowed, `${count}`)];
}
