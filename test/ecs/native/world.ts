/** A whole virtual cloud with one native service, and a lifecycle hook's function that answers as a test says. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  ContinueServiceDeploymentCommand,
  DeleteServiceCommand,
  type DeploymentLifecycleHook,
  type DeploymentLifecycleHookStage,
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  type Service,
  type ServiceDeployment,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import {
  type Action,
  DescribeRulesCommand,
  ModifyRuleCommand,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { onTestFinished } from 'vitest';
import { localArn } from '../../../local/arns.ts';
import type { EventEnvelope } from '../../../local/eventbridge/envelope.ts';
import { createVirtualCloud } from '../../../local/virtual.ts';
import { createClients, createWorld, pushImage, type WorldOptions } from '../../../local/world/index.ts';
import { CLUSTER, SERVICE } from '../../../local/world/names.ts';
import { observeSides } from '../../../local/world/observe.ts';

const HOOK = 'lifecycle-hook';
export const MANUAL_ALARM = 'manual';
export const HOOK_ARN = localArn('lambda', `function:${HOOK}`);
const PATIENCE_MS = 3_600_000;
const TERMINAL = ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'];

export interface HookEvent {
  executionId: string;
  lifecycleStage: string;
  resourceArn: string;
  hookDetails: Record<string, unknown>;
  executionDetails: {
    serviceArn: string;
    targetServiceRevisionArn: string;
    testTrafficWeights: Record<string, number>;
    productionTrafficWeights: Record<string, number>;
  };
}

/** What the hook's function does: returns its answer, or throws. */
export type HookScript = (event: HookEvent) => unknown;

declare global {
  var nativeHook: HookScript | undefined;
}

/** A hook on the test's own function. */
export const lambdaHook = (
  lifecycleStages: DeploymentLifecycleHookStage[],
  more: Partial<DeploymentLifecycleHook> = {},
): DeploymentLifecycleHook => ({
  targetType: 'AWS_LAMBDA',
  hookTargetArn: HOOK_ARN,
  roleArn: 'arn:aws:iam::000000000000:role/hooks',
  lifecycleStages,
  ...more,
});

export const pauseHook = (
  lifecycleStages: DeploymentLifecycleHookStage[],
  timeoutConfiguration?: DeploymentLifecycleHook['timeoutConfiguration'],
): DeploymentLifecycleHook => ({ targetType: 'PAUSE', lifecycleStages, timeoutConfiguration });

/** Of the simulator's operations, which answer at once. */
interface Direct {
  ListServiceDeployments(input: object): { serviceDeployments: ServiceDeployment[] };
  DescribeServiceDeployments(input: object): { serviceDeployments: ServiceDeployment[] };
}

export type NativeWorld = Awaited<ReturnType<typeof createNativeWorld>>;

