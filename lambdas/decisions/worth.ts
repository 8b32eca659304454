/** Whether there is anything to deploy, and whether automation may. */
import type { PushOrder } from '../common/deployment.ts';
import type { TagPolicy } from '../common/service.ts';
import { comparePushes } from './push-order.ts';

export interface Candidate {
  readonly digest: string;
  readonly order: PushOrder;
  readonly byPerson: boolean;
  readonly tags: TagPolicy;
}

export interface ServiceHistory {
  /** Digest that blue runs; undefined if blue's image is not given by digest. */
  readonly servingDigest: string | undefined;
  /** Whether what would be deployed differs from what serves in anything but the image. */
  readonly isReconfigured: boolean;
  readonly newestPush: PushOrder | undefined;
  readonly newestDeploymentId: string | undefined;
  readonly lastTry: { readonly outcome: string; readonly deploymentId: string } | undefined;
}

export type Worth = { readonly deploy: true } | { readonly deploy: false; readonly reason: string };

export function judgeWorth({ digest, order, byPerson, tags }: Candidate, history: ServiceHistory): Worth {
  if (digest === history.servingDigest && !history.isReconfigured) {
    return { deploy: false, reason: `${digest} already serves` };
  }
  // A person's word goes over the rules of automation.
  if (byPerson) return { deploy: true };
  if (history.lastTry && history.lastTry.outcome !== 'SUCCESSFUL') {
    const { outcome, deploymentId } = history.lastTry;
    return {
      deploy: false,
      reason: `${digest} was tried by ${deploymentId} and ended ${outcome}; only a person starts it again`,
    };
  }
  // An exact tag means what it points to now: the digest was just read, so no push of it is late.
  if ('glob' in tags && history.newestPush && comparePushes(order, history.newestPush) < 0) {
    return {
      deploy: false,
      reason: `a newer push was begun by ${history.newestDeploymentId}: an older one never overtakes it`,
    };
  }
  return { deploy: true };
}
