/** A small cloud for the tests of ECS: virtual time, a load balancer that probes, an image store, modelled containers. */
import type { Clock } from '../../local/clock/clock.ts';
import { createVirtualClock, type VirtualClock } from '../../local/clock/virtual-clock.ts';
import { createEcs } from '../../local/ecs/index.ts';
import type { EcsParameters } from '../../local/ecs/parameters.ts';
import { DEFAULT_LATENCIES, type Platform, type ServiceEvent } from '../../local/platform.ts';
import { createRandom } from '../../local/random.ts';
import type { LocalImage, TargetRegistry } from '../../local/simulators.ts';
import { createVirtualRunner } from '../../local/tasks/virtual-runner.ts';
import type { EcsApi } from '../../local/wire/models.ts';
import type { Operations } from '../../local/wire/operations.ts';

export const TARGET_GROUP =
  'arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/orders-a/0123456789abcdef';
const PROBE_MS = 5_000;

type Ecs = Required<Operations<typeof EcsApi>>;
type Calls = { [K in keyof Ecs]: (input: Parameters<Ecs[K]>[0]) => Promise<Awaited<ReturnType<Ecs[K]>>> };

export type World = ReturnType<typeof createWorld>;

/** @param clockOfEcs what ECS itself is given in place of the world's clock */
export function createWorld(
  parameters: Partial<EcsParameters> = {},
  seed = 'ecs',
  clockOfEcs: (clock: VirtualClock) => Clock = (clock) => clock,
) {
  const clock = createVirtualClock();
  const events: ServiceEvent[] = [];
  const faults: unknown[] = [];
  const platform: Platform = {
    clock: clockOfEcs(clock),
    random: createRandom(seed),
    latencies: DEFAULT_LATENCIES,
    emit: (event) => events.push({ ...event, timeMs: clock.now() }),
    fault: (error) => faults.push(error),
  };
  const runner = createVirtualRunner(clock);
  const balancer = createBalancer(clock, runner);
  const images = new Map<string, LocalImage>();
  const logs: { group: string; stream: string; line: string }[] = [];
  const ports = {
    targets: balancer.registry,
    images: { resolve: (uri: string) => images.get(uri) },
    runner,
    logs: { append: (group: string, stream: string, line: string) => logs.push({ group, stream, line }) },
    // Rolling deployments ask nothing of these; the native ones have a world of their own.
    rules: { forwardOf: () => undefined, setWeights: () => {} },
    alarms: { stateOf: () => undefined },
    invokeHook: async () => ({ payload: null }),
  };
  const simulator = createEcs(platform, ports, parameters);
  const { operations } = simulator;

  /** Calls as an SDK client would: asynchronously, unknown operations failing by name. */
  const ecs = new Proxy({} as Calls, {
    get: (_, name: string) => async (input: never) => {
      const operation = operations[name as keyof typeof operations] as
        | ((input: never, call: object) => unknown)
        | undefined;
      if (!operation) throw new Error(`no operation ${name}`);
      return operation(input, { caller: 'tester', requestId: 'r-1' });
    },
  });

  const world = {
    clock,
    events,
    faults,
    runner,
    balancer,
    images,
    logs,
    ecs,
    simulator,
    /** Puts an image whose application behaves as the environment says. */
    pushImage(tag: string, environment: Record<string, string> = {}): string {
      const uri = `registry.local/orders:${tag}`;
      const digest = `sha256:${Buffer.from(`${tag}${JSON.stringify(environment)}`)
        .toString('hex')
        .padEnd(64, '0')
        .slice(0, 64)}`;
      images.set(uri, {
        digest,
        command: ['sidestep:sample-app'],
        environment: { VERSION: tag, ...environment },
      });
      return uri;
    },
    /** Registers `orders` with this image, and gives the revision's ARN. */
    async register(image: string, container: Partial<EcsApi.ContainerDefinition> = {}): Promise<string> {
      const containerDefinitions = [
        { name: 'app', image, portMappings: [{ containerPort: 8080 }], ...container },
      ];
      const { taskDefinition } = await ecs.RegisterTaskDefinition({ family: 'orders', containerDefinitions });
      return taskDefinition?.taskDefinitionArn ?? '';
    },
    async pushAndRegister(tag: string, environment: Record<string, string> = {}): Promise<string> {
      return world.register(world.pushImage(tag, environment));
    },
    async createService(
      taskDefinition: string,
      input: Partial<EcsApi.CreateServiceRequest> = {},
    ): Promise<void> {
      await ecs.CreateCluster({ clusterName: 'prod' });
      await ecs.CreateService({
        cluster: 'prod',
        serviceName: 'orders-a',
        taskDefinition,
        desiredCount: 2,
        launchType: 'FARGATE',
        loadBalancers: [{ targetGroupArn: TARGET_GROUP, containerName: 'app', containerPort: 8080 }],
        ...input,
      });
    },
    async update(input: Partial<EcsApi.UpdateServiceRequest>): Promise<EcsApi.Service> {
      const { service } = await ecs.UpdateService({ cluster: 'prod', service: 'orders-a', ...input });
      return service as EcsApi.Service;
    },
    async service(): Promise<EcsApi.Service> {
      const { services = [] } = await ecs.DescribeServices({ cluster: 'prod', services: ['orders-a'] });
      return services[0] as EcsApi.Service;
    },
    async primary(): Promise<EcsApi.Deployment> {
      const { deployments = [] } = await world.service();
      return deployments[0] as EcsApi.Deployment;
    },
    async tasks(desiredStatus: EcsApi.DesiredStatus = 'RUNNING'): Promise<EcsApi.Task[]> {
      const { taskArns = [] } = await ecs.ListTasks({ cluster: 'prod', desiredStatus });
      if (taskArns.length === 0) return [];
      return (await ecs.DescribeTasks({ cluster: 'prod', tasks: taskArns })).tasks ?? [];
    },
    async runMs(ms: number): Promise<void> {
      let isOver = false;
      clock.setTimer(ms, () => {
        isOver = true;
      });
      await clock.run(() => isOver, ms);
    },
    /** Runs until an event of this name was emitted since the call; fails after an hour. */
    async untilEvent(name: string): Promise<ServiceEvent> {
      let seen = events.length;
      let found: ServiceEvent | undefined;
      const look = (): boolean => {
        while (!found && seen < events.length)
          found = [events[seen++]].find((event) => event?.detail.eventName === name);
        return found !== undefined;
      };
      await clock.run(look, 3_600_000);
      if (!found) throw new Error(`no ${name} within an hour`);
      return found;
    },
    /** Runs until this holds; fails after an hour. */
    async until(condition: () => boolean): Promise<void> {
      if (!(await clock.run(condition, 3_600_000))) throw new Error(`not within an hour: ${condition}`);
    },
    eventsOf: (detailType: string) => events.filter((event) => event.detailType === detailType),
  };
  return world;
}

