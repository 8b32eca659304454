/** Looks at the user's world from outside, as a person with the AWS CLI would. */
import { DescribeServicesCommand, type Service } from '@aws-sdk/client-ecs';
import {
  type Action,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Clients } from './clients.ts';
import type { World } from './index.ts';
import { SIDES, type SideName } from './names.ts';
import { readNativeCounts } from './native-counts.ts';

/** Of a service, or of one native service's tasks in a target group. */
export type TaskCounts = Pick<
  ObservedSide,
  'desiredCount' | 'runningCount' | 'pendingCount' | 'taskDefinitionArn' | 'isRolledOut'
>;

export interface ObservedSide {
  readonly service: SideName;
  /** Share of the production traffic, 0 to 100. */
  readonly percent: number;
  readonly healthyCount: number;
  /** Targets that are registered and not draining. */
  readonly targetCount: number;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  /** The task definition that the service is to run; absent for a fleet, and where both sides are one native service. */
  readonly taskDefinitionArn?: string | undefined;
  /** Only of a rolling service: whether ECS calls its newest deployment complete. */
  readonly isRolledOut?: boolean | undefined;
  /** False if the service is behind no load balancer: then nobody checks its tasks, and all figures of targets are 0. */
  readonly isBalanced?: boolean;
  /** True for machines that no ECS service knows: they run whether they serve or not. */
  readonly isFleet?: boolean;
}

/** Both sides, in their fixed order. */
export type ObservedSides = readonly [ObservedSide, ObservedSide];

export async function observeSides(clients: Clients, world: World): Promise<ObservedSides> {
  const [weights, counts, a, b] = await Promise.all([
    readWeights(clients, world),
    world.controller === 'rolling' ? readCounts(clients, world) : readNativeCounts(clients, world),
    readHealth(clients, world.targetGroups['orders-a']),
    readHealth(clients, world.targetGroups['orders-b']),
  ]);
  const machines = countsOfFleet(world);
  if (machines) counts.set('orders-a', machines);
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const side = (name: SideName, health: TargetCounts): ObservedSide => {
    const weight = weights.get(world.targetGroups[name]) ?? 0;
    return {
      service: name,
      percent: total === 0 || !world.balanced ? 0 : Math.round((1000 * weight) / total) / 10,
      ...health,
      ...(counts.get(name) ?? NOBODY),
      ...(world.balanced ? {} : { isBalanced: false }),
      ...(world.fleet && name === 'orders-a' ? { isFleet: true } : {}),
    };
  };
  return [side('orders-a', a), side('orders-b', b)];
}

const NOBODY: TaskCounts = { desiredCount: 0, runningCount: 0, pendingCount: 0 };

function countsOfFleet({ fleet }: World): TaskCounts | undefined {
  if (!fleet) return undefined;
  const [desiredCount, runningCount] = [fleet.machines.length, fleet.runningCount()];
  return { desiredCount, runningCount, pendingCount: desiredCount - runningCount };
}

async function readCounts({ ecs }: Clients, { clusters }: World): Promise<Map<SideName, TaskCounts>> {
  const describe = async (name: SideName): Promise<Service | undefined> => {
    const command = new DescribeServicesCommand({ cluster: clusters[name], services: [name] });
    return (await ecs.send(command)).services?.[0];
  };
  const counts = SIDES.map(async (name) => [name, countsIn(await describe(name))] as const);
  return new Map(await Promise.all(counts));
}

function countsIn(service: Service = {}): TaskCounts {
  const { desiredCount = 0, runningCount = 0, pendingCount = 0, taskDefinition, deployments } = service;
  return {
    desiredCount,
    runningCount,
    pendingCount,
    taskDefinitionArn: taskDefinition,
    isRolledOut: deployments?.[0]?.rolloutState === 'COMPLETED',
  };
}

/** Target group ARN → weight, as the production listener has it now. */
async function readWeights({ elbv2 }: Clients, world: World): Promise<Map<string, number>> {
  const actions = world.productionRuleArn
    ? (await elbv2.send(new DescribeRulesCommand({ RuleArns: [world.productionRuleArn] }))).Rules?.[0]
        ?.Actions
    : (await elbv2.send(new DescribeListenersCommand({ ListenerArns: [world.productionListenerArn] })))
        .Listeners?.[0]?.DefaultActions;
  return weightsOf(actions?.find(({ Type }) => Type === 'forward'));
}

function weightsOf(forward: Action | undefined): Map<string, number> {
  const groups = forward?.ForwardConfig?.TargetGroups ?? [];
  return new Map(groups.map(({ TargetGroupArn = '', Weight = 1 }) => [TargetGroupArn, Weight]));
}

type TargetCounts = Pick<ObservedSide, 'healthyCount' | 'targetCount'>;

async function readHealth({ elbv2 }: Clients, TargetGroupArn: string): Promise<TargetCounts> {
  const { TargetHealthDescriptions = [] } = await elbv2.send(
    new DescribeTargetHealthCommand({ TargetGroupArn }),
  );
  const states = TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State ?? 'unused');
  return {
    healthyCount: states.filter((state) => state === 'healthy').length,
    targetCount: states.filter((state) => state !== 'draining').length,
  };
}
