/** Looks up the sides, the rules in front of them, and how they scale. */
import type { Service } from '../../lambdas/aws/ecs.ts';
import { lastSegment } from '../../lambdas/common/configuration/arn.ts';
import { Refusal } from '../../lambdas/common/errors.ts';
import { productionPlaces } from '../../lambdas/common/places.ts';
import type { ServiceConfiguration, Side } from '../../lambdas/common/service.ts';
import { testRuleOf } from '../../lambdas/decisions/native-service.ts';
import { isParked, type SideScaling, scalingDifferences } from '../../lambdas/decisions/scaling.ts';
import { type Fact, look, valueIn, whenKnown } from './fact.ts';
import type { ServiceFacts, SideFacts, TestRuleFacts, TrafficFacts } from './facts.ts';
import type { VerifyPorts } from './ports.ts';

const refused = {
  isMissing: (error: Error) => error instanceof Refusal || error.name === 'ClusterNotFoundException',
};

export async function gatherSide(side: Side, ports: VerifyPorts): Promise<SideFacts> {
  const { ecs, loadBalancers, autoscaling } = ports;
  const name = lastSegment(side.service);
  const { targetGroup } = side;
  const group = targetGroup
    ? await look(() => loadBalancers.describeTargetGroup(targetGroup), {
        absent: `${targetGroup} does not exist`,
      })
    : undefined;
  if (side.kind === 'fleet') return { side, name, targetGroup: group };
  const service = await look(() => ecs.describeService(side.cluster, side.service), refused);
  const [definition, scaling] = await Promise.all([
    whenKnown(service, ({ taskDefinition = '' }) =>
      look(async () => (await ecs.describeTaskDefinition(taskDefinition)).taskDefinition, refused),
    ),
    look(async () =>
      [await autoscaling.describeScalableTarget(side.cluster, side.service)].flatMap((one) => one ?? []),
    ),
  ]);
  return { side, name, service, definition, targetGroup: group, scaling };
}

/** @returns undefined if nothing at a load balancer is the service's */
export async function gatherTraffic(
  configuration: ServiceConfiguration,
  sides: readonly SideFacts[],
  { elbv2 }: VerifyPorts,
): Promise<Fact<TrafficFacts> | undefined> {
  const { arns, groups, testRule } = placesOf(configuration, sides);
  const [first] = arns;
  if (first === undefined) return undefined;
  return look(async () => {
    const [places, all] = await Promise.all([elbv2.describePlaces(arns), elbv2.describeNeighbours(first)]);
    const ours = [...arns, testRule];
    return { places, groups, neighbours: all.filter(({ arn }) => !ours.includes(arn)) };
  }, refused);
}

export async function gatherTestRule(
  configuration: ServiceConfiguration,
  sides: readonly SideFacts[],
  { elbv2 }: VerifyPorts,
): Promise<Fact<TestRuleFacts> | undefined> {
  const { testRule, groups } = placesOf(configuration, sides);
  if (testRule === undefined) return undefined;
  return look(async () => {
    const [[place], address] = await Promise.all([
      elbv2.describePlaces([testRule]),
      elbv2.describeRuleAddress(testRule),
    ]);
    return place && { place, address, groups };
  }, refused);
}

interface Places {
  readonly arns: readonly string[];
  readonly groups: readonly string[];
  readonly testRule?: string;
}

/** What the configuration names, or, for a native service, what ECS itself writes. */
function placesOf({ strategy, traffic, sides }: ServiceConfiguration, found: readonly SideFacts[]): Places {
  if (strategy.type !== 'native') {
    const groups = sides.flatMap(({ targetGroup }) => targetGroup || []);
    return { arns: productionPlaces(traffic), groups, testRule: traffic?.testRule };
  }
  const { loadBalancers = [] }: Service = valueIn(found[0]?.service) ?? {};
  const own = loadBalancers.map(({ targetGroupArn, advancedConfiguration }) => ({
    rule: advancedConfiguration?.productionListenerRule,
    groups: [targetGroupArn, advancedConfiguration?.alternateTargetGroupArn],
  }));
  return {
    arns: [...new Set(own.flatMap(({ rule }) => rule ?? []))],
    groups: own.flatMap(({ groups }) => groups.flatMap((group) => group ?? [])),
    testRule: testRuleOf(loadBalancers),
  };
}

/** @returns undefined unless both sides are ECS services */
export async function gatherScalingDifferences(
  sides: readonly SideFacts[],
  ports: VerifyPorts,
): Promise<ServiceFacts['scalingDifferences']> {
  const [first, second] = sides;
  if (!first?.service || !second?.service) return undefined;
  return look(async () => {
    const [one, other] = await Promise.all([describeScaling(first, ports), describeScaling(second, ports)]);
    return one && other && scalingDifferences(...inOrder(one, other));
  });
}

async function describeScaling(
  { side, name, scaling }: SideFacts,
  { autoscaling }: VerifyPorts,
): Promise<SideScaling> {
  const [policies, scheduledActions] = await Promise.all([
    autoscaling.describePolicies(side.cluster, side.service),
    autoscaling.describeScheduledActions(side.cluster, side.service),
  ]);
  const [target] = valueIn(scaling) ?? [];
  const { targetGroup } = side;
  return {
    service: name,
    cluster: lastSegment(side.cluster),
    targetGroup,
    target,
    policies,
    scheduledActions,
  };
}

/** The side that rests is parked on purpose: it comes second, as green does. */
function inOrder(one: SideScaling, other: SideScaling): [SideScaling, SideScaling] {
  return one.target && isParked(one.target) ? [other, one] : [one, other];
}
