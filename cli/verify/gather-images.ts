/** Looks up the image that a deployment would take now, and those that must not disappear. */
import type { Deployment } from '../../lambdas/common/deployment.ts';
import { Refusal } from '../../lambdas/common/errors.ts';
import {
  type RepositorySource,
  type ServiceConfiguration,
  sourcesOf,
  type TagPolicy,
} from '../../lambdas/common/service.ts';
import { imageOf } from '../../lambdas/decisions/revision.ts';
import { newestOfSource } from '../../lambdas/resolution/newest-image.ts';
import { getLastGood } from '../../lambdas/table/memory.ts';
import { platformsIn } from './checks/image.ts';
import { type Fact, known, look, unknown, valueIn, whenKnown } from './fact.ts';
import type { ImageFacts, KeptDigest, Platform, RetentionFacts, SideFacts } from './facts.ts';
import type { VerifyPorts } from './ports.ts';

const refused = {
  isMissing: (error: Error) => error instanceof Refusal || error.name === 'RepositoryNotFoundException',
};

export function gatherImages(configuration: ServiceConfiguration, ports: VerifyPorts): Promise<ImageFacts[]> {
  return Promise.all(sourcesOf(configuration).map((source) => gatherImage(source, configuration, ports)));
}

async function gatherImage(
  source: RepositorySource,
  configuration: ServiceConfiguration,
  ports: VerifyPorts,
): Promise<ImageFacts> {
  const { repository, registryId, tags, containers } = source;
  const wanted = `${repository}, tags ${describePolicy(tags)}`;
  const image = await look(() => newestOfSource(source, configuration, ports), {
    ...refused,
    absent: `${repository} has no image with such a tag that is old enough`,
  });
  const manifest = await whenKnown(image, ({ digest }) =>
    look(() => ports.ecr.getManifest({ repository, registryId, digest }), refused),
  );
  return {
    wanted,
    containers,
    image,
    platforms: await whenKnown(manifest, async (text) => platformsOf(text)),
  };
}

function platformsOf(manifest: string): Fact<readonly Platform[]> {
  const platforms = platformsIn(manifest);
  if (platforms) return known(platforms);
  return unknown('the image is one manifest without an index, which does not say what it was built for');
}

/** As sidestep.yaml has it. */
function describePolicy(policy: TagPolicy): string {
  const [[kind, value] = []] = Object.entries(policy);
  return value === true ? `${kind}` : `${kind} ${value}`;
}

/** For each repository that feeds the service. */
export async function gatherRetentions(
  configuration: ServiceConfiguration,
  {
    sides,
    deployments,
  }: { readonly sides: readonly SideFacts[]; readonly deployments: readonly Deployment[] },
  ports: VerifyPorts,
): Promise<RetentionFacts[]> {
  const lastGood = await getLastGood(ports.table, configuration.name);
  const before = deployments.findLast(
    ({ outcome, image }) => outcome === 'SUCCESSFUL' && image.digest !== lastGood?.image.digest,
  );
  return Promise.all(
    sourcesOf(configuration).map((source) => {
      const isMain = source === configuration.image;
      const kept = [
        ...servingOf(source, sides),
        ...goodOf(source, lastGood, { isMain, because: 'last good deployment' }),
        ...goodOf(source, before, { isMain, because: 'a rollback would bring it back' }),
      ];
      return gatherRetention(source, kept, ports);
    }),
  );
}

async function gatherRetention(
  { repository, registryId }: RepositorySource,
  found: readonly KeptDigest[],
  { repositories }: VerifyPorts,
): Promise<RetentionFacts> {
  // Back to a fleet no image goes: its digest is a word.
  const kept = found.filter(
    ({ digest }, index) =>
      digest.startsWith('sha256:') && found.findIndex((one) => one.digest === digest) === index,
  );
  const name = { repository, registryId };
  const [images, policy] = await Promise.all([
    look(() => repositories.listImages(name), refused),
    look(async () => [await repositories.getLifecyclePolicy(name)].flatMap((one) => one ?? []), refused),
  ]);
  return { repository, kept, images, policy };
}

/** A side at rest needs no image. */
function servingOf({ containers }: RepositorySource, sides: readonly SideFacts[]): KeptDigest[] {
  return sides.flatMap(({ service, definition, name }) => {
    const running = valueIn(definition);
    if (!running || (valueIn(service)?.desiredCount ?? 0) === 0) return [];
    const images = containers.map((container) => imageOf(running, container)?.split('@')[1]);
    return images.flatMap((digest) => (digest ? [{ digest, because: `${name} runs it` }] : []));
  });
}

/** A record of an older version names the main image alone. */
function goodOf(
  { containers }: RepositorySource,
  good: Pick<Deployment, 'image' | 'images' | 'deploymentId'> | undefined,
  { isMain, because }: { isMain: boolean; because: string },
): KeptDigest[] {
  if (!good) return [];
  const { image, images = {}, deploymentId } = good;
  const digests = containers.flatMap(
    (container) => images[container]?.digest ?? (isMain ? image.digest : []),
  );
  return digests.map((digest) => ({ digest, because: `${because}, ${deploymentId}` }));
}