/** Makes the world; its service is being created, and nothing has happened yet. */
export async function createNativeWorld(options: WorldOptions = {}) {
  const cloud = await createVirtualCloud({ seed: 'native' });
  const clients = createClients(cloud.clientConfiguration('test'));
  const events: EventEnvelope[] = [];
  onTestFinished(async () => {
    globalThis.nativeHook = undefined;
    clients.close();
    await cloud.close();
  });
  const bus = new EventBridgeClient(cloud.clientConfiguration('test'));
  await bus.send(
    new PutRuleCommand({
      Name: 'all',
      EventPattern: JSON.stringify({ source: ['aws.ecs', 'aws.cloudwatch'] }),
    }),
  );
  cloud.events.disturb((event) => {
    events.push(event);
    return undefined;
  });
  const hookEvents: HookEvent[] = [];
  let script: HookScript = () => ({ hookStatus: 'SUCCEEDED' });
  globalThis.nativeHook = (event) => {
    hookEvents.push(event);
    return script(event);
  };
  registerHook(cloud);
  await cloud.lambda.warmUp();
  // Without data it keeps the state that a test gives it.
  await clients.cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: MANUAL_ALARM,
      Namespace: 'Test',
      MetricName: 'None',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'ignore',
    }),
  );
  const made = await createWorld(clients, { controller: 'native-blue-green', ...options });

  async function pass(ms: number): Promise<void> {
    let isOver = false;
    cloud.clock.setTimer(ms, () => {
      isOver = true;
    });
    await cloud.clock.run(() => isOver, ms);
  }

  const direct = cloud.services.ecs?.operations as Direct;
  const directRules = cloud.services.elasticloadbalancing?.operations as {
    DescribeRules(input: object): { Rules: Rule[] };
  };
  /** As DescribeServiceDeployments shows it, without the way through the SDK: it is looked at very often. */
  function peek(arn?: string): ServiceDeployment {
    const newest = () => direct.ListServiceDeployments({ cluster: CLUSTER, service: SERVICE });
    const wanted = arn ?? newest().serviceDeployments[0]?.serviceDeploymentArn ?? '';
    return direct.DescribeServiceDeployments({ serviceDeploymentArns: [wanted] })
      .serviceDeployments[0] as ServiceDeployment;
  }
  async function run(condition: () => boolean): Promise<void> {
    if (!(await cloud.clock.run(condition, PATIENCE_MS))) throw new Error(`not within an hour: ${condition}`);
  }

  const world = {
    cloud,
    clients,
    events,
    hookEvents,
    peek,
    ...made,
    /** What the hook's function does from now on. */
    answer(next: HookScript): void {
      script = next;
    },
    pass,
    async service(): Promise<Service> {
      const { services = [] } = await clients.ecs.send(
        new DescribeServicesCommand({ cluster: CLUSTER, services: [SERVICE] }),
      );
      return services[0] as Service;
    },
    describe: (service: string) =>
      clients.ecs.send(new DescribeServicesCommand({ cluster: CLUSTER, services: [service] })),
    /** The newest service deployment, or another one. */
    async deployment(arn?: string): Promise<ServiceDeployment> {
      const wanted = arn ?? (await world.service()).currentServiceDeployment ?? '';
      const { serviceDeployments = [] } = await clients.ecs.send(
        new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [wanted] }),
      );
      return serviceDeployments[0] as ServiceDeployment;
    },
    async until(condition: () => boolean | Promise<boolean>, stepMs = 1_000): Promise<void> {
      const endMs = cloud.clock.now() + PATIENCE_MS;
      while (!(await condition())) {
        if (cloud.clock.now() > endMs) throw new Error(`not within an hour: ${condition}`);
        await pass(stepMs);
      }
    },
    /** Waits for a terminal status. */
    async ended(arn?: string): Promise<ServiceDeployment> {
      await run(() => TERMINAL.includes(peek(arn).status ?? ''));
      return world.deployment(arn);
    },
    inStage: (stage: string): Promise<void> => run(() => String(peek().lifecycleStage) === stage),
    /** Waits for a hook that awaits an action. @returns its id */
    async paused(): Promise<string> {
      const find = () => peek().lifecycleHookDetails?.find(({ status }) => status === 'AWAITING_ACTION');
      await run(() => find() !== undefined);
      return find()?.hookId ?? '';
    },
    /** Pushes the version, registers a revision with it, and updates the service. @returns the service deployment's ARN */
    async deploy(
      tag: string,
      environment: Record<string, string> = {},
      more: Partial<UpdateServiceCommandInput> = {},
    ): Promise<string> {
      const { uri } = await pushImage(clients, { repository: 'orders', tag, environment });
      const { taskDefinition } = await clients.ecs.send(
        new DescribeTaskDefinitionCommand({ taskDefinition: 'orders' }),
      );
      const [container] = taskDefinition?.containerDefinitions ?? [];
      const { taskDefinition: registered } = await clients.ecs.send(
        new RegisterTaskDefinitionCommand({
          family: 'orders',
          networkMode: 'bridge',
          containerDefinitions: [{ ...container, image: uri }],
        }),
      );
      return world.update({ taskDefinition: registered?.taskDefinitionArn, ...more });
    },
    async update(input: Partial<UpdateServiceCommandInput>): Promise<string> {
      const { service } = await clients.ecs.send(
        new UpdateServiceCommand({ cluster: CLUSTER, service: SERVICE, ...input }),
      );
      return service?.currentServiceDeployment ?? '';
    },
    resume: (serviceDeploymentArn: string, hookId: string, action?: 'CONTINUE' | 'ROLLBACK') =>
      clients.ecs.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action })),
    stop: (serviceDeploymentArn: string) =>
      clients.ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn })),
    /** Weights of the two target groups, in their order: production, then test. */
    weights(): { production: number[]; test: number[] } {
      const { Rules } = directRules.DescribeRules({
        RuleArns: [made.productionRuleArn ?? '', made.testRuleArn],
      });
      const [production = [], test = []] = Rules.map(({ Actions = [] }) =>
        (['orders-a', 'orders-b'] as const).map((side) => weightIn(Actions, made.targetGroups[side])),
      );
      return { production, test };
    },
    /** Meddles with a rule, as infrastructure code would. */
    async setActions(RuleArn: string, Actions: Action[]): Promise<void> {
      await clients.elbv2.send(new ModifyRuleCommand({ RuleArn, Actions }));
    },
    async rule(ruleArn: string): Promise<{ actions: Action[] }> {
      const { Rules = [] } = await clients.elbv2.send(new DescribeRulesCommand({ RuleArns: [ruleArn] }));
      return { actions: Rules[0]?.Actions ?? [] };
    },
    async deleteService(): Promise<void> {
      await clients.ecs.send(new DeleteServiceCommand({ cluster: CLUSTER, service: SERVICE, force: true }));
    },
    async setAlarm(StateValue: 'OK' | 'ALARM'): Promise<void> {
      await clients.cloudwatch.send(
        new SetAlarmStateCommand({ AlarmName: MANUAL_ALARM, StateValue, StateReason: 'test' }),
      );
    },
    /** Versions that answer so many requests to a listener. */
    async versions(listener: 'production' | 'test', count = 20): Promise<Record<string, number>> {
      const { port } = new URL(listener === 'production' ? made.productionUrl : made.testUrl);
      const seen: Record<string, number> = {};
      for (let at = 0; at < count; at += 1) {
        const { statusCode, body } = await cloud.plane.request(Number(port), { path: '/orders/1' });
        const who = statusCode === 200 ? JSON.parse(body).version : String(statusCode);
        seen[who] = (seen[who] ?? 0) + 1;
      }
      return seen;
    },
    sides: () => observeSides(clients, made),
    eventNames: (detailType: string): string[] =>
      events
        .filter((event) => event['detail-type'] === detailType)
        .map(({ detail }) => String(detail.eventName)),
  };
  return world;
}

