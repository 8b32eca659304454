/** Looks up what a prediction needs, once it is known what would be deployed. */
import type { TaskDefinition } from '../../lambdas/aws/ecs.ts';
import { attachmentOf, testTrafficOf } from '../../lambdas/common/attachment.ts';
import { lastSegment } from '../../lambdas/common/configuration/arn.ts';
import type { Deployment, ResolvedSide } from '../../lambdas/common/deployment.ts';
import { parkScaling, releaseScaling, takeScaling } from '../../lambdas/common/scaling.ts';
import { planOf } from '../../lambdas/decisions/plan.ts';
import { isOpen } from '../../lambdas/decisions/service-deployment.ts';
import { judgeDrift } from '../../lambdas/decisions/weights.ts';
import { queryDeployments } from '../../lambdas/table/deployments.ts';
import type { PlanFacts, SideFacts } from './facts.ts';
import { nativeShiftOf } from './native-shift.ts';
import type { PlanPorts } from './ports.ts';

/** What ECS gives a container, and a service, that does not say otherwise. */
const STOP_TIMEOUT_SECONDS = 30;
const ROLLOUT = { minimumHealthyPercent: 100, maximumPercent: 200 };

export interface Gathered {
  readonly facts: PlanFacts;
  readonly scalingDifferences: readonly string[];
}

/** @param registeredArn of a revision that is the one wanted */
export async function gatherFacts(
  deployment: Deployment,
  registeredArn: string | undefined,
  ports: PlanPorts,
): Promise<Gathered> {
  const { blue, green } = deployment;
  const { start, keepsBlue } = planOf(deployment, ports.now());
  const [blueFacts, greenFacts, attachWrites, lastRolloutSeconds, lastMigrationSeconds, service] =
    await Promise.all([
      describeSide(blue, ports),
      describeSide(green, ports),
      start === 'beside' ? countAttachWrites(deployment, ports) : 0,
      readLastRollout(deployment, ports),
      readLastMigration(deployment, ports),
      green.kind === 'fleet' ? undefined : ports.ecs.describeService(green.cluster, green.service),
    ]);
  const scaled = await playScaling(deployment, start, ports);
  const { minimumHealthyPercent, maximumPercent } = {
    ...ROLLOUT,
    ...given(service?.deploymentConfiguration ?? {}),
  };
  return {
    scalingDifferences: scaled.differences,
    facts: {
      deployment,
      start,
      keepsBlue,
      blue: blueFacts,
      green: greenFacts,
      count: scaled.count,
      registeredArn,
      attachWrites,
      scalingWrites: scaled.writes,
      lastRolloutSeconds,
      lastMigrationSeconds,
      rollout: { minimumHealthyPercent, maximumPercent },
      openServiceDeploymentArn: start === 'native' ? await findOpen(deployment, ports) : undefined,
      native: start === 'native' && service ? nativeShiftOf(service) : undefined,
    },
  };
}

async function describeSide(side: ResolvedSide, { ecs, targetGroups }: PlanPorts): Promise<SideFacts> {
  const [targetGroup, running] = await Promise.all([
    side.targetGroup ? targetGroups.describeSettings(side.targetGroup) : undefined,
    side.taskDefinitionArn ? ecs.describeTaskDefinition(side.taskDefinitionArn) : undefined,
  ]);
  return {
    name: lastSegment(side.service),
    isFleet: side.kind === 'fleet',
    targetGroup,
    stopTimeoutSeconds: running ? stopTimeoutOf(running.taskDefinition) : 0,
  };
}

function stopTimeoutOf({ containerDefinitions = [] }: TaskDefinition): number {
  return Math.max(0, ...containerDefinitions.map(({ stopTimeout }) => stopTimeout ?? STOP_TIMEOUT_SECONDS));
}

