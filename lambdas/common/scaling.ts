/** Autoscaling through a deployment: green takes it over, whoever goes to 0 is parked, and a way back restores it. */
import type { ApplicationAutoScaling } from '../aws/application-autoscaling.ts';
import type { Table } from '../aws/dynamodb.ts';
import {
  changeOf,
  greenScaling,
  heldScaling,
  isParked,
  isWithin,
  parkedScaling,
  restoredScaling,
  type SideScaling,
  scalingDifferences,
  startingCount,
} from '../decisions/scaling.ts';
import { getRememberedScaling, rememberScaling } from '../table/scaling.ts';
import { lastSegment } from './configuration/arn.ts';
import type { CapturedScaling, Deployment, DeploymentScaling, ResolvedSide } from './deployment.ts';

export interface ScalingPorts {
  readonly autoscaling: ApplicationAutoScaling;
  readonly table: Table;
}

/** What was found, for the record; and then, once that is written, the act. Both may be repeated. */
export interface ScalingMove {
  readonly scaling: DeploymentScaling;
  apply(): Promise<void>;
}

/**
 * Green is given blue's bounds, and neither side scales in until green has all the traffic. `apply` belongs after the
 * update of green's service: a minimum lifts a service at once, and before it that would be the old revision.
 * @param counts blue's live desired count, and the one that green is to start with; the answer's `count` is the latter,
 * or the minimum if it is more
 */
export async function takeScaling(
  deployment: Deployment,
  { wanted, blueCount }: { readonly wanted: number; readonly blueCount: number },
  ports: ScalingPorts,
): Promise<ScalingMove & { readonly count: number }> {
  const scaling = deployment.scaling ?? (await capture(deployment, ports));
  const base = await baseOf(deployment, scaling, ports);
  const count = startingCount(wanted, base);
  return { scaling, count, apply: () => hand(deployment, scaling, { base, count, blueCount }, ports) };
}

/** A side that goes to 0 stays there: `apply` belongs before its desired count is set to 0. */
export async function parkScaling(
  deployment: Deployment,
  role: 'blue' | 'green',
  ports: ScalingPorts,
): Promise<ScalingMove> {
  // Beside a fleet that takes the traffic nothing was captured: there was nobody to give the bounds to.
  const known = deployment.scaling ?? (isOneSided(deployment) ? await capture(deployment, ports) : {});
  const side = deployment[role];
  const live = await describe(side, ports);
  if (!live || isParked(live)) return { scaling: known, apply: async () => {} };
  const key = isOneSided(deployment) ? 'blue' : role;
  const found = foundOf(known[key], live, key);
  const scaling = key === 'blue' ? { ...known, blue: found } : known;
  return {
    scaling,
    async apply() {
      await rememberScaling(ports.table, deployment.service, side.serviceArn, found);
      await register(side, live, parkedScaling(found), ports);
    },
  };
}

/** Green has all the traffic: it may scale in again, as blue could before the deployment. */
export async function releaseScaling(deployment: Deployment, ports: ScalingPorts): Promise<void> {
  const { green, scaling } = deployment;
  const base = scaling && (await baseOf(deployment, scaling, ports));
  const live = base && (await describe(green, ports));
  if (!base || !live || isParked(live)) return;
  await register(green, live, { suspended: base.suspended }, ports);
}

/** Blue scales again as it was found. Belongs after blue has its count back, if it was at 0. */
export async function restoreScaling(deployment: Deployment, ports: ScalingPorts): Promise<ScalingMove> {
  const { blue, scaling = {} } = deployment;
  return {
    scaling,
    async apply() {
      const live = scaling.blue && (await describe(blue, ports));
      const change = scaling.blue && live && restoredScaling(scaling.blue, live);
      if (change) await ports.autoscaling.registerScalableTarget(blue.cluster, blue.service, change);
    },
  };
}

/** Rolling and recreate: blue and green are one service. */
const isOneSided = ({ blue, green }: Deployment): boolean => blue.serviceArn === green.serviceArn;

async function hand(
  deployment: Deployment,
  scaling: DeploymentScaling,
  { base, count, blueCount }: { base: CapturedScaling | undefined; count: number; blueCount: number },
  ports: ScalingPorts,
): Promise<void> {
  if (isOneSided(deployment)) return (await restoreScaling({ ...deployment, scaling }, ports)).apply();
  const { blue, green } = deployment;
  if (scaling.blue && isWithin(blueCount, scaling.blue)) {
    await register(blue, await describe(blue, ports), heldScaling(scaling.blue), ports);
  }
  if (base && green.kind === 'ecs') {
    await register(green, await describe(green, ports), greenScaling(base, count), ports);
  }
}

/** What green takes over: blue's; if blue does not scale, what green had itself before it was parked. */
async function baseOf(
  { service, green }: Deployment,
  scaling: DeploymentScaling,
  { table }: ScalingPorts,
): Promise<CapturedScaling | undefined> {
  if (scaling.blue || !scaling.green || !isParked(scaling.green)) return scaling.blue;
  return getRememberedScaling(table, service, green.serviceArn);
}

/** Blue's bounds as they are now, since schedules and people may have moved them; the rest as found at first. */
function foundOf(
  known: CapturedScaling | undefined,
  live: CapturedScaling,
  key: 'blue' | 'green',
): CapturedScaling {
  if (!known) return live;
  return key === 'blue' ? { ...live, suspended: known.suspended } : known;
}

async function register(
  { cluster, service }: ResolvedSide,
  live: CapturedScaling | undefined,
  wanted: Partial<CapturedScaling>,
  { autoscaling }: ScalingPorts,
): Promise<void> {
  const change = changeOf(live, wanted);
  if (change) await autoscaling.registerScalableTarget(cluster, service, change);
}

async function describe(
  { kind, cluster, service }: ResolvedSide,
  { autoscaling }: ScalingPorts,
): Promise<CapturedScaling | undefined> {
  return kind === 'fleet' ? undefined : autoscaling.describeScalableTarget(cluster, service);
}

/** How both sides scale, before anything of it is changed. */
async function capture(deployment: Deployment, ports: ScalingPorts): Promise<DeploymentScaling> {
  if (isOneSided(deployment)) return { blue: await describe(deployment.blue, ports) };
  const [blue, green] = await Promise.all([
    readSide(deployment.blue, ports),
    readSide(deployment.green, ports),
  ]);
  const differences = blue && green ? scalingDifferences(blue, green) : [];
  return { blue: blue?.target, green: green?.target, differences };
}

/** @returns undefined for a fleet */
async function readSide(side: ResolvedSide, ports: ScalingPorts): Promise<SideScaling | undefined> {
  const { kind, cluster, service, targetGroup } = side;
  if (kind === 'fleet') return undefined;
  const { autoscaling } = ports;
  const [target, policies, scheduledActions] = await Promise.all([
    describe(side, ports),
    autoscaling.describePolicies(cluster, service),
    autoscaling.describeScheduledActions(cluster, service),
  ]);
  return {
    service: lastSegment(service),
    cluster: lastSegment(cluster),
    targetGroup,
    target,
    policies,
    scheduledActions,
  };
}
