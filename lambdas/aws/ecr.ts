/** ECR: what a tag or a digest is now, which images a repository has, and what was found out about them. */
import {
  BatchGetImageCommand,
  DescribeImageScanFindingsCommand,
  DescribeImageSigningStatusCommand,
  DescribeImagesCommand,
  ECRClient,
  type ImageDetail,
  ImageNotFoundException,
  paginateDescribeImages,
  RepositoryNotFoundException,
  ScanNotFoundException,
} from '@aws-sdk/client-ecr';
import { ImageNotFound } from '../common/errors.ts';
import type { Runtime } from '../common/runtime.ts';
import type { ScanFacts, SigningFacts } from '../decisions/image-gates.ts';
import type { ImageFacts } from '../decisions/images.ts';
import { clientOf } from './client.ts';

export interface DescribedImage extends ImageFacts {
  readonly tags: readonly string[];
  /** Account of the registry that holds it. */
  readonly registryId: string;
}

/** An image of an exact digest. */
export interface ImageName {
  readonly repository: string;
  readonly registryId?: string;
  readonly digest: string;
}

export interface Ecr {
  /** @throws ImageNotFound naming repository and tag or digest */
  describeImage(
    repository: string,
    image: { tag: string } | { digest: string },
    registryId?: string,
  ): Promise<DescribedImage>;
  /** Every image that has a tag, in no order. @throws ImageNotFound if there is no such repository */
  describeTaggedImages(repository: string, registryId?: string): Promise<DescribedImage[]>;
  /** The manifest's text, byte for byte. @throws ImageNotFound */
  getManifest(image: ImageName): Promise<string>;
  /** @returns undefined if no scan of it was ever begun. @throws ImageNotFound */
  describeScan(image: ImageName): Promise<ScanFacts | undefined>;
  /** Of every signing profile that is to sign it; empty if none is. @throws ImageNotFound */
  describeSigning(image: ImageName): Promise<SigningFacts[]>;
}

/** The most that ECR gives at once. */
const PAGE_MAX = 1000;

const clientFor = clientOf(ECRClient);

export function ecr(runtime: Runtime): Ecr {
  const client = clientFor(runtime);
  return {
    describeImage(repositoryName, image, registryId) {
      const imageId = 'tag' in image ? { imageTag: image.tag } : { imageDigest: image.digest };
      const label = 'tag' in image ? `:${image.tag}` : `@${image.digest}`;
      return orNotFound(`${repositoryName}${label}`, async () => {
        const answer = await client.send(
          new DescribeImagesCommand({ repositoryName, registryId, imageIds: [imageId] }),
        );
        return answer.imageDetails?.map(describedImage)[0];
      });
    },
    describeTaggedImages(repositoryName, registryId) {
      return orNotFound(repositoryName, async () => {
        const images: DescribedImage[] = [];
        const input = { repositoryName, registryId, filter: { tagStatus: 'TAGGED' as const } };
        for await (const { imageDetails = [] } of paginateDescribeImages(
          { client, pageSize: PAGE_MAX },
          input,
        ))
          images.push(...imageDetails.map(describedImage));
        return images;
      });
    },
    getManifest(image) {
      return orNotFound(labelOf(image), async () => {
        const { imageId, ...repository } = inputOf(image);
        const { images = [] } = await client.send(
          new BatchGetImageCommand({ ...repository, imageIds: [imageId] }),
        );
        return images[0]?.imageManifest;
      });
    },
    async describeScan(image) {
      try {
        return await orNotFound(labelOf(image), async () => {
          // Only the counts are read, which stand on every page: the findings themselves may be thousands.
          const answer = await client.send(
            new DescribeImageScanFindingsCommand({ ...inputOf(image), maxResults: 1 }),
          );
          const { imageScanStatus, imageScanFindings } = answer;
          return {
            status: imageScanStatus?.status,
            description: imageScanStatus?.description,
            isCompleted: imageScanFindings?.imageScanCompletedAt !== undefined,
            counts: imageScanFindings?.findingSeverityCounts ?? {},
          };
        });
      } catch (error) {
        if (error instanceof ScanNotFoundException) return undefined;
        throw error;
      }
    },
    describeSigning(image) {
      return orNotFound(labelOf(image), async () => {
        const { signingStatuses = [] } = await client.send(
          new DescribeImageSigningStatusCommand(inputOf(image)),
        );
        return signingStatuses.map(({ signingProfileArn = '', status, failureCode, failureReason }) => ({
          profileArn: signingProfileArn,
          status,
          reason: [failureCode, failureReason].filter(Boolean).join(': ') || undefined,
        }));
      });
    },
  };
}

const inputOf = ({ repository, registryId, digest }: ImageName) => ({
  repositoryName: repository,
  registryId,
  imageId: { imageDigest: digest },
});

const labelOf = ({ repository, digest }: ImageName): string => `${repository}@${digest}`;

/** @throws ImageNotFound in the place of ECR's own words for it */
async function orNotFound<Found>(label: string, ask: () => Promise<Found | undefined>): Promise<Found> {
  const notFound = (cause?: unknown): never => {
    throw new ImageNotFound(`image ${label} is not in ECR; push it, or name one that is there`, { cause });
  };
  try {
    return (await ask()) ?? notFound();
  } catch (error) {
    if (error instanceof ImageNotFoundException || error instanceof RepositoryNotFoundException)
      return notFound(error);
    throw error;
  }
}

function describedImage(detail: ImageDetail): DescribedImage {
  return {
    digest: detail.imageDigest ?? '',
    pushedAtMs: detail.imagePushedAt?.getTime() ?? 0,
    tags: detail.imageTags ?? [],
    registryId: detail.registryId ?? '',
    mediaType: detail.imageManifestMediaType,
    artifactMediaType: detail.artifactMediaType,
    subjectDigest: detail.subjectManifestDigest,
    status: detail.imageStatus,
  };
}
