/** Measures what a recreate costs: how long neither version served. */
import type { Ecs } from '../aws/ecs.ts';
import { judgeDowntime, totalSeconds } from '../decisions/downtime.ts';
import type { Deployment, Downtime, Progress } from './deployment.ts';

/**
 * Once a version serves: what its place being empty came to, beside what was measured before. Repeated, it says the same.
 * @param role which version serves now
 * @returns nothing if there was no downtime
 */
export async function measureDowntime(
  { blue, stoppedAtMs, downtimes = [], stages }: Deployment,
  role: 'blue' | 'green',
  { ecs }: { readonly ecs: Ecs },
): Promise<Pick<Progress, 'downtimes' | 'downtimeSeconds'>> {
  // A service that was at 0 served nobody who could miss it.
  if (stoppedAtMs === undefined || blue.desiredCount === 0) return {};
  const untilGreen = stages.VerifyTargets?.doneAtMs === undefined ? [] : downtimes.slice(0, 1);
  const before: readonly Downtime[] = role === 'green' ? [] : untilGreen;
  const sinceMs = before[0]?.toMs ?? stoppedAtMs;
  const running = await ecs.describeTasksOf(blue.cluster, blue.service);
  const stopped = await ecs.describeTasksOf(blue.cluster, blue.service, 'STOPPED');
  const downtime = judgeDowntime(running, stopped, sinceMs);
  if (!downtime) return {};
  const all = [...before, downtime];
  return { downtimes: all, downtimeSeconds: totalSeconds(all) };
}
