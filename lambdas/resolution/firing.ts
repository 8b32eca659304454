/** One deployment for each time of a schedule: Scheduler may start more than one execution for it. */

import type { Ground } from '../common/step.ts';
import type { Worth } from '../decisions/worth.ts';
import { claimFiring } from '../table/firings.ts';
import type { Asked } from './requested-image.ts';

/** What is forced is worth its while each time it comes, so that only its own time tells a repetition. */
export async function judgeFiring(
  request: Asked,
  deploymentId: string,
  { table }: Pick<Ground, 'table'>,
): Promise<Worth> {
  if (request.kind !== 'schedule' || request.scheduledAt === undefined) return { deploy: true };
  const { service, schedule, scheduledAt, input } = request;
  const holder = await claimFiring(table, { service, schedule, scheduledAt, deploymentId });
  if (holder === deploymentId || holder === input.takesPlaceOf) return { deploy: true };
  return { deploy: false, reason: `schedule ${schedule} of ${scheduledAt} was handled by ${holder}` };
}
