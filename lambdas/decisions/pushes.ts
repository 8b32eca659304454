/** Which push feeds which service. */
import {
  type RepositorySource,
  type ServiceConfiguration,
  sourcesOf,
  type TagPolicy,
} from '../common/service.ts';
import { judgeTag } from './tags.ts';

/** A pushed image, as an ECR event tells of it. */
export interface Push {
  readonly repository: string;
  readonly registryId: string;
  readonly digest: string;
  readonly tag: string;
  /** The event's time. */
  readonly pushedAtMs: number;
}

export const matchesTag = (policy: TagPolicy, tag: string): boolean => judgeTag(policy, tag).follows;

export type Feed =
  | { readonly feeds: true; readonly source: RepositorySource }
  | { readonly feeds: false; readonly reason: string };

/**
 * Whether a push feeds a service, and which of its containers. Only its words are judged here: what the image is, ECR
 * has to say. @param ownAccount stands for an image source that names no registry
 */
export function judgeFeed(push: Push, configuration: ServiceConfiguration, ownAccount: string): Feed {
  const source = sourcesOf(configuration).find(
    ({ repository, registryId = ownAccount }) =>
      repository === push.repository && registryId === push.registryId,
  );
  if (!source) {
    const reason = `${configuration.name} takes no images of ${push.repository} in registry ${push.registryId}`;
    return { feeds: false, reason };
  }
  const verdict = judgeTag(source.tags, push.tag);
  return verdict.follows ? { feeds: true, source } : { feeds: false, reason: verdict.reason };
}
