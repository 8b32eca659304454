/** A whole Sidestep on the virtual clock, as a plan describes it, with a person's hands to push and look. */

import { ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateRuleCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeExecutionCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Deployment } from '../../lambdas/common/deployment.ts';
import { localArn } from '../../local/arns.ts';
import type { Model } from '../../local/tasks/virtual-runner.ts';
import { createVirtualCloud, type VirtualCloud } from '../../local/virtual.ts';
import { type Clients, createClients, createWorld, type World } from '../../local/world/index.ts';
import { observeSides } from '../../local/world/observe.ts';
import type { Plan } from './plan.ts';

export const PERSON = 'person';
const STATE_MACHINE_ARN = localArn('states', 'stateMachine:sidestep-deploy');

export interface Lock {
  readonly deploymentId: string;
  readonly executionArn: string;
  readonly recoveryCount: number;
  readonly heldBecause?: string;
}

export interface Execution {
  readonly executionArn: string;
  readonly status: string;
  readonly error?: string;
  readonly cause?: string;
  readonly input: Record<string, unknown>;
  readonly output?: { outcome?: string; queued?: boolean; reason?: string };
}

/** What is in the table now. */
export interface Table {
  readonly locks: readonly Lock[];
  readonly waits: readonly Record<string, unknown>[];
  readonly waiting: readonly { deploymentId: string; digest: string }[];
  /** In order of their start. */
  readonly deployments: readonly Deployment[];
}

export interface Setting {
  readonly plan: Plan;
  readonly cloud: VirtualCloud;
  readonly clients: Clients;
  readonly world: World;
  /** The rule or listener whose weights a deployment writes. */
  readonly productionPlaceArn: string;
  table(): Promise<Table>;
  executions(): Promise<Execution[]>;
  /** Bodies of the messages that no function could handle, as far as one receive gives them. */
  deadLetters(): Promise<string[]>;
  close(): Promise<void>;
}

export interface SettingOptions {
  /** The cloud assembly to deploy. */
  readonly assembly: string;
  /** Application models, by command. */
  readonly models: Readonly<Record<string, Model>>;
}

/** Makes the world and waits until v1 serves. */
export async function makeSetting(plan: Plan, { assembly, models }: SettingOptions): Promise<Setting> {
  const cloud = await createVirtualCloud({ seed: plan.seed, latencies: plan.latencies, runner: { models } });
  const configuration = cloud.clientConfiguration(PERSON);
  const clients = createClients(configuration);
  const world = await createWorld(clients, plan.world, cloud.machines);
  await createForeignRule(clients, world);
  await cloud.deploy(assembly);
  const byListener = plan.world.placement === 'listener';
  // Roles are made for the example's rule: they would refuse the listener.
  if (!byListener) cloud.enforcePolicies();
  await configure(configuration, {
    ...plan.configuration,
    ...(byListener && { traffic: { listener: world.productionListenerArn, testRule: world.testRuleArn } }),
  });
  const productionPlaceArn = world.productionRuleArn ?? world.productionListenerArn;
  const setting = { plan, cloud, clients, world, productionPlaceArn, ...handsOf(clients, configuration) };
  await untilServing(setting);
  return { ...setting, close: () => close(setting) };
}

/** A rule of somebody else's on the same listener, that must stay as it is. */
async function createForeignRule({ elbv2 }: Clients, { productionListenerArn }: World): Promise<void> {
  await elbv2.send(
    new CreateRuleCommand({
      ListenerArn: productionListenerArn,
      Priority: 5,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/legacy/*'] } }],
      Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '410' } }],
    }),
  );
}

async function configure(configuration: object, changes: object): Promise<void> {
  const ssm = new SSMClient(configuration);
  const Name = '/sidestep/services/orders';
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
  const Value = JSON.stringify({ ...JSON.parse(Parameter?.Value ?? '{}'), ...changes });
  await ssm.send(new PutParameterCommand({ Name, Value, Overwrite: true }));
}

function handsOf(clients: Clients, configuration: object) {
  const sqs = new SQSClient(configuration);
  return {
    async table(): Promise<Table> {
      const { TableNames = [] } = await clients.dynamodb.send(new ListTablesCommand({}));
      const { Items = [] } = await clients.dynamodb.send(new ScanCommand({ TableName: TableNames[0] }));
      const items = Items.map((item) => unmarshall(item));
      const of = <T>(pk: string): T[] => items.filter((item) => item.pk === pk) as T[];
      const deployments = of<Deployment & { sk: string }>('service#orders')
        .filter(({ sk }) => sk.startsWith('deployment#'))
        .sort((a, b) => a.startedAtMs - b.startedAtMs);
      return { locks: of('locks'), waits: of('waits'), waiting: of('waiting'), deployments };
    },
    async executions(): Promise<Execution[]> {
      const { executions = [] } = await clients.sfn.send(
        new ListExecutionsCommand({ stateMachineArn: STATE_MACHINE_ARN, maxResults: 1_000 }),
      );
      const described: Execution[] = [];
      for (const { executionArn } of executions.reverse()) {
        const {
          status = '',
          error,
          cause,
          input,
          output,
        } = await clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
        described.push({
          executionArn: executionArn ?? '',
          status,
          error,
          cause,
          input: JSON.parse(input ?? '{}'),
          output: output === undefined ? undefined : JSON.parse(output),
        });
      }
      return described;
    },
    async deadLetters(): Promise<string[]> {
      const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
      const [QueueUrl] = QueueUrls;
      if (!QueueUrl) return [];
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
      );
      if (Number(Attributes?.ApproximateNumberOfMessages ?? 0) === 0) return [];
      const bodies: string[] = [];
      for (let round = 0; round < 100; round += 1) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 3_600 }),
        );
        if (Messages.length === 0) break;
        bodies.push(...Messages.map(({ Body = '' }) => Body));
      }
      return bodies;
    },
  };
}

const BOOT_LIMIT_MS = 600_000;
/** Longer than a rule takes to come into effect. */
const SETTLE_MS = 10_000;

async function untilServing({ plan, cloud, clients, world }: Omit<Setting, 'close'>): Promise<void> {
  const { blueCount = 2 } = plan.world;
  for (let seconds = 0; seconds < BOOT_LIMIT_MS / 1_000; seconds += 1) {
    const [blue] = await observeSides(clients, world);
    if (blue.healthyCount === blueCount && seconds * 1_000 > SETTLE_MS) return;
    await pass(cloud, 1_000);
  }
  throw new Error(`v1 does not serve within ${BOOT_LIMIT_MS} ms of cloud time`);
}

/** Lets time pass; `each` is called after every event. */
export async function pass(cloud: VirtualCloud, ms: number, each: () => void = () => {}): Promise<void> {
  let passed = false;
  cloud.clock.setTimer(ms, () => {
    passed = true;
  });
  await cloud.clock.run(() => {
    each();
    return passed;
  }, ms + 1);
}

async function close({ clients, cloud }: Omit<Setting, 'close'>): Promise<void> {
  clients.close();
  await cloud.close();
}
