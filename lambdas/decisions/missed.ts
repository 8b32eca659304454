/** Whether an image that ECR has should have been deployed and never was begun: its push's event was lost, or came too early. */
import type { PushOrder } from '../common/deployment.ts';
import { comparePushes } from './push-order.ts';
import { describeSuspension, type SuspendedBy } from './worth.ts';

export interface FoundImage {
  readonly digest: string;
  readonly order: PushOrder;
  /** Whether its tag is one that moves: then it is what the tag points to, however old the image. */
  readonly isExact: boolean;
}

export interface WhatIsKnown {
  readonly suspended: SuspendedBy | undefined;
  /** The newest push of the same repository that was ever begun. */
  readonly newestPush: PushOrder | undefined;
  /** Where the image of the newest deployment stands, whoever asked for it; undefined if there was none of this repository. */
  readonly newestBegun?: PushOrder | undefined;
  /** How the digest's last deployment ended, if it had one. */
  readonly lastTry: { readonly outcome: string; readonly deploymentId: string } | undefined;
  /** Digests that are being deployed, or wait. */
  readonly underWay: readonly string[];
  /** Since when the service is looked after: what arrived before, nobody has missed. */
  readonly sinceMs: number;
}

export type MissedVerdict = { readonly missed: true } | { readonly missed: false; readonly reason: string };

export function judgeMissed({ digest, order, isExact }: FoundImage, known: WhatIsKnown): MissedVerdict {
  const { suspended, newestPush, newestBegun, lastTry, underWay, sinceMs } = known;
  const no = (reason: string): MissedVerdict => ({ missed: false, reason });
  if (suspended) return no(describeSuspension(suspended));
  if (underWay.includes(digest)) return no(`${digest} is being deployed, or waits`);
  if (newestPush?.digest === digest) return no(`${digest} was the newest push begun`);
  if (lastTry && (lastTry.outcome !== 'SUCCESSFUL' || !isExact || !newestPush))
    return no(`${digest} was tried by ${lastTry.deploymentId} and ended ${lastTry.outcome}`);
  if (newestPush && !isExact && comparePushes(order, newestPush) <= 0) return no('a newer push was begun');
  // A tag that was moved since the newest push says what is wanted now; anything else must be newer than what a person chose.
  const wasMoved = isExact && newestPush;
  if (newestBegun && !wasMoved && compareArrivals(order, newestBegun) <= 0)
    return no('a newer image was deployed, or is being');
  if (!newestPush && order.imagePushedAtMs < sinceMs)
    return no(`${digest} arrived before the service was looked after`);
  return { missed: true };
}

/** A person's deployment is as new as its image, whenever they asked for it. */
function compareArrivals(a: PushOrder, b: PushOrder): number {
  const arrived = (order: PushOrder): PushOrder => ({ ...order, pushedAtMs: order.imagePushedAtMs });
  return comparePushes(arrived(a), arrived(b));
}
