/** Which push feeds which service, and which of two pushes is the newer. */
import picomatch from 'picomatch';
import type { PushOrder } from '../common/deployment.ts';
import type { ServiceConfiguration, TagPolicy } from '../common/service.ts';

/** A pushed image, as an ECR event tells of it. */
export interface Push {
  readonly repository: string;
  readonly registryId: string;
  readonly digest: string;
  readonly tag: string;
  /** The event's time. */
  readonly pushedAtMs: number;
}

export function matchesTag(policy: TagPolicy, tag: string): boolean {
  return 'exact' in policy ? policy.exact === tag : picomatch.isMatch(tag, policy.glob);
}

/** Whether a push feeds a service. `ownAccount` stands for an image source that names no registry. */
export function feeds(push: Push, { image }: ServiceConfiguration, ownAccount: string): boolean {
  const registry = image.registryId ?? ownAccount;
  return (
    push.repository === image.repository && push.registryId === registry && matchesTag(image.tags, push.tag)
  );
}

/** Event time, then the time at which the image arrived, then the digest: a total order, the same for everybody. */
export function comparePushes(a: PushOrder, b: PushOrder): number {
  return (
    a.pushedAtMs - b.pushedAtMs || a.imagePushedAtMs - b.imagePushedAtMs || compareText(a.digest, b.digest)
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
