/** Looks at the user's world from outside, as a person with the AWS CLI would. */
import { DescribeServicesCommand } from '@aws-sdk/client-ecs';
import {
  type Action,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Clients } from './clients.ts';
import type { World } from './index.ts';
import { CLUSTER, SIDES, type SideName } from './names.ts';

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
}

/** Both sides, in their fixed order. */
export type ObservedSides = readonly [ObservedSide, ObservedSide];

export async function observeSides(clients: Clients, world: World): Promise<ObservedSides> {
  const [weights, services, a, b] = await Promise.all([
    readWeights(clients, world),
    clients.ecs.send(new DescribeServicesCommand({ cluster: CLUSTER, services: [...SIDES] })),
    readHealth(clients, world.targetGroups['orders-a']),
    readHealth(clients, world.targetGroups['orders-b']),
  ]);
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const side = (name: SideName, health: TargetCounts): ObservedSide => {
    const service = services.services?.find(({ serviceName }) => serviceName === name);
    const weight = weights.get(world.targetGroups[name]) ?? 0;
    return {
      service: name,
      percent: total === 0 ? 0 : Math.round((100 * weight) / total),
      ...health,
      desiredCount: service?.desiredCount ?? 0,
      runningCount: service?.runningCount ?? 0,
      pendingCount: service?.pendingCount ?? 0,
    };
  };
  return [side('orders-a', a), side('orders-b', b)];
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
