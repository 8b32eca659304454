/** When a deployment's record may go. */
import type { Deployment } from '../common/deployment.ts';
import { NEEDS_PERSON } from './outcomes.ts';

/**
 * The record of what serves is kept as long as it serves, and that of what a person must look at until somebody has.
 * @param lastGoodId the deployment that is the service's last good one
 * @returns seconds since the epoch; undefined if it stays
 */
export function expiryOf(
  { deploymentId, outcome, endedAtMs }: Pick<Deployment, 'deploymentId' | 'outcome' | 'endedAtMs'>,
  lastGoodId: string | undefined,
  keepSeconds: number,
): number | undefined {
  if (outcome === undefined || endedAtMs === undefined) return undefined;
  if (NEEDS_PERSON.includes(outcome) || deploymentId === lastGoodId) return undefined;
  return Math.ceil(endedAtMs / 1000) + keepSeconds;
}
