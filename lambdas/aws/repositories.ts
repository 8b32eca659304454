/** ECR: everything that a repository holds, and what expires there. */
import {
  DescribeImagesCommand,
  ECRClient,
  GetLifecyclePolicyCommand,
  LifecyclePolicyNotFoundException,
} from '@aws-sdk/client-ecr';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';
import type { DescribedImage } from './ecr.ts';

/** A repository by name; the caller's own registry if none is given. */
export interface RepositoryName {
  readonly repository: string;
  readonly registryId?: string;
}

export interface Repositories {
  /** Every image, tagged or not. @throws RepositoryNotFoundException */
  listImages(name: RepositoryName): Promise<DescribedImage[]>;
  /** As JSON text; undefined if nothing expires. */
  getLifecyclePolicy(name: RepositoryName): Promise<string | undefined>;
}

const clientFor = clientOf(ECRClient);

export function repositories(runtime: Runtime): Repositories {
  const client = clientFor(runtime);
  return {
    async listImages({ repository, registryId }) {
      const images: DescribedImage[] = [];
      let nextToken: string | undefined;
      do {
        const page = await client.send(
          new DescribeImagesCommand({ repositoryName: repository, registryId, maxResults: 1000, nextToken }),
        );
        for (const {
          imageDigest = '',
          imagePushedAt,
          imageTags = [],
          registryId: of = '',
        } of page.imageDetails ?? [])
          images.push({
            digest: imageDigest,
            pushedAtMs: imagePushedAt?.getTime() ?? 0,
            tags: imageTags,
            registryId: of,
          });
        nextToken = page.nextToken;
      } while (nextToken);
      return images;
    },
    async getLifecyclePolicy({ repository, registryId }) {
      try {
        const command = new GetLifecyclePolicyCommand({ repositoryName: repository, registryId });
        return (await client.send(command)).lifecyclePolicyText;
      } catch (error) {
        if (error instanceof LifecyclePolicyNotFoundException) return undefined;
        throw error;
      }
    },
  };
}
