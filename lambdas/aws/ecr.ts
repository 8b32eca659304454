/** ECR: what a tag or a digest is now. */
import {
  DescribeImagesCommand,
  ECRClient,
  ImageNotFoundException,
  RepositoryNotFoundException,
} from '@aws-sdk/client-ecr';
import { ImageNotFound } from '../common/errors.ts';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export interface DescribedImage {
  readonly digest: string;
  readonly pushedAtMs: number;
  readonly tags: readonly string[];
  /** Account of the registry that holds it. */
  readonly registryId: string;
}

export interface Ecr {
  /** @throws ImageNotFound naming repository and tag or digest */
  describeImage(
    repository: string,
    image: { tag: string } | { digest: string },
    registryId?: string,
  ): Promise<DescribedImage>;
}

const clientFor = clientOf(ECRClient);

export function ecr(runtime: Runtime): Ecr {
  const client = clientFor(runtime);
  return {
    async describeImage(repositoryName, image, registryId) {
      const imageId = 'tag' in image ? { imageTag: image.tag } : { imageDigest: image.digest };
      const notFound = (cause?: unknown): never => {
        const label = 'tag' in image ? `:${image.tag}` : `@${image.digest}`;
        throw new ImageNotFound(
          `image ${repositoryName}${label} is not in ECR; push it, or name one that is there`,
          { cause },
        );
      };
      try {
        const answer = await client.send(
          new DescribeImagesCommand({ repositoryName, registryId, imageIds: [imageId] }),
        );
        const [found] = answer.imageDetails ?? [];
        if (!found?.imageDigest) return notFound();
        return {
          digest: found.imageDigest,
          pushedAtMs: found.imagePushedAt?.getTime() ?? 0,
          tags: found.imageTags ?? [],
          registryId: found.registryId ?? '',
        };
      } catch (error) {
        if (error instanceof ImageNotFoundException || error instanceof RepositoryNotFoundException)
          return notFound(error);
        throw error;
      }
    },
  };
}
