/** A load balancer in virtual time: applications that answer as told, two target groups, one listener. */
import { createVirtualClock, type VirtualClock } from '../../local/clock/virtual-clock.ts';
import type { PlaneCall } from '../../local/dataplane/proxy/protocol.ts';
import { createVirtualPlane, type VirtualPlane } from '../../local/dataplane/virtual-plane.ts';
import { createElbv2, type Elbv2Options, type Elbv2Simulator } from '../../local/elbv2/index.ts';
import { DEFAULT_LATENCIES, type Platform } from '../../local/platform.ts';
import { createRandom } from '../../local/random.ts';
import type { MetricSink } from '../../local/simulators.ts';
import type { VirtualApp } from '../../local/tasks/virtual-apps.ts';
import type { Call } from '../../local/wire/operations.ts';

export const LISTENER_PORT = 8080;
export const CALL: Call = { caller: 'test', requestId: 'request' };
export const HOST = '10.0.0.1';

type Sdk = Elbv2Simulator['operations'];
type Operation = keyof Sdk;
type Input<Name extends Operation> = Parameters<NonNullable<Sdk[Name]>>[0];
type Output<Name extends Operation> = Awaited<ReturnType<NonNullable<Sdk[Name]>>>;

export interface World {
  clock: VirtualClock;
  plane: VirtualPlane;
  elbv2: Elbv2Simulator;
  /** Applications by port; each may be changed while it runs. */
  apps: Map<number, { statusCode: number; durationMs: number }>;
  metrics: Map<string, number[]>;
  faults: unknown[];
  /** How often the plane was called. */
  planeCalls: Map<PlaneCall, number>;
  call<Name extends Operation>(name: Name, input: Input<Name>): Promise<Output<Name>>;
  /** Lets cloud time pass. */
  pass(ms: number): Promise<void>;
  /** Runs until a condition holds, at most `limitMs`. */
  until(holds: () => boolean, limitMs?: number): Promise<boolean>;
  stateOf(group: string, port: number): string;
  /** Sends requests, and counts the ports that answered (or the load balancer's own status codes). */
  send(count: number): Promise<Record<string, number>>;
}

/** @param options `applyMs`: how long the plane takes to have a configuration. */
export function createWorld(options?: Elbv2Options & { seed?: string; applyMs?: number }): World {
  const clock = createVirtualClock();
  const faults: unknown[] = [];
  const apps: World['apps'] = new Map();
  const models = new Map<number, VirtualApp>();
  const modelOf = (port: number): VirtualApp | undefined => {
    const model = models.get(port) ?? { listens: () => apps.has(port), respond: () => respond(port) };
    models.set(port, model);
    return apps.has(port) ? model : undefined;
  };
  const respond = (port: number) => {
    const app = apps.get(port);
    return app && { ...app, body: String(port) };
  };
  const random = createRandom(options?.seed ?? 'elbv2');
  const platform: Platform = {
    clock,
    random,
    latencies: { ...DEFAULT_LATENCIES },
    emit: () => {},
    fault: (error) => faults.push(error),
  };
  const plane = createVirtualPlane({ clock, random, apps: { at: (_host, port) => modelOf(port) } });
  const planeCalls = new Map<PlaneCall, number>();
  const { metrics, sink } = recordMetrics();
  const elbv2 = createElbv2(
    platform,
    { plane: countCalls(slowDown(plane, clock, options?.applyMs), planeCalls), metrics: sink },
    options,
  );
  const call: World['call'] = async (name, input) => {
    const operation = elbv2.operations[name] as ((input: unknown, call: Call) => unknown) | undefined;
    if (!operation) throw new Error(`${name} is not implemented`);
    return (await operation(input, CALL)) as never;
  };
  return {
    clock,
    plane,
    elbv2,
    apps,
    metrics,
    faults,
    planeCalls,
    call,
    pass: async (ms) => {
      let hasPassed = false;
      clock.setTimer(ms, () => {
        hasPassed = true;
      });
      await clock.run(() => hasPassed, ms);
    },
    until: (holds, limitMs = 3_600_000) => clock.run(holds, limitMs),
    stateOf: (group, port) => {
      const { state, reason } = elbv2.targets.healthOf(group, { id: HOST, port });
      return reason ? `${state} ${reason}` : state;
    },
    send: async (count) => {
      const answers = await Promise.all(
        Array.from({ length: count }, () => plane.request(LISTENER_PORT, { path: '/' })),
      );
      const counts: Record<string, number> = {};
      for (const { madeBy, body, statusCode } of answers) {
        const key = madeBy === 'target' ? body : String(statusCode);
        counts[key] = (counts[key] ?? 0) + 1;
      }
      return counts;
    },
  };
}

function slowDown(plane: VirtualPlane, clock: VirtualClock, applyMs = 0): VirtualPlane {
  const apply: VirtualPlane['apply'] = async (configuration) => {
    await clock.sleep(applyMs);
    await plane.apply(configuration);
  };
  return applyMs > 0 ? { ...plane, apply } : plane;
}

function countCalls(plane: VirtualPlane, calls: Map<PlaneCall, number>): VirtualPlane {
  return new Proxy(plane, {
    get: (of, name: PlaneCall) => {
      const method = of[name];
      if (typeof method !== 'function') return method;
      return (...args: never[]) => {
        calls.set(name, (calls.get(name) ?? 0) + 1);
        return (method as (...given: never[]) => unknown)(...args);
      };
    },
  });
}

function recordMetrics(): { metrics: World['metrics']; sink: MetricSink } {
  const metrics: World['metrics'] = new Map();
  const sink: MetricSink = {
    record: (namespace, metric, dimensions, values) => {
      const key = [namespace, metric, ...Object.keys(dimensions)].join(' ');
      metrics.set(key, [...(metrics.get(key) ?? []), ...values]);
    },
  };
  return { metrics, sink };
}

/** A load balancer whose default rule forwards all to `blue`; `green` is on no rule. */
export async function createShop(options?: Parameters<typeof createWorld>[0]) {
  const world = createWorld(options);
  const { call } = world;
  const lb = (await call('CreateLoadBalancer', { Name: 'web' })).LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const [blue, green] = [await makeGroup(world, 'blue'), await makeGroup(world, 'green')];
  const creating = call('CreateListener', {
    LoadBalancerArn: lb,
    Protocol: 'HTTP',
    Port: LISTENER_PORT,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: blue }],
  });
  let created: Awaited<typeof creating> = {};
  void creating.then((output) => {
    created = output;
  });
  await world.until(() => created.Listeners !== undefined, 10_000);
  const listener = created.Listeners?.[0]?.ListenerArn ?? '';
  const shift = (weights: Record<string, number>) =>
    call('ModifyListener', { ListenerArn: listener, DefaultActions: [forward(weights)] });
  return { ...world, lb, blue, green, listener, shift };
}

export async function makeGroup({ call }: World, name: string): Promise<string> {
  const input = {
    Name: name,
    Protocol: 'HTTP',
    Port: 80,
    TargetType: 'ip',
    HealthCheckIntervalSeconds: 10,
  } as const;
  return (await call('CreateTargetGroup', input)).TargetGroups?.[0]?.TargetGroupArn ?? '';
}

export const forward = (weights: Record<string, number>) => ({
  Type: 'forward' as const,
  ForwardConfig: {
    TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
  },
});
