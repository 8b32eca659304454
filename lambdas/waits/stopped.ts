/** The look of DrainBlue and StopGreen: has every task of a side stopped? */
import type { Ecs } from '../aws/ecs.ts';
import type { ResolvedSide } from '../common/deployment.ts';
import { answered, type Look, stillOpen } from './look.ts';

/**
 * Counts come first, because one call tells most looks that it is too early. They do not suffice: a task that is
 * draining or stopping counts as neither running nor pending, and may be answering its last requests.
 */
export async function lookAtStopped(
  { kind, cluster, service }: ResolvedSide,
  { ecs }: { ecs: Ecs },
): Promise<Look> {
  // A fleet's machines are the user's to switch off.
  if (kind === 'fleet') return answered({ stopped: 'nothing' });
  const {
    desiredCount = 0,
    runningCount = 0,
    pendingCount = 0,
  } = await ecs.describeService(cluster, service);
  const counted = runningCount + pendingCount;
  if (desiredCount > 0 || counted > 0) {
    return stillOpen(`${counted} tasks of ${service} to stop (desired count ${desiredCount})`);
  }
  const wanted = await ecs.describeTasksOf(cluster, service);
  const unwanted = await ecs.describeTasksOf(cluster, service, 'STOPPED');
  const left = [...wanted, ...unwanted].filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  return left.length === 0
    ? answered({ stopped: service })
    : stillOpen(`${left.length} tasks of ${service} to stop`);
}
