/** Blue and green from what is live, and the refusals of a world in which they would not be what they seem. */

import type { Ecs, Service } from '../aws/ecs.ts';
import type { Elbv2, ListenerPlace } from '../aws/elbv2.ts';
import type { ListenerWeights, ResolvedSide } from '../common/deployment.ts';
import {
  LiveWeightsUnexpected,
  OtherRulesForward,
  RuleIsDefault,
  SideMisconfigured,
  TestRuleNotReachable,
} from '../common/errors.ts';
import { readTargetHealth } from '../common/health.ts';
import { productionPlaces, weightsIn } from '../common/places.ts';
import type { ServiceConfiguration, Side } from '../common/service.ts';
import { moduleCheck } from '../decisions/module-checks.ts';
import { problemWithNative } from '../decisions/native-service.ts';
import { judgeSides } from '../decisions/sides.ts';
import { judgeTestAddress } from '../decisions/test-address.ts';
import { stickinessOf, weightsOf } from '../decisions/weights.ts';

export interface ResolvedSides {
  readonly blue: ResolvedSide;
  /** The same as blue if the service has one side. */
  readonly green: ResolvedSide;
  readonly liveWeights: readonly ListenerWeights[];
  readonly blueServes: boolean;
  /** How long a client may stay on blue by its cookie after blue's weight has gone; 0 without stickiness. */
  readonly stickinessSeconds: number;
}

interface Ports {
  readonly ecs: Ecs;
  readonly elbv2: Elbv2;
}

/** @throws LiveWeightsUnexpected, OtherRulesForward, SideMisconfigured, TestRuleNotReachable, EcsServiceNotFound, ListenerNotFound */
export async function resolveSides(
  configuration: ServiceConfiguration,
  ports: Ports,
): Promise<ResolvedSides> {
  const [first, second] = configuration.sides;
  return second === undefined
    ? resolveOneSide(first, configuration, ports)
    : resolveBothSides([first, second], configuration, ports);
}

/** Green takes blue's place: the service serves if it is meant to run at all. */
async function resolveOneSide(
  side: Side,
  configuration: ServiceConfiguration,
  ports: Ports,
): Promise<ResolvedSides> {
  const only = await resolveSide(side, configuration, ports);
  return {
    blue: only,
    green: only,
    liveWeights: [],
    blueServes: only.desiredCount > 0,
    stickinessSeconds: 0,
  };
}

async function resolveBothSides(
  sides: readonly [Side, Side],
  configuration: ServiceConfiguration,
  ports: Ports,
): Promise<ResolvedSides> {
  const places = await ports.elbv2.describePlaces(productionPlaces(configuration.traffic));
  requireNoDefaultRule(places);
  const liveWeights = weightsIn(places);
  const judged = judgeSides(liveWeights, sides);
  if (!judged.clear) throw new LiveWeightsUnexpected(judged.reason);
  const [blue, green] = await Promise.all([
    resolveSide(judged.blue, configuration, ports),
    resolveSide(judged.green, configuration, ports),
  ]);
  await requireNoOtherRules(configuration, configuration.sides, ports.elbv2);
  await requireReachableTestRule(configuration, ports.elbv2);
  const { healthyCount } = await readTargetHealth(ports.elbv2, blue.targetGroup, 1);
  const stickinessSeconds = Math.max(...places.map(({ actions }) => stickinessOf(actions)));
  return { blue, green, liveWeights, blueServes: healthyCount > 0, stickinessSeconds };
}

async function resolveSide(
  side: Side,
  configuration: ServiceConfiguration,
  { ecs }: Ports,
): Promise<ResolvedSide> {
  if (side.kind === 'fleet') {
    return { ...side, serviceArn: '', clusterArn: '', taskDefinitionArn: '', desiredCount: 0 };
  }
  const service = await ecs.describeService(side.cluster, side.service);
  const problem = problemWith(side, service, configuration);
  if (problem) throw new SideMisconfigured(`ECS service ${side.service} ${problem}`);
  const { serviceArn = '', clusterArn = '', taskDefinition = '', desiredCount = 0 } = service;
  return { ...side, serviceArn, clusterArn, taskDefinitionArn: taskDefinition, desiredCount };
}

