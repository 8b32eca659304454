/** Where a request goes: the rule, the target group by weight, the target in it. Used by the proxy and by its virtual twin. */
import type { Random } from '../random.ts';
import { compileConditions, type Predicate, type RouteRequest } from './conditions.ts';
import { bindToGroup, bindToTarget, stickyGroup, stickyTarget } from './cookies.ts';
import type {
  PlaneAction,
  PlaneConfiguration,
  PlaneListener,
  PlaneTarget,
  PlaneTargetGroup,
  TargetAddress,
} from './data-plane.ts';

export type { RouteRequest } from './conditions.ts';

/** What to do with a request. `unavailable` is a 503 made by the load balancer. */
export type Route =
  | { kind: 'target'; targetGroupArn: string; target: TargetAddress; setCookies: string[] }
  | { kind: 'unavailable'; targetGroupArn?: string }
  | { kind: 'fixed-response'; statusCode: number; contentType?: string; body?: string }
  | { kind: 'redirect'; statusCode: number; location: string };

/** One load balancer's routing; `configure` replaces its rules and targets and keeps the turn of each group. */
export interface Router {
  configure(configuration: PlaneConfiguration): void;
  /** @param port the listener's */
  route(port: number, request: RouteRequest): Route;
}

interface CompiledListener {
  listener: PlaneListener;
  rules: { matches: Predicate; action: PlaneAction }[];
}

type Forward = Extract<PlaneAction, { type: 'forward' }>;

export const addressOf = ({ host, port }: TargetAddress): string => `${host}:${port}`;

export function createRouter({ now, random }: { now: () => number; random: Random }): Router {
  let listeners = new Map<number, CompiledListener>();
  let groups = new Map<string, PlaneTargetGroup>();
  const turns = new Map<string, number>();

  const configure = (configuration: PlaneConfiguration): void => {
    listeners = new Map(
      configuration.listeners.map((listener) => [listener.port, compileListener(listener)]),
    );
    groups = new Map(configuration.targetGroups.map((group) => [group.arn, group]));
  };

  const route = (port: number, request: RouteRequest): Route => {
    const compiled = listeners.get(port);
    const action = compiled?.rules.find((rule) => rule.matches(request))?.action;
    if (!compiled || !action) return { kind: 'unavailable' };
    if (action.type === 'forward') return forward(action, request);
    if (action.type === 'fixed-response') {
      return {
        kind: 'fixed-response',
        statusCode: action.statusCode,
        contentType: action.contentType,
        body: action.body,
      };
    }
    return {
      kind: 'redirect',
      statusCode: action.statusCode,
      location: fillIn(action.location, compiled.listener, request),
    };
  };

  const forward = (action: Forward, request: RouteRequest): Route => {
    const cookies = request.header('cookie');
    const choice = chooseTargetGroup(action, cookies, now(), random);
    if (!choice) return { kind: 'unavailable' };
    const group = groups.get(choice.arn);
    const target = group && chooseTarget(group, takeTurn(choice.arn), cookies, now());
    // An empty group keeps its share: ALB does not hand its requests to a sibling.
    if (!group || !target) return { kind: 'unavailable', targetGroupArn: choice.arn };
    const setCookies = [...choice.setCookies, ...targetCookies(group, target, now())];
    return {
      kind: 'target',
      targetGroupArn: group.arn,
      target: { host: target.host, port: target.port },
      setCookies,
    };
  };

  const takeTurn = (arn: string): number => {
    const turn = turns.get(arn) ?? 0;
    turns.set(arn, turn + 1);
    return turn;
  };

  return { configure, route };
}

function compileListener(listener: PlaneListener): CompiledListener {
  const rules = listener.rules.map(({ conditions, action }) => ({
    matches: compileConditions(conditions),
    action,
  }));
  return { listener, rules };
}

/**
 * Chooses by a still valid cookie, even at weight 0 (a client stays on its group after a shift), else by weight.
 * @returns undefined if no group has weight.
 */
export function chooseTargetGroup(
  { targetGroups, stickinessSeconds }: Forward,
  cookies: string | undefined,
  nowMs: number,
  random: Random,
): { arn: string; setCookies: string[] } | undefined {
  const bound = stickinessSeconds ? stickyGroup(cookies, nowMs) : undefined;
  if (bound && targetGroups.some(({ arn }) => arn === bound)) return { arn: bound, setCookies: [] };
  const arn = drawByWeight(targetGroups, random);
  if (!arn) return undefined;
  return { arn, setCookies: stickinessSeconds ? bindToGroup(arn, nowMs + stickinessSeconds * 1000) : [] };
}

function drawByWeight(targetGroups: Forward['targetGroups'], random: Random): string | undefined {
  const total = targetGroups.reduce((sum, { weight }) => sum + weight, 0);
  let draw = random.next() * total;
  for (const { arn, weight } of targetGroups) {
    if (draw < weight) return arn;
    draw -= weight;
  }
  return undefined;
}

/** Round robin over the healthy targets; with none, over all that are not draining (fail-open). */
export function chooseTarget(
  group: PlaneTargetGroup,
  turn: number,
  cookies: string | undefined,
  nowMs: number,
): PlaneTarget | undefined {
  const healthy = group.targets.filter(({ condition }) => condition === 'healthy');
  const candidates =
    healthy.length > 0 ? healthy : group.targets.filter(({ condition }) => condition !== 'draining');
  const bound = group.stickinessSeconds ? stickyTarget(cookies, nowMs) : undefined;
  return candidates.find((target) => addressOf(target) === bound) ?? candidates[turn % candidates.length];
}

function targetCookies(
  { stickinessSeconds }: PlaneTargetGroup,
  target: PlaneTarget,
  nowMs: number,
): string[] {
  return stickinessSeconds ? bindToTarget(addressOf(target), nowMs + stickinessSeconds * 1000) : [];
}

function fillIn(template: string, { protocol, port }: PlaneListener, request: RouteRequest): string {
  const parts: Record<string, string> = {
    protocol: protocol ?? 'http',
    host: request.host.replace(/:\d+$/, ''),
    port: String(port),
    path: request.path.replace(/^\//, ''),
    query: request.query,
  };
  return template.replace(/#\{(\w+)\}/g, (whole, name: string) => parts[name] ?? whole).replace(/\?$/, '');
}
