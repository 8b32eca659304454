/** Which push feeds which service. */
import picomatch from 'picomatch';
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
