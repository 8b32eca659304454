/** The data plane without sockets: the proxy's routing before modelled applications, on the clock given. */
import type { Clock } from '../clock/clock.ts';
import type { Random } from '../random.ts';
import type { VirtualApp, VirtualApps } from '../tasks/virtual-apps.ts';
import type {
  DataPlane,
  HealthProbe,
  PlaneConfiguration,
  PlaneListener,
  ProbeResult,
  TargetAddress,
} from './data-plane.ts';
import { createFlowCounters, type FlowCounters } from './flow-counters.ts';
import { addressOf, createRouter, type Route, type RouteRequest, type Router } from './routing.ts';
import { createTrafficCounters, type TrafficCounters } from './traffic-counters.ts';

export interface VirtualRequest {
  path: string;
  host?: string;
  method?: string;
  /** The Cookie header. */
  cookies?: string;
  /** Further headers, by their names in lower case. */
  headers?: Readonly<Record<string, string>>;
}

export interface VirtualAnswer {
  /** 0 if there was no answer. */
  statusCode: number;
  /** `nobody` answers a request to a TCP listener whose connection was reset. */
  madeBy: 'target' | 'elb' | 'nobody';
  /** The group that the rule chose, if it chose one. */
  targetGroupArn?: string;
  body: string;
  setCookies: string[];
}

export interface VirtualPlane extends DataPlane {
  /**
   * Sends one request; resolves when its modelled duration has passed. Never rejects. To a TCP listener it is a
   * connection of its own, from its start to its answer.
   */
  request(listenerPort: number, request: VirtualRequest): Promise<VirtualAnswer>;
  /** What each load balancer does now, by its ARN: the ground truth that invariants are checked against. */
  readonly configurations: ReadonlyMap<string, PlaneConfiguration>;
}

type Answered = Pick<VirtualAnswer, 'statusCode' | 'body'> & { madeBy: 'target' | 'elb' };
type TargetRoute = Extract<Route, { kind: 'target' }>;

interface VirtualFlight {
  listenerArn: string;
  targetGroupArn: string;
  target: string;
  cut: () => void;
}

interface Model {
  clock: Clock;
  apps: VirtualApps;
  flights: Set<VirtualFlight>;
}

const byElb = (statusCode: number, body = ''): Answered => ({ statusCode, madeBy: 'elb', body });
const RESET: Omit<VirtualAnswer, 'targetGroupArn'> = {
  statusCode: 0,
  madeBy: 'nobody',
  body: 'the connection was reset',
  setCookies: [],
};

export function createVirtualPlane({
  clock,
  random,
  apps,
}: {
  clock: Clock;
  random: Random;
  apps: VirtualApps;
}): VirtualPlane {
  const model: Model = { clock, apps, flights: new Set() };
  const counters = createTrafficCounters();
  const flows = createFlowCounters();
  const routers = new Map<string, Router>();
  const configurations = new Map<string, PlaneConfiguration>();
  const weights = random.fork('virtual-plane');

  const apply = async (configuration: PlaneConfiguration): Promise<void> => {
    const { loadBalancerArn } = configuration;
    refuseTakenPorts(configuration, configurations);
    const router = routers.get(loadBalancerArn) ?? createRouter({ now: clock.now, random: weights });
    router.configure(configuration);
    routers.set(loadBalancerArn, router);
    configurations.set(loadBalancerArn, configuration);
  };

  const request = async (port: number, sent: VirtualRequest): Promise<VirtualAnswer> => {
    const entrance = findEntrance(port, configurations.values());
    if (!entrance) return { ...byElb(502, `nothing listens on port ${port}`), setCookies: [] };
    const { loadBalancerArn } = entrance.configuration;
    const route = routers.get(loadBalancerArn)?.route(port, toRouteRequest(sent)) ?? {
      kind: 'unavailable' as const,
    };
    if (entrance.listener.protocol === 'tcp') return connectAndAsk(model, route, sent, { entrance, flows });
    if (route.kind !== 'target') return answerWithoutTarget(route, loadBalancerArn, counters);
    const startedMs = clock.now();
    const { answer } = await carry(model, route, sent, entrance);
    const { targetGroupArn } = route;
    const responseSeconds = answer.madeBy === 'target' ? (clock.now() - startedMs) / 1000 : undefined;
    counters.count({ loadBalancerArn, targetGroupArn, reachedTarget: true, answer, responseSeconds });
    return { ...answer, targetGroupArn, setCookies: answer.madeBy === 'target' ? route.setCookies : [] };
  };

  const flightsTo = (target: TargetAddress, targetGroupArn?: string): VirtualFlight[] =>
    [...model.flights].filter(
      (flight) =>
        flight.target === addressOf(target) &&
        (targetGroupArn === undefined || flight.targetGroupArn === targetGroupArn),
    );

  return {
    configurations,
    apply,
    request,
    remove: async (loadBalancerArn) => {
      routers.delete(loadBalancerArn);
      configurations.delete(loadBalancerArn);
    },
    probe: (probe) => probeModel(model, probe),
    inFlight: async (target, targetGroupArn) => flightsTo(target, targetGroupArn).length,
    cut: async (target, targetGroupArn) => {
      for (const flight of flightsTo(target, targetGroupArn)) flight.cut();
    },
    closeConnections: async (listenerArn, targetGroupArn) => {
      for (const flight of [...model.flights]) {
        if (flight.listenerArn === listenerArn && flight.targetGroupArn === targetGroupArn) flight.cut();
      }
    },
    takeMetrics: async () => counters.take(),
    takeFlows: async () => flows.take(),
    close: async () => configurations.clear(),
  };
}