/** How many places AttachGreen would write. */
async function countAttachWrites(deployment: Deployment, { elbv2, now }: PlanPorts): Promise<number> {
  const test = await testTrafficOf(deployment, elbv2, now());
  const intended = [attachmentOf(deployment, now()), ...(test ? [test] : [])];
  const verdicts = intended.map((write) => judgeDrift(write.from, write));
  return verdicts.reduce((sum, verdict) => sum + (verdict.ours ? verdict.toWrite.length : 0), 0);
}

/** ECS's own deployments of blue that it shifted itself last as long as their bakes: they tell nothing of the start. */
async function readLastRollout(
  { blue, blueServes, configuration }: Deployment,
  { ecs }: PlanPorts,
): Promise<number | undefined> {
  if (blue.kind === 'fleet' || !blueServes || configuration.strategy.type === 'native') return undefined;
  const briefs = await ecs.listServiceDeployments(blue.cluster, blue.service);
  const last = briefs.find(({ status }) => status === 'SUCCESSFUL');
  const [fromMs, toMs] = [last?.startedAt?.getTime(), last?.finishedAt?.getTime()];
  if (fromMs === undefined || toMs === undefined || toMs < fromMs) return undefined;
  return Math.round((toMs - fromMs) / 1000);
}

async function findOpen({ green }: Deployment, { ecs }: PlanPorts): Promise<string | undefined> {
  const briefs = await ecs.listServiceDeployments(green.cluster, green.service);
  return briefs.find(isOpen)?.serviceDeploymentArn;
}

/** From its start to that of the next state, in the newest deployment whose migration went well. */
async function readLastMigration(
  { service, configuration }: Deployment,
  { table }: PlanPorts,
): Promise<number | undefined> {
  if (!configuration.migration) return undefined;
  const records = await queryDeployments(table, service);
  const last = records.findLast(({ migration }) => migration?.exitCode === 0);
  const fromMs = last?.stages.RunMigration?.intendedAtMs;
  if (!last || fromMs === undefined) return undefined;
  const later = Object.values(last.stages).map(({ intendedAtMs }) => intendedAtMs);
  const toMs = Math.min(...later.filter((atMs) => atMs > fromMs));
  return Number.isFinite(toMs) ? Math.round((toMs - fromMs) / 1000) : undefined;
}

interface Scaled {
  readonly count: number;
  readonly writes: PlanFacts['scalingWrites'];
  readonly differences: readonly string[];
}

/** Plays what the states do to autoscaling, in their order, on ports that only count. */
async function playScaling(
  deployment: Deployment,
  start: PlanFacts['start'],
  ports: PlanPorts,
): Promise<Scaled> {
  const { blue, configuration } = deployment;
  const { autoscaling } = ports;
  const blueCount = blue.desiredCount;
  const wanted = blueCount || configuration.initialCount;
  if (start === 'native')
    return { count: wanted, writes: { start: 0, stop: 0, release: 0 }, differences: [] };
  const counting = async (act: () => Promise<void>): Promise<number> => {
    const before = autoscaling.count();
    await act();
    return autoscaling.count() - before;
  };
  const stopFirst =
    start === 'afterStop'
      ? await counting(async () => (await parkScaling(deployment, 'blue', ports)).apply())
      : 0;
  const taken = await takeScaling(deployment, { wanted, blueCount }, ports);
  const begun = { ...deployment, scaling: taken.scaling };
  const onStart = await counting(() => taken.apply());
  const release = start === 'beside' ? await counting(() => releaseScaling(begun, ports)) : 0;
  const stop =
    start === 'beside'
      ? await counting(async () => (await parkScaling(begun, 'blue', ports)).apply())
      : stopFirst;
  return {
    count: taken.count,
    writes: { start: onStart, stop, release },
    differences: taken.scaling.differences ?? [],
  };
}

function given<T extends object>(settings: T): { [K in keyof T]: NonNullable<T[K]> } {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as { [K in keyof T]: NonNullable<T[K]> };
}
