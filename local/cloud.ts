/** The local cloud: every simulator behind one endpoint, on one clock and one seed, in either of its two modes. */
import { type AutoScalingSimulator, createAutoScaling } from './autoscaling/index.ts';
import type { Clock } from './clock/clock.ts';
import { type CloudWatchSimulator, createCloudWatch } from './cloudwatch/index.ts';
import type { DataPlane } from './dataplane/data-plane.ts';
import { createDeliver } from './deliver.ts';
import { createDynamoDb } from './dynamodb/index.ts';
import { createEcr } from './ecr/index.ts';
import { createEcs } from './ecs/index.ts';
import { createElbv2 } from './elbv2/index.ts';
import { createEventBridge, type EventBridgeSimulator } from './eventbridge/index.ts';
import { createIam } from './iam/index.ts';
import type { FunctionHost } from './lambda/function-host.ts';
import { createLambda, type LambdaSimulator } from './lambda/index.ts';
import { createLateHost } from './lambda/late-host.ts';
import { createLogs } from './logs/index.ts';
import { DEFAULT_LATENCIES, type Latencies, type Platform } from './platform.ts';
import type { Random } from './random.ts';
import { createScheduler, type SchedulerSimulator } from './scheduler/index.ts';
import type { LogSink } from './simulators.ts';
import { createSns } from './sns/index.ts';
import { createSqs } from './sqs/index.ts';
import { createSsm } from './ssm/index.ts';
import { createStepFunctions, type StepFunctionsSimulator } from './states/index.ts';
import { recordExecutionMetrics } from './states-metrics.ts';
import { createSts } from './sts/index.ts';
import { createMachines, type Machines } from './tasks/machines.ts';
import type { TaskRunner } from './tasks/task-runner.ts';
import { createEndpoint } from './wire/create-endpoint.ts';
import type { Endpoint } from './wire/endpoint.ts';
import type { ServiceScope } from './wire/services.ts';
import { type Enforcement, enforcePolicies } from './wiring/iam/enforce.ts';
import { judge } from './wiring/iam/judge.ts';
import { createRoles, type Roles } from './wiring/iam/roles.ts';
import { type DeployedAssembly, deployAssembly } from './wiring/index.ts';

export interface LocalCloudOptions {
  clock: Clock;
  random: Random;
  /** What differs from the default latencies. */
  latencies?: Partial<Latencies>;
  runner: TaskRunner;
  plane: DataPlane;
  /** Makes the host of the functions, once the endpoint that they call exists. */
  functionHost(ports: { endpoint: Endpoint; logs: LogSink }): FunctionHost | Promise<FunctionHost>;
  /** Told of each failure of background work; they are kept in {@link LocalCloud.faults} too. */
  onFault?: (error: unknown) => void;
}

export interface LocalCloud {
  readonly clock: Clock;
  readonly random: Random;
  readonly endpoint: Endpoint;
  /** The simulators by credential scope, for the list of what is supported. */
  readonly services: { readonly [scope in ServiceScope]?: { readonly operations: object } };
  readonly autoscaling: AutoScalingSimulator;
  readonly events: EventBridgeSimulator;
  readonly scheduler: SchedulerSimulator;
  readonly states: StepFunctionsSimulator;
  readonly lambda: LambdaSimulator;
  readonly cloudwatch: CloudWatchSimulator;
  /** Starts processes that are no tasks, by the same runner. */
  readonly machines: Machines;
  /** The roles of what was deployed, and what they grant. */
  readonly roles: Roles;
  /** Failures of background work: bugs of the local cloud, unless a fault was injected. */
  readonly faults: readonly unknown[];
  /** Creates the resources of a CDK cloud assembly (a `cdk.out`), and loads its functions. @throws Error see deployAssembly */
  deploy(directory: string): Promise<DeployedAssembly>;
  /** From now on functions may do only what their roles grant; people may do everything. */
  enforcePolicies(): Enforcement;
  /** Stops everything, the given runner and plane included. */
  close(): Promise<void>;
}

