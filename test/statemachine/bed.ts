/** A whole Sidestep on the virtual clock: the user's world, the synthesized stack, and hands to push, look and meddle. */

import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DescribeServicesCommand, type Service } from '@aws-sdk/client-ecs';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { functionUrl } from '../../lambdas/aws/function-url.ts';
import type { Deployment } from '../../lambdas/common/deployment.ts';
import { lambdaRuntime, type Runtime } from '../../lambdas/common/runtime.ts';
import type { ServiceConfiguration } from '../../lambdas/common/service.ts';
import { localArn } from '../../local/arns.ts';
import { createVirtualCloud, type VirtualCloud } from '../../local/virtual.ts';
import {
  type Clients,
  createClients,
  createWorld,
  type PushedImage,
  pushImage,
  type World,
  type WorldOptions,
} from '../../local/world/index.ts';
import { type ObservedSides, observeSides } from '../../local/world/observe.ts';
import { assemblyOf } from '../assembly.ts';

const STATE_MACHINE_ARN = localArn('states', 'stateMachine:sidestep-deploy');
const SIGNAL_URL = '/lambda-url/sidestep-signal-deployment/';
/** Longer than anything that a test waits for: a day of cloud time. */
const PATIENCE_MS = 86_400_000;

export interface BedOptions {
  seed?: string;
  world?: WorldOptions;
  /** Changes to the service of the example, as sidestep.yaml writes them: the stack is synthesized with them. */
  service?: Record<string, unknown>;
  /** Services beside it, as sidestep.yaml writes them. */
  others?: Record<string, unknown>;
  /** Changes to the service's configuration as CDK wrote it. */
  configuration?: Partial<ServiceConfiguration>;
  /** Whether roles are enforced. False only where a test changes ARNs that the stack's roles were made for. */
  isEnforced?: boolean;
}

export interface Execution {
  readonly executionArn: string;
  readonly status: string;
  readonly error?: string;
  readonly cause?: string;
  readonly output?: unknown;
}

export interface Bed {
  readonly cloud: VirtualCloud;
  readonly clients: Clients;
  readonly world: World;
  /** What the roles grant, and what of it was used; absent if they are not enforced. */
  readonly enforcement: ReturnType<VirtualCloud['enforcePolicies']> | undefined;
  /** Changes the service's configuration, as another `cdk deploy` would. */
  configure(configuration: Partial<ServiceConfiguration>, service?: string): Promise<void>;
  /** Pushes `orders:tag`; its environment says how the version behaves. */
  push(tag: string, environment?: Record<string, string>): Promise<PushedImage>;
  /** Starts the machine as a person does in the console. */
  start(input: object, name?: string): Promise<string>;
  /** Says a person's word, by the function's URL, as `caller`. @returns what was answered: if it was refused, `{errorType, errorMessage}` */
  signal(signal: string, more?: object, caller?: string): Promise<Record<string, unknown>>;
  /** Lets time pass until the condition, asked each second, holds. @throws Error if it does not within a day */
  until(condition: () => Promise<boolean>, what: string): Promise<void>;
  /** Lets `seconds` pass. */
  pass(seconds: number): Promise<void>;
  /** Lets time pass until `count` executions have ended and none runs. */
  untilEnded(count?: number): Promise<Execution[]>;
  /** All executions, in order of their start. */
  executions(): Promise<Execution[]>;
  /** Task failures of an execution, with the state that they hit. */
  failuresOf(executionArn: string): Promise<{ state: string; error: string }[]>;
  /** Names of the states that an execution entered, in order. */
  statesOf(executionArn: string): Promise<string[]>;
  /**
   * Lets time pass until some execution enters the state, or, given `nth`, until it was entered so often, the past included.
   * @returns that execution's ARN
   */
  untilState(name: string, nth?: number): Promise<string>;
  /** Stops the next execution that enters the state, the moment it does. @returns once it has been stopped */
  stopIn(state: string): Promise<void>;
  /** All records, in order of their start. */
  deployments(service?: string): Promise<Deployment[]>;
  items(partition: string): Promise<Record<string, unknown>[]>;
  sides(): Promise<ObservedSides>;
  /** The ECS service's running revision and counts. */
  service(name: string): Promise<Service>;
  close(): Promise<void>;
}