/**
 * A side whose service is behind another group is the one that really serves: stopping it would be the outage.
 * @returns what is wrong, to be read after `ECS service orders-a`
 */
export function problemWith(
  { targetGroup }: Side,
  service: Service,
  configuration: ServiceConfiguration,
): string | undefined {
  const { strategy } = configuration;
  const { loadBalancers = [], deploymentController, deploymentConfiguration, schedulingStrategy } = service;
  const groups = loadBalancers.map(({ targetGroupArn = '' }) => targetGroupArn);
  if (targetGroup && !groups.includes(targetGroup)) {
    return `registers with ${groups.join(', ') || 'no target group'}; the configuration says ${targetGroup}`;
  }
  const controller = deploymentController?.type ?? 'ECS';
  if (controller !== 'ECS') return `has deployment controller ${controller}; it must be ECS`;
  if (strategy.type === 'native') return problemWithNative(service, configuration);
  const ecsStrategy = deploymentConfiguration?.strategy ?? 'ROLLING';
  if (ecsStrategy !== 'ROLLING')
    return `has deployment strategy ${ecsStrategy}; it must be ROLLING, or the service's strategy native`;
  if (strategy.type === 'recreate' && goesBackByItself(deploymentConfiguration))
    return 'goes back by itself (circuit breaker or alarms with rollback), and would start old tasks while new ones still stop; with recreate rollback must be off there';
  if (schedulingStrategy === 'DAEMON') return 'has scheduling strategy DAEMON; it must be REPLICA';
  return undefined;
}

const goesBackByItself = ({
  deploymentCircuitBreaker,
  alarms,
}: NonNullable<Service['deploymentConfiguration']> = {}): boolean =>
  Boolean(deploymentCircuitBreaker?.enable && deploymentCircuitBreaker.rollback) ||
  Boolean(alarms?.enable && alarms.rollback);

/** Another rule on a side's group would lose its targets when that side stops. */
export async function requireNoOtherRules(
  { traffic }: ServiceConfiguration,
  sides: readonly Side[],
  elbv2: Elbv2,
): Promise<void> {
  const ours = [...productionPlaces(traffic), traffic?.testRule];
  const [first] = productionPlaces(traffic);
  if (first === undefined) return;
  for (const { arn, actions } of await elbv2.describeNeighbours(first)) {
    if (ours.includes(arn)) continue;
    const weights = weightsOf(actions);
    const side = sides.find(({ targetGroup }) => (weights[targetGroup] ?? 0) > 0);
    if (!side) continue;
    throw new OtherRulesForward(
      `${arn} forwards to the target group of ${side.service}; add it to traffic.rules, or point it elsewhere`,
    );
  }
}

/** A listener's default rule looks like the others by its ARN, but what it does is the listener's. @throws RuleIsDefault */
function requireNoDefaultRule(places: readonly ListenerPlace[]): void {
  const found = places.find(({ isDefaultRule }) => isDefaultRule);
  if (!found) return;
  throw new RuleIsDefault(
    `${found.arn} is the default rule of its listener, which is never touched; give traffic a rule with conditions of its own`,
  );
}

async function requireReachableTestRule(
  { traffic, checks, modules }: ServiceConfiguration,
  elbv2: Elbv2,
): Promise<void> {
  const requests = [...checks.http, ...modules.map(moduleCheck)];
  if (!traffic?.testRule || requests.length === 0) return;
  const { origin, conditions } = await elbv2.describeRuleAddress(traffic.testRule);
  if (origin.isInternal && !checks.network) {
    throw new TestRuleNotReachable(
      `${traffic.testRule} is of an internal load balancer, which is reached only from inside its network; give checks.network`,
    );
  }
  const judged = judgeTestAddress(conditions, { requests, isTls: origin.isTls });
  if (!judged.reachable) throw new TestRuleNotReachable(`${traffic.testRule}: ${judged.reason}`);
}