/** Composes the simulators. Nothing listens on a port yet, and nothing is in them. */
export async function createLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const { clock, random, runner, plane } = options;
  const faults = createFaults(options.onFault);
  const latencies = { ...DEFAULT_LATENCIES, ...options.latencies };
  const ground = { clock, random, latencies, fault: faults.add };

  const deliver = createDeliver(() => ({ autoscaling, lambda, states, sns, sqs }));
  const events = createEventBridge(ground, { deliver });
  const platform: Platform = {
    ...ground,
    emit: (event) => {
      recordExecutionMetrics(event, cloudwatch.metrics);
      events.emit(event);
    },
  };

  const host = createLateHost();
  const sqs = createSqs(platform);
  const sns = createSns(platform, { deliver });
  const cloudwatch = createCloudWatch(platform, { deliver });
  const logs = createLogs(platform, { metrics: cloudwatch.metrics });
  const dynamodb = createDynamoDb(platform);
  const lambda = createLambda(platform, {
    host,
    deliver,
    metrics: cloudwatch.metrics,
    streams: dynamodb.streams,
  });
  const states = createStepFunctions(platform, { invokeFunction: lambda.invoke });
  const ssm = createSsm(platform);
  const ecr = createEcr(platform);
  const elbv2 = createElbv2(platform, { plane, metrics: cloudwatch.metrics });
  const ecs = createEcs(platform, {
    targets: elbv2.targets,
    rules: elbv2.rules,
    alarms: cloudwatch.alarms,
    invokeHook: lambda.invoke,
    images: ecr.images,
    runner,
    logs: logs.sink,
  });
  const autoscaling = createAutoScaling(platform, { ecs: ecs.operations });

  const roles = createRoles();
  const scheduler = createScheduler(platform, {
    deliver,
    may: (roleArn, requirement) => judge(roles.find(roleArn)?.statements ?? [], requirement).allowed,
  });

  const services = {
    'application-autoscaling': autoscaling,
    dynamodb,
    ecr,
    ecs,
    elasticloadbalancing: elbv2,
    events,
    iam: createIam(platform, { roles }),
    lambda,
    logs,
    monitoring: cloudwatch,
    scheduler,
    sns,
    sqs,
    ssm,
    states,
    sts: createSts(platform),
  };
  const endpoint = await createEndpoint({
    clock,
    random,
    services,
    pages: [lambda.urls],
    fault: faults.add,
  });
  host.bind(await options.functionHost({ endpoint, logs: logs.sink }));

  const target = {
    dynamodb: dynamodb.operations,
    events: events.operations,
    lambda: lambda.operations,
    logs: logs.operations,
    monitoring: cloudwatch.operations,
    scheduler: scheduler.operations,
    sns: sns.operations,
    sqs: sqs.operations,
    ssm: ssm.operations,
    states: states.operations,
    roles,
    registerFunction: lambda.register,
  };

  return {
    clock,
    random,
    endpoint,
    services,
    autoscaling,
    events,
    scheduler,
    states,
    lambda,
    cloudwatch,
    machines: createMachines({ runner, logs: logs.sink }),
    roles,
    faults: faults.all,
    async deploy(directory) {
      const deployed = await deployAssembly(target, directory);
      await lambda.warmUp();
      return deployed;
    },
    enforcePolicies: () =>
      enforcePolicies(endpoint, (caller) => {
        const found = lambda.functions().find(({ functionName }) => functionName === caller);
        return found && roles.find(found.roleArn);
      }),
    async close() {
      faults.close();
      for (const simulator of [autoscaling, events, scheduler, states, cloudwatch, ecs, elbv2])
        simulator.close();
      await Promise.all([lambda.close(), runner.close()]);
      await plane.close();
    },
  };
}

/** Collects failures until the cloud is closed: what fails then only misses what is already gone. */
function createFaults(onFault: (error: unknown) => void = () => {}) {
  const all: unknown[] = [];
  let closed = false;
  return {
    all,
    add(error: unknown) {
      if (closed) return;
      all.push(error);
      onFault(error);
    },
    close() {
      closed = true;
    },
  };
}
