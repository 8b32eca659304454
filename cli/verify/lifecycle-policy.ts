/** What an ECR lifecycle policy can do to an image: which rule decides about it, and when that rule would expire it. */
import picomatch from 'picomatch';
import type { DescribedImage } from '../../lambdas/aws/ecr.ts';

export interface LifecycleRule {
  readonly rulePriority: number;
  readonly selection: {
    readonly tagStatus: string;
    readonly tagPrefixList?: readonly string[];
    readonly tagPatternList?: readonly string[];
    readonly countType: string;
    readonly countUnit?: string;
    readonly countNumber?: number;
    readonly storageClass?: string;
  };
  readonly action?: { readonly type?: string };
}

export type Fate =
  | { readonly expires: 'never' }
  /** By its age. */
  | { readonly expires: 'at'; readonly priority: number; readonly atMs: number }
  /** As soon as so many more images are pushed that the rule selects. */
  | { readonly expires: 'after'; readonly priority: number; readonly pushes: number };

const DAY_MS = 86_400_000;

/** In the order in which ECR evaluates them. */
export function rulesIn(policy: string): LifecycleRule[] {
  const { rules = [] } = JSON.parse(policy) as { rules?: LifecycleRule[] };
  return [...rules].sort((a, b) => a.rulePriority - b.rulePriority);
}

/**
 * An image whose tags a rule selects cannot be expired by a rule after it, so the first one decides. Counting rules
 * keep the newest; one that selects nothing but images under `keepTag` counts only those, which do not grow in number.
 * @param images everything in the repository
 */
export function fateOf(
  image: DescribedImage,
  images: readonly DescribedImage[],
  rules: readonly LifecycleRule[],
  keepTag: string | undefined,
): Fate {
  // Rules that move images to another storage class are no promise that a later rule lets them live.
  const rule = rules.find((one) => (one.action?.type ?? 'expire') === 'expire' && selects(one, image));
  if (!rule) return { expires: 'never' };
  const { countType, countNumber = 0 } = rule.selection;
  const priority = rule.rulePriority;
  if (countType !== 'imageCountMoreThan') {
    // Since it was pulled, or since it was archived, is later than since it was pushed: the earliest is told.
    return { expires: 'at', priority, atMs: image.pushedAtMs + countNumber * DAY_MS };
  }
  const counted = images.filter((one) => selects(rule, one));
  const newer = counted.filter(({ pushedAtMs }) => pushedAtMs > image.pushedAtMs).length;
  // One more has the tag for the moment in which a deployment moves it.
  if (keepTag !== undefined && selectsOnly(rule, keepTag) && countNumber > counted.length)
    return { expires: 'never' };
  return { expires: 'after', priority, pushes: Math.max(0, countNumber - newer) };
}

/** With several prefixes or patterns, each of them needs a tag of the image. */
function selects({ selection }: LifecycleRule, { tags }: DescribedImage): boolean {
  const { tagStatus, tagPrefixList = [], tagPatternList = [] } = selection;
  if (tagStatus === 'any') return true;
  if (tagStatus === 'untagged') return tags.length === 0;
  return (
    tags.length > 0 &&
    tagPrefixList.every((prefix) => tags.some((tag) => tag.startsWith(prefix))) &&
    tagPatternList.every((pattern) => tags.some((tag) => matchesPattern(pattern, tag)))
  );
}

/** ECR's patterns know `*` alone, for any characters or none. */
const matchesPattern = (pattern: string, tag: string): boolean =>
  picomatch.makeRe(pattern.replace(/[^A-Za-z0-9*_.-]/g, ''), { dot: true, bash: true }).test(tag);

/** Whether every image that the rule selects has the tag: it names the tag, or a word that begins with it. */
function selectsOnly({ selection }: LifecycleRule, keepTag: string): boolean {
  const { tagPrefixList = [], tagPatternList = [] } = selection;
  return [...tagPrefixList, ...tagPatternList].some((one) => one.replace(/\*+$/, '').startsWith(keepTag));
}
