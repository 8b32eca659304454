/** The newest image that a service should have by its own rules, as ECR has it now: what an event would have told. */
import type { DescribedImage, Ecr } from '../aws/ecr.ts';
import { ImageNotFound } from '../common/errors.ts';
import { type RepositorySource, type ServiceConfiguration, sourcesOf } from '../common/service.ts';
import { judgeAge, judgeImage } from '../decisions/images.ts';
import { comparePushes } from '../decisions/push-order.ts';
import type { Push } from '../decisions/pushes.ts';
import { judgeTag, versionUnder } from '../decisions/tags.ts';

export interface NewestPorts {
  readonly ecr: Ecr;
  readonly now: () => number;
  /** The stack's account: the registry of a source that names none. */
  readonly ownAccount: string;
}

/**
 * The newest image of a service's main repository that its tag policy follows, that is an image, and that is as old as
 * `minimumAge` asks: as a push, whose `pushedAtMs` is the time at which it arrived in ECR (a listing knows no other; a
 * new tag does not renew it). Costs one DescribeImages per 1,000 tagged images, or one in all for an exact tag.
 * @returns undefined if there is none, or no such repository
 * @example const push = await newestImage(configuration, { ecr, now, ownAccount });
 */
export function newestImage(
  configuration: ServiceConfiguration,
  ports: NewestPorts,
): Promise<Push | undefined> {
  return newestOfSource(configuration.image, configuration, ports);
}

/** The same for every repository that feeds the service, its sidecars' included; those that have none are left out. */
export async function newestImages(configuration: ServiceConfiguration, ports: NewestPorts): Promise<Push[]> {
  const sources = sourcesOf(configuration);
  const found = await Promise.all(sources.map((source) => newestOfSource(source, configuration, ports)));
  return found.filter((push) => push !== undefined);
}

export async function newestOfSource(
  source: RepositorySource,
  { image: { minimumAgeSeconds } }: ServiceConfiguration,
  { ecr, now, ownAccount }: NewestPorts,
): Promise<Push | undefined> {
  const { repository, registryId = ownAccount } = source;
  const images = (await describeCandidates(source, ecr)).filter(
    (image) => judgeImage(image).qualifies && judgeAge(image, minimumAgeSeconds, now()).qualifies,
  );
  const pushes = images.flatMap(({ digest, pushedAtMs, tags }) =>
    tags
      .filter((tag) => judgeTag(source.tags, tag).follows)
      .map((tag): Push => ({ repository, registryId, digest, tag, pushedAtMs })),
  );
  return pushes.sort((a, b) => comparePushes(orderOf(b, source), orderOf(a, source)))[0];
}

const orderOf = ({ tag, digest, pushedAtMs }: Push, { tags }: RepositorySource) => ({
  version: versionUnder(tags, tag),
  pushedAtMs,
  imagePushedAtMs: pushedAtMs,
  digest,
});

async function describeCandidates(
  { repository, registryId, tags }: RepositorySource,
  ecr: Ecr,
): Promise<DescribedImage[]> {
  try {
    if (!('exact' in tags)) return await ecr.describeTaggedImages(repository, registryId);
    return [await ecr.describeImage(repository, { tag: tags.exact }, registryId)];
  } catch (error) {
    if (error instanceof ImageNotFound) return [];
    throw error;
  }
}
