/** Which of two pushes is the newer: apart from what matches tags, because most handlers need only this. */
import type { PushOrder } from '../common/deployment.ts';

/** Event time, then the time at which the image arrived, then the digest: a total order, the same for everybody. */
export function comparePushes(a: PushOrder, b: PushOrder): number {
  return (
    a.pushedAtMs - b.pushedAtMs || a.imagePushedAtMs - b.imagePushedAtMs || compareText(a.digest, b.digest)
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
