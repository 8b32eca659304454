/** Which of two pushes is the newer: apart from what matches tags, because most handlers need only this. */
import compareVersions from 'semver/functions/compare.js';
import type { PushOrder } from '../common/deployment.ts';

/**
 * Versions by their precedence, so that a hotfix of an older line is older whenever it comes; else event time, then the
 * time at which the image arrived, then the digest: a total order within a repository, the same for everybody.
 */
export function comparePushes(a: PushOrder, b: PushOrder): number {
  return (
    byVersion(a, b) ||
    a.pushedAtMs - b.pushedAtMs ||
    a.imagePushedAtMs - b.imagePushedAtMs ||
    compareText(a.digest, b.digest)
  );
}

function byVersion(a: PushOrder, b: PushOrder): number {
  if (a.version === undefined || b.version === undefined || a.sidecar !== b.sidecar) return 0;
  return compareVersions(a.version, b.version);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