/** Where a request comes in. */
interface Entrance {
  configuration: PlaneConfiguration;
  listener: PlaneListener;
}

function findEntrance(port: number, configurations: Iterable<PlaneConfiguration>): Entrance | undefined {
  for (const configuration of configurations) {
    const listener = configuration.listeners.find((one) => one.port === port);
    if (listener) return { configuration, listener };
  }
  return undefined;
}

function refuseTakenPorts(
  next: PlaneConfiguration,
  configurations: ReadonlyMap<string, PlaneConfiguration>,
): void {
  for (const { loadBalancerArn, listeners } of configurations.values()) {
    const taken = listeners.find(({ port }) => next.listeners.some((listener) => listener.port === port));
    if (taken && loadBalancerArn !== next.loadBalancerArn) {
      throw new Error(`port ${taken.port} is taken by a listener of ${loadBalancerArn}`);
    }
  }
}

function toRouteRequest(request: VirtualRequest): RouteRequest {
  const { path, host = '127.0.0.1', method = 'GET', cookies, headers = {} } = request;
  const [bare = '/', query = ''] = path.split('?', 2);
  return {
    method,
    path: bare,
    query,
    host,
    sourceIp: '127.0.0.1',
    header: (name) => (name === 'cookie' ? cookies : headers[name]),
  };
}

function answerWithoutTarget(
  route: Exclude<Route, TargetRoute>,
  loadBalancerArn: string,
  counters: TrafficCounters,
): VirtualAnswer {
  const answer = byElb(
    route.kind === 'unavailable' ? 503 : route.statusCode,
    route.kind === 'fixed-response' ? route.body : '',
  );
  const targetGroupArn = route.kind === 'unavailable' ? route.targetGroupArn : undefined;
  counters.count({ loadBalancerArn, targetGroupArn, reachedTarget: false, answer });
  return { ...answer, targetGroupArn, setCookies: [] };
}

/** A connection of a TCP listener, with one request on it: what an ALB answers with an error is a reset here. */
async function connectAndAsk(
  model: Model,
  route: Route,
  sent: VirtualRequest,
  { entrance, flows }: { entrance: Entrance; flows: FlowCounters },
): Promise<VirtualAnswer> {
  const flow = flows.open(entrance.configuration.loadBalancerArn);
  if (route.kind !== 'target') {
    flow.end('elb');
    return RESET;
  }
  const { answer, brokenBy } = await carry(model, route, sent, entrance);
  if (!brokenBy) flow.moved(Buffer.byteLength(answer.body));
  flow.end(brokenBy);
  return { ...(brokenBy ? RESET : answer), targetGroupArn: route.targetGroupArn, setCookies: [] };
}

interface Carried {
  answer: Answered;
  /** Who broke it off, if the target did not answer. */
  brokenBy?: 'target' | 'elb';
}

const BROKEN_BY_TARGET: Carried = { answer: byElb(502), brokenBy: 'target' };

/** In flight from now until the modelled duration is over, the idle time-out strikes, or somebody cuts it. */
function carry(
  model: Model,
  route: TargetRoute,
  sent: VirtualRequest,
  { listener, configuration: { idleTimeoutSeconds } }: Entrance,
): Promise<Carried> {
  const { clock, apps, flights } = model;
  const { host, port } = route.target;
  const app = apps.at(host, port);
  const response = app?.respond({ path: sent.path, method: sent.method ?? 'GET' });
  if (!app || !response) return Promise.resolve(BROKEN_BY_TARGET);
  return new Promise((resolve) => {
    const settle = (carried: Carried): void => {
      timer?.cancel();
      flights.delete(flight);
      resolve(carried);
    };
    const flight: VirtualFlight = {
      listenerArn: listener.arn,
      targetGroupArn: route.targetGroupArn,
      target: addressOf(route.target),
      cut: () => settle({ answer: byElb(502), brokenBy: 'elb' }),
    };
    flights.add(flight);
    const isTooSlow = response.durationMs > idleTimeoutSeconds * 1000;
    const finish = (): void => {
      if (!holdsPort(apps, app, route.target)) settle(BROKEN_BY_TARGET);
      else if (isTooSlow) settle({ answer: byElb(504), brokenBy: 'elb' });
      else settle({ answer: { ...response, madeBy: 'target' } });
    };
    const delayMs = isTooSlow ? idleTimeoutSeconds * 1000 : response.durationMs;
    const timer = delayMs > 0 ? clock.setTimer(delayMs, finish) : undefined;
    if (!timer) finish();
  });
}

/** A process that died in flight no longer holds its port (or another one does). */
const holdsPort = (apps: VirtualApps, app: VirtualApp, { host, port }: TargetAddress): boolean =>
  apps.at(host, port) === app;

async function probeModel(
  { clock, apps }: Model,
  { target, path, timeoutMs }: HealthProbe,
): Promise<ProbeResult> {
  const app = apps.at(target.host, target.port);
  if (path === undefined)
    return app?.listens() ? { connected: true } : { reason: 'Target.FailedHealthChecks' };
  const response = app?.respond({ path, method: 'GET' });
  if (!app || !response) return { reason: 'Target.FailedHealthChecks' };
  const waitMs = Math.min(response.durationMs, timeoutMs);
  if (waitMs > 0) await new Promise<void>((resolve) => clock.setWallTimer(waitMs, resolve));
  if (response.durationMs > timeoutMs) return { reason: 'Target.Timeout' };
  return holdsPort(apps, app, target)
    ? { statusCode: response.statusCode }
    : { reason: 'Target.FailedHealthChecks' };
}
