/** How a service stands: its tasks that are meant to run, each judged, and the counts that follow. Pure. */
import { type Plan, planRound, type TaskCounts } from './counts.ts';
import type { DeploymentRecord, ServiceRecord, TaskRecord } from './records.ts';
import type { TaskHealth } from './task-health.ts';

/** In order of launch. */
export type Judged = ReadonlyMap<TaskRecord, TaskHealth>;

/** The plan of a round. */
export function planOf(service: ServiceRecord, judged: Judged): Plan {
  const { minimumHealthyPercent, maximumPercent } = service.settings.deploymentConfiguration;
  const [primary, ...others] = service.deployments;
  return planRound({
    desiredCount: service.desiredCount,
    minimumHealthyPercent,
    maximumPercent,
    primary: countsOf(judged, (task) => task.order.deployment === primary),
    old: countsOf(judged, (task) => task.order.deployment !== primary),
    oldMissing: others.reduce((sum, other) => sum + missingOf(other, judged), 0),
    primaryMayStart: primary?.rolloutState !== 'FAILED',
  });
}

/** Every wanted task of the PRIMARY is there and healthy, and no other deployment has a task left. */
export function isAsDesired(service: ServiceRecord, judged: Judged): boolean {
  const [primary] = service.deployments;
  const { healthy, pending, unhealthy } = countsOf(judged, () => true);
  const isPrimaryAlone = [...service.tasks].every((task) => task.order.deployment === primary);
  return isPrimaryAlone && healthy === service.desiredCount && pending + unhealthy === 0;
}

/** What a deployment owes: tasks that it lost though nobody stopped them for the new one. */
export function missingOf(deployment: DeploymentRecord, judged: Judged): number {
  if (deployment.rolloutState === 'FAILED') return 0;
  const alive = [...judged.keys()].filter((task) => task.order.deployment === deployment).length;
  return Math.max(0, deployment.desiredCount - alive);
}

/** The tasks that a plan stops, by why. */
export function stopsOf(
  service: ServiceRecord,
  judged: Judged,
  plan: Plan,
): Record<'unhealthy' | 'surplus' | 'old', TaskRecord[]> {
  const [primary] = service.deployments;
  const pick = (isPrimary: boolean, health: TaskHealth): TaskRecord[] =>
    [...judged.keys()].filter(
      (task) => judged.get(task) === health && (task.order.deployment === primary) === isPrimary,
    );
  const surplus = [...pick(true, 'pending'), ...pick(true, 'healthy')];
  const oldOther = [...pick(false, 'unhealthy'), ...pick(false, 'pending')];
  return {
    unhealthy: pick(true, 'unhealthy').slice(0, plan.stopPrimaryUnhealthy),
    surplus: surplus.slice(0, plan.stopPrimarySurplus),
    old: [...oldOther.slice(0, plan.stopOldOther), ...pick(false, 'healthy').slice(0, plan.stopOldHealthy)],
  };
}

/** What keeps one deployment at its own desired count: nothing is asked of the others, and nothing left to them. */
export function keepingOf(
  service: ServiceRecord,
  deployment: DeploymentRecord,
  judged: Judged,
): { unhealthy: TaskRecord[]; surplus: TaskRecord[]; startCount: number } {
  const isOwn = (task: TaskRecord): boolean => task.order.deployment === deployment;
  const { minimumHealthyPercent, maximumPercent } = service.settings.deploymentConfiguration;
  const plan = planRound({
    desiredCount: deployment.desiredCount,
    minimumHealthyPercent,
    maximumPercent,
    primary: countsOf(judged, isOwn),
    old: { healthy: 0, pending: 0, unhealthy: 0 },
    oldMissing: 0,
    primaryMayStart: deployment.rolloutState !== 'FAILED',
  });
  const own = (health: TaskHealth): TaskRecord[] =>
    [...judged.keys()].filter((task) => isOwn(task) && judged.get(task) === health);
  return {
    unhealthy: own('unhealthy').slice(0, plan.stopPrimaryUnhealthy),
    surplus: [...own('pending'), ...own('healthy')].slice(0, plan.stopPrimarySurplus),
    startCount: plan.startPrimary,
  };
}

function countsOf(judged: Judged, includes: (task: TaskRecord) => boolean): TaskCounts {
  const healths = [...judged].filter(([task]) => includes(task)).map(([, health]) => health);
  const count = (wanted: TaskHealth): number => healths.filter((health) => health === wanted).length;
  return { healthy: count('healthy'), pending: count('pending'), unhealthy: count('unhealthy') };
}