/** Makes the bed and waits until v1 serves on as many healthy targets as it should. */
export async function makeBed({
  seed = 'bed',
  world: worldOptions = {},
  service,
  others,
  configuration,
  isEnforced = true,
}: BedOptions = {}): Promise<Bed> {
  const cloud = await createVirtualCloud({ seed });
  const clients = createClients(cloud.clientConfiguration('person'));
  const sfn = new SFNClient(cloud.clientConfiguration('person'));
  const ssm = new SSMClient(cloud.clientConfiguration('person'));
  const dynamodb = new DynamoDBClient(cloud.clientConfiguration('person'));
  const world = await createWorld(clients, worldOptions, cloud.machines);
  await cloud.deploy(await assemblyOf(service, others));
  // Each function may do what its role grants and nothing else: every test here is one of least privilege too.
  const enforcement = isEnforced ? cloud.enforcePolicies() : undefined;
  if (configuration) await configure(configuration);

  const entered: { executionArn: string; name: string }[] = [];
  const running = new Set<string>();
  let endedCount = 0;
  cloud.states.onHistoryEvent((executionArn, { type = '', stateEnteredEventDetails }) => {
    if (stateEnteredEventDetails?.name) entered.push({ executionArn, name: stateEnteredEventDetails.name });
    if (type === 'ExecutionStarted') running.add(executionArn);
    else if (/^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(type)) {
      running.delete(executionArn);
      endedCount += 1;
    }
  });

  /** What a person's own command line calls with. */
  const runtimeOf = (caller: string): Runtime => ({
    ...lambdaRuntime(),
    now: () => cloud.clock.now(),
    clientConfiguration: cloud.clientConfiguration(caller),
  });

  async function configure(configuration: Partial<ServiceConfiguration>, service = 'orders'): Promise<void> {
    const Name = `/sidestep/services/${service}`;
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
    const Value = JSON.stringify({ ...JSON.parse(Parameter?.Value ?? '{}'), ...configuration });
    await ssm.send(new PutParameterCommand({ Name, Value, Overwrite: true }));
  }

  async function run(until: () => boolean, what: string): Promise<void> {
    if (!(await cloud.clock.run(until, PATIENCE_MS)))
      throw new Error(`${what}: not within a day of cloud time`);
  }

  async function pass(seconds: number): Promise<void> {
    let passed = false;
    cloud.clock.setTimer(seconds * 1000, () => {
      passed = true;
    });
    await run(() => passed, `${seconds} s to pass`);
  }

  async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
    const endMs = cloud.clock.now() + PATIENCE_MS;
    while (!(await condition())) {
      if (cloud.clock.now() >= endMs) throw new Error(`${what}: not within a day of cloud time`);
      await pass(1);
    }
  }

  async function executions(): Promise<Execution[]> {
    const { executions = [] } = await sfn.send(
      new ListExecutionsCommand({ stateMachineArn: STATE_MACHINE_ARN }),
    );
    const described = executions.map(({ executionArn }) =>
      sfn.send(new DescribeExecutionCommand({ executionArn })),
    );
    return (await Promise.all(described))
      .reverse()
      .map(({ executionArn = '', status = '', error, cause, output }) => ({
        executionArn,
        status,
        error,
        cause,
        output: output === undefined ? undefined : JSON.parse(output),
      }));
  }

  async function items(partition: string): Promise<Record<string, unknown>[]> {
    const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: TableNames[0] }));
    return Items.map((item) => unmarshall(item)).filter(({ pk }) => pk === partition);
  }

  const bed: Bed = {
    configure,
    cloud,
    clients,
    world,
    enforcement,
    push: (tag, environment = {}) => pushImage(clients, { repository: 'orders', tag, environment }),
    async start(input, name) {
      const { executionArn = '' } = await sfn.send(
        new StartExecutionCommand({ stateMachineArn: STATE_MACHINE_ARN, input: JSON.stringify(input), name }),
      );
      return executionArn;
    },
    async signal(signal, more = {}, caller = 'ada') {
      const { body } = await functionUrl(runtimeOf(caller), SIGNAL_URL).post({
        service: 'orders',
        signal,
        ...more,
      });
      return body as Record<string, unknown>;
    },
    until,
    pass,
    async untilEnded(count = 1) {
      await run(() => endedCount >= count && running.size === 0, `${count} executions to end`);
      return executions();
    },
    executions,
    async failuresOf(executionArn) {
      const { events = [] } = await sfn.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
      );
      let state = '';
      return events.flatMap(({ stateEnteredEventDetails, taskFailedEventDetails }) => {
        state = stateEnteredEventDetails?.name ?? state;
        return taskFailedEventDetails ? [{ state, error: taskFailedEventDetails.error ?? '' }] : [];
      });
    },
    async statesOf(executionArn) {
      const { events = [] } = await sfn.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
      );
      return events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
    },
    async stopIn(state) {
      let stopped = false;
      const unsubscribe = cloud.states.onHistoryEvent((executionArn, { stateEnteredEventDetails }) => {
        if (stateEnteredEventDetails?.name !== state) return;
        unsubscribe();
        void sfn.send(new StopExecutionCommand({ executionArn })).then(() => {
          stopped = true;
        });
      });
      await run(() => stopped, `state ${state}`);
    },
    async untilState(name, nth) {
      const from = nth === undefined ? entered.length : 0;
      const found = () => entered.slice(from).filter((one) => one.name === name)[(nth ?? 1) - 1];
      await run(() => found() !== undefined, `state ${name}`);
      return found()?.executionArn ?? '';
    },
    async deployments(service = 'orders') {
      const records = (await items(`service#${service}`)).filter(({ sk }) =>
        String(sk).startsWith('deployment#'),
      );
      return (records as unknown as Deployment[]).sort((a, b) => a.startedAtMs - b.startedAtMs);
    },
    items,
    sides: () => observeSides(clients, world),
    async service(name) {
      const { services = [] } = await clients.ecs.send(
        new DescribeServicesCommand({ cluster: 'prod', services: [name] }),
      );
      return services[0] ?? {};
    },
    async close() {
      for (const client of [clients, { close: () => sfn.destroy() }]) client.close();
      await cloud.close();
    },
  };
  const { blueCount = 2, balanced = true } = worldOptions;
  const isServing = async (): Promise<boolean> => {
    const [a] = await bed.sides();
    // Nobody checks the tasks of a consumer: ECS calls its deployment complete when they have run for a while.
    return balanced ? a.healthyCount === blueCount : a.isRolledOut === true;
  };
  await until(isServing, 'v1 to serve');
  return bed;
}