/** A load balancer with one target group: probes /health, drains for a delay, and says what it sees. */
function createBalancer(
  clock: ReturnType<typeof createVirtualClock>,
  runner: ReturnType<typeof createVirtualRunner>,
) {
  const targets = new Map<number, string>();
  const listeners = new Set<(targetGroupArn: string, target: { id: string; port: number }) => void>();
  const balancer = {
    drainMs: 30_000,
    /** Ports whose probes fail whatever the application answers. */
    answersBadly: (_port: number): boolean => false,
    /** Everything that was done to targets, in order. */
    log: [] as { atMs: number; what: string; port: number }[],
    states: targets,
    registry: {
      register: (_, { port }) => {
        note('register', port);
        enter(port, 'initial');
        probe(port);
      },
      deregister: (_, { port }) => {
        if (!targets.has(port)) return;
        note('deregister', port);
        enter(port, 'draining');
        clock.setTimer(balancer.drainMs, () => {
          note('unused', port);
          enter(port, undefined);
        });
      },
      healthOf: (_, { port }) => {
        const state = targets.get(port) ?? 'unused';
        const isBad = state === 'unhealthy';
        return {
          state,
          ...(isBad
            ? {
                reason: 'Target.ResponseCodeMismatch',
                description: 'Health checks failed with these codes: [500]',
              }
            : {}),
        };
      },
      onChange: (changed) => {
        listeners.add(changed);
        return () => listeners.delete(changed);
      },
    } satisfies TargetRegistry as TargetRegistry,
  };
  const note = (what: string, port: number): void => {
    balancer.log.push({ atMs: clock.now(), what, port });
  };
  function enter(port: number, state: string | undefined): void {
    if (targets.get(port) === state) return;
    if (state === undefined) targets.delete(port);
    else targets.set(port, state);
    for (const changed of listeners) changed(TARGET_GROUP, { id: '127.0.0.1', port });
  }
  function probe(port: number): void {
    clock.setTimer(PROBE_MS, () => {
      const state = targets.get(port);
      if (state === undefined || state === 'draining') return;
      const answer = runner.at('127.0.0.1', port)?.respond({ path: '/health', method: 'GET' });
      enter(port, answer?.statusCode === 200 && !balancer.answersBadly(port) ? 'healthy' : 'unhealthy');
      probe(port);
    });
  }
  return balancer;
}
