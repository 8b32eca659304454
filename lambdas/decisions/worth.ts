/** Whether there is anything to deploy, and whether automation may. */
import type { PushOrder } from '../common/deployment.ts';
import { comparePushes } from './push-order.ts';

export interface Candidate {
  readonly digest: string;
  readonly order: PushOrder;
  readonly byPerson: boolean;
  /** Whether what serves is to be deployed again. */
  readonly isForced?: boolean;
}

export interface ServiceHistory {
  /** Whether blue runs every image of the candidate, by its digest. */
  readonly serves: boolean;
  /** Whether what would be deployed differs from what serves in anything but the images. */
  readonly isReconfigured: boolean;
  /** What an older push must not overtake, and why; undefined if there is nothing, or no push can be late. */
  readonly newest: { readonly order: PushOrder; readonly told: string } | undefined;
  readonly lastTry:
    | { readonly outcome: string; readonly deploymentId: string; readonly steppedBackBy?: string }
    | undefined;
  readonly suspended?: SuspendedBy | undefined;
}

/** Somebody's word that automation deploys nothing, until they take it back. */
export interface SuspendedBy {
  readonly by: string;
  readonly why: string;
  readonly atMs: number;
}

export type Worth = { readonly deploy: true } | { readonly deploy: false; readonly reason: string };

export function judgeWorth(
  { digest, order, byPerson, isForced = false }: Candidate,
  history: ServiceHistory,
): Worth {
  if (history.suspended && !byPerson) return { deploy: false, reason: describeSuspension(history.suspended) };
  if (history.serves && !history.isReconfigured && !isForced) {
    return { deploy: false, reason: `${digest} already serves` };
  }
  // A person's word goes over the rules of automation.
  if (byPerson) return { deploy: true };
  if (history.lastTry && history.lastTry.outcome !== 'SUCCESSFUL') {
    const { outcome, deploymentId, steppedBackBy } = history.lastTry;
    if (steppedBackBy)
      return {
        deploy: false,
        reason: `${steppedBackBy} stepped back from ${digest}; only a person deploys it again`,
      };
    return {
      deploy: false,
      reason: `${digest} was tried by ${deploymentId} and ended ${outcome}; only a person starts it again`,
    };
  }
  if (history.newest && comparePushes(order, history.newest.order) < 0) {
    return { deploy: false, reason: `${history.newest.told}: an older one never overtakes it` };
  }
  return { deploy: true };
}

/** For people, with how it ends. */
export function describeSuspension({ by, why, atMs }: SuspendedBy): string {
  const since = new Date(atMs).toISOString().replace(/\.\d+/, '');
  return `automatic deployment is suspended since ${since} by ${by}: ${why}; the word resume ends it`;
}
