/** Which container gets images from ECR, and which tags probably deploy. */
import type { TaskDefinition } from '../../lambdas/aws/ecs.ts';
import { isKeepTag } from '../../lambdas/decisions/keep-tags.ts';
import { versionOf } from '../../lambdas/decisions/tags.ts';

/** An image of ECR, as a task definition names it. */
export interface EcrImage {
  readonly registryId: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const ECR =
  /^(?<registryId>\d{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/(?<repository>[^:@]+)(?::(?<tag>[^@]+))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** @returns undefined for an image of another registry */
export function ecrImageOf(image: string): EcrImage | undefined {
  const found = ECR.exec(image)?.groups;
  if (!found) return undefined;
  const { registryId = '', repository = '', tag, digest } = found;
  return { registryId, repository, tag, digest };
}

export interface ChosenContainer {
  /** All containers of the repository, the main one first. */
  readonly containers: readonly string[];
  readonly image: EcrImage;
  /** Containers whose images come from other repositories of ECR. */
  readonly sidecars: readonly { readonly container: string; readonly repository: string }[];
}

/**
 * The container behind the load balancer if it has an image of ECR, or else the first essential one that has.
 * @returns undefined if none has
 */
export function chooseContainer(
  { containerDefinitions = [] }: Pick<TaskDefinition, 'containerDefinitions'>,
  balanced: string | undefined,
): ChosenContainer | undefined {
  const found = containerDefinitions.flatMap(({ name: container = '', image = '', essential = true }) => {
    const parsed = ecrImageOf(image);
    return parsed ? [{ container, image: parsed, essential }] : [];
  });
  const main =
    found.find(({ container }) => container === balanced) ??
    found.find(({ essential }) => essential) ??
    found[0];
  if (!main) return undefined;
  const { repository, registryId } = main.image;
  const same = found.filter(
    ({ image }) => image.repository === repository && image.registryId === registryId,
  );
  const others = same.filter((one) => one !== main);
  return {
    containers: [main, ...others].map(({ container }) => container),
    image: main.image,
    sidecars: found
      .filter((one) => !same.includes(one))
      .map(({ container, image }) => ({ container, repository: image.repository })),
  };
}

export interface GuessedTags {
  readonly tags: Readonly<Record<string, string | boolean>>;
  /** What the guess rests on. */
  readonly because: string;
}

/** Tags that are moved from image to image. */
const MOVING = /^(latest|live|stable|current|main|master|prod|production|release|staging|stage|dev|develop)$/;
const COMMIT = /^[0-9a-f]{7,40}$/;
/** Letters, then a separator or a number: `v42`, `release-2026-11-21`, `build_17`. */
const PREFIXED = /^(?<prefix>[A-Za-z]+(?:[-_.][A-Za-z]+)*[-_.]?)\d/;

/** @param found the tags of the image that runs; those with which Sidestep marks what is in use tell nothing */
export function guessTags(found: readonly string[]): GuessedTags {
  const tags = found.filter((tag) => !isKeepTag(tag));
  const version = tags.find((tag) => versionOf(tag) !== undefined);
  if (version)
    return { tags: { semver: `>=${versionOf(version)}` }, because: `${version} runs, which is a version` };
  const moving = tags.find((tag) => MOVING.test(tag));
  if (moving)
    return { tags: { exact: moving }, because: `${moving} runs, a tag that is moved from image to image` };
  const commit = tags.find((tag) => COMMIT.test(tag));
  if (commit)
    return {
      tags: { newest: true },
      because: `${commit} runs, which looks like a commit: whatever is pushed last deploys`,
    };
  for (const tag of tags) {
    const prefix = PREFIXED.exec(tag)?.groups?.prefix;
    if (prefix) return { tags: { glob: `${prefix}*` }, because: `${tag} runs` };
  }
  const why =
    tags.length > 0 ? `${tags.join(', ')} runs, which tells no rule` : 'no tag is on the image that runs';
  return { tags: { newest: true }, because: `${why}: whatever is pushed last deploys` };
}