/** A world whose first version serves. */
export async function serving(options: WorldOptions = {}): Promise<NativeWorld> {
  const world = await createNativeWorld(options);
  const { status, statusReason } = await world.ended();
  if (status !== 'SUCCESSFUL') throw new Error(`the service's creation ended ${status}: ${statusReason}`);
  world.events.length = 0;
  world.hookEvents.length = 0;
  return world;
}

const weightIn = (actions: readonly Action[], group: string): number =>
  actions
    .flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? [])
    .find(({ TargetGroupArn }) => TargetGroupArn === group)?.Weight ?? -1;

function registerHook({ lambda }: Awaited<ReturnType<typeof createVirtualCloud>>): void {
  const codeDirectory = mkdtempSync(join(tmpdir(), 'sidestep-hook-'));
  writeFileSync(join(codeDirectory, 'index.mjs'), HOOK_SOURCE);
  lambda.register({
    functionName: HOOK,
    functionArn: HOOK_ARN,
    codeDirectory,
    handler: 'index.handler',
    environment: {},
    timeoutSeconds: 10,
    memoryMegabytes: 128,
    logGroupName: `/aws/lambda/${HOOK}`,
    roleArn: 'arn:aws:iam::000000000000:role/hook',
    runtime: 'nodejs24.x',
    architectures: ['arm64'],
  });
}

const HOOK_SOURCE = `
export const create = () => async (event) => globalThis.nativeHook(event);
export const handler = create();
`;
