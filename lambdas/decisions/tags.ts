/** Which tags a policy follows, and what version a tag names. */
import compareVersions from 'semver/functions/compare.js';
import parse from 'semver/functions/parse.js';
import satisfies from 'semver/functions/satisfies.js';
import type { TagPolicy } from '../common/service.ts';
import { isKeepTag } from './keep-tags.ts';

/** Signatures and attestations of registries without the referrers API: `sha256-<64 digits>`, with or without an ending. */
const REFERRERS_TAG = /^sha256-[0-9a-f]{64}(\..+)?$/;

/** Endings under which builds push the image of one architecture, beside the one of all. */
const ONE_ARCHITECTURE = /-(amd64|arm64|arm64v8|arm|armv[5-8]|aarch64|x86_64|i?386|ppc64le|s390x|riscv64)$/;

export type TagVerdict = { readonly follows: true } | { readonly follows: false; readonly reason: string };

const follows: TagVerdict = { follows: true };
const ignored = (reason: string): TagVerdict => ({ follows: false, reason });

/** Whether a policy follows a tag. A glob and an exact tag may name an architecture: then that is what is asked for. */
export function judgeTag(policy: TagPolicy, tag: string): TagVerdict {
  if (REFERRERS_TAG.test(tag))
    return ignored(`tag ${tag} is of the referrers scheme: a signature or attestation`);
  if (isKeepTag(tag)) return ignored(`tag ${tag} marks what is in use`);
  if ('exact' in policy) return policy.exact === tag ? follows : ignored(`tag ${tag} is not ${policy.exact}`);
  if ('glob' in policy)
    return new RegExp(policy.pattern).test(tag)
      ? follows
      : ignored(`tag ${tag} does not match ${policy.glob}`);
  if (ONE_ARCHITECTURE.test(tag)) return ignored(`tag ${tag} is of an image for one architecture`);
  if ('newest' in policy) return follows;
  if (versionOf(tag) === undefined) return ignored(`tag ${tag} is no version such as 1.4.0 or v1.4.0`);
  if (satisfies(tag, policy.semver)) return follows;
  return ignored(`version ${tag} is not in the range ${policy.semver}`);
}

/** `1.4.0` of `v1.4.0`; undefined if the tag is no complete version. */
export function versionOf(tag: string): string | undefined {
  return parse(tag)?.version;
}

/** The version that a tag stands for under a policy; undefined if the policy knows no versions, or the tag is none. */
export function versionUnder(policy: TagPolicy, tag: string | undefined): string | undefined {
  return 'semver' in policy && tag !== undefined ? versionOf(tag) : undefined;
}

/** The highest version among an image's tags that a policy follows. */
export function newestVersion(policy: TagPolicy, tags: readonly string[]): string | undefined {
  const versions = tags
    .filter((tag) => judgeTag(policy, tag).follows)
    .flatMap((tag) => versionUnder(policy, tag) ?? []);
  return versions.sort(compareVersions).at(-1);
}
