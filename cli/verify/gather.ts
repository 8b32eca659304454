/** Looks up everything that the checks judge about one service. Nothing is changed. */
import type { TaskDefinition } from '../../lambdas/aws/ecs.ts';
import { Refusal } from '../../lambdas/common/errors.ts';
import { weightsIn } from '../../lambdas/common/places.ts';
import type { ServiceConfiguration, Side } from '../../lambdas/common/service.ts';
import { familyOf } from '../../lambdas/decisions/revision.ts';
import { judgeSides } from '../../lambdas/decisions/sides.ts';
import { queryDeployments } from '../../lambdas/table/deployments.ts';
import { getLock } from '../../lambdas/table/locks.ts';
import { logGroupsIn } from './checks/logs.ts';
import { type Fact, look, valueIn } from './fact.ts';
import type { ServiceFacts, SideFacts } from './facts.ts';
import { gatherImages, gatherRetentions } from './gather-images.ts';
import { gatherRoles, gatherSecrets } from './gather-permissions.ts';
import { gatherScalingDifferences, gatherSide, gatherTestRule, gatherTraffic } from './gather-sides.ts';
import type { VerifyPorts } from './ports.ts';

/** Ends in which nothing was changed: what was there before was left by an earlier deployment. */
const CHANGED_NOTHING = ['REFUSED', 'NOTHING_TO_DEPLOY', 'SUPERSEDED'];

export async function gatherFacts(
  configuration: ServiceConfiguration,
  ports: VerifyPorts,
): Promise<ServiceFacts> {
  const { name, checks } = configuration;
  const sides = await Promise.all(configuration.sides.map((side) => gatherSide(side, ports)));
  const [traffic, testRule, lock, deployments] = await Promise.all([
    gatherTraffic(configuration, sides, ports),
    gatherTestRule(configuration, sides, ports),
    getLock(ports.table, name),
    queryDeployments(ports.table, name),
  ]);
  const last = deployments.findLast(
    ({ outcome }) => outcome !== undefined && !CHANGED_NOTHING.includes(outcome),
  );
  const serving = servingSide(configuration, traffic, sides);
  const base = await gatherBase(
    configuration,
    serving ?? sides.find(({ side }) => side.kind === 'ecs'),
    ports,
  );
  const definition = valueIn(base);
  const alarmNames = [...new Set([...checks.alarms.service, ...Object.values(checks.alarms.sides).flat()])];
  const isFargate = definition?.requiresCompatibilities?.includes('FARGATE') ?? false;
  const quotasOf = (code: string) => look(() => ports.listQuotas(code));
  const [
    images,
    roles,
    secrets,
    states,
    logGroups,
    scalingDifferences,
    balancerLimits,
    ecsQuotas,
    fargateQuotas,
  ] = await Promise.all([
    gatherImages(configuration, ports),
    gatherRoles(definition, ports),
    gatherSecrets(definition, ports),
    look(() => describeAlarms(alarmNames, ports)),
    gatherLogGroups(definition, ports),
    gatherScalingDifferences(sides, ports),
    traffic && look(() => ports.loadBalancers.describeAccountLimits()),
    quotasOf('ecs'),
    isFargate ? quotasOf('fargate') : undefined,
  ]);
  return {
    configuration,
    nowMs: ports.now(),
    sides,
    base,
    images,
    roles,
    secrets,
    traffic,
    testRule,
    alarms: { names: alarmNames, states },
    logGroups,
    scalingDifferences,
    balancerLimits,
    ecsQuotas,
    fargateQuotas,
    retentions: await gatherRetentions(configuration, { sides, deployments }, ports),
    lock,
    last,
  };
}

/** The side that has all the traffic; with one side it is that one. */
function servingSide(
  { sides }: ServiceConfiguration,
  traffic: ServiceFacts['traffic'],
  found: readonly SideFacts[],
): SideFacts | undefined {
  const [first, second] = sides;
  if (!second) return found[0];
  const verdict = judgeSides(weightsIn(valueIn(traffic)?.places ?? []), [first, second]);
  // No place at all would make any side the one that serves.
  const blue: Side | undefined = verdict.clear && valueIn(traffic)?.places.length ? verdict.blue : undefined;
  return found.find(({ side }) => side === blue && side.kind === 'ecs');
}

async function gatherBase(
  { image }: ServiceConfiguration,
  side: SideFacts | undefined,
  { ecs }: VerifyPorts,
): Promise<Fact<TaskDefinition> | undefined> {
  const running = side?.definition;
  if (image.base !== 'family-latest' || running?.is !== 'known') return running;
  const family = familyOf(running.value.taskDefinitionArn ?? '');
  return look(async () => (await ecs.describeTaskDefinition(family)).taskDefinition, {
    isMissing: (error) => error instanceof Refusal,
  });
}

/** As many as one DescribeAlarms takes. */
const ALARMS_MAX = 100;

async function describeAlarms(names: readonly string[], { cloudwatch }: VerifyPorts) {
  const batches = Array.from({ length: Math.ceil(names.length / ALARMS_MAX) }, (_, batch) =>
    cloudwatch.describeAlarms(names.slice(batch * ALARMS_MAX, (batch + 1) * ALARMS_MAX)),
  );
  return (await Promise.all(batches)).flat();
}

function gatherLogGroups(definition: TaskDefinition | undefined, ports: VerifyPorts) {
  const names = definition ? logGroupsIn(definition, ports.region) : [];
  return Promise.all(
    names.map(async (name) => ({ name, exists: await look(() => ports.hasLogGroup(name)) })),
  );
}
