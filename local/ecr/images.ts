/** The operations on images. */
import { pageOf } from '../page.ts';
import { LOCAL_ACCOUNT, type Platform } from '../platform.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EcrApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { type Manifest, readManifest } from './manifest.ts';
import type { Image, ImageId, Repository } from './repository.ts';

const PAGE_DEFAULT = 100;
const PAGE_MAX = 1000;
const IDS_MAX = 100;

type RepositoryInput = { repositoryName?: string | undefined; registryId?: string | undefined };

/** @param named finds a repository, or throws. @param pushed is told of every manifest that was put */
export function imageOperations(
  platform: Platform,
  named: (input: RepositoryInput) => Repository,
  pushed: (repository: Repository, manifest: Manifest) => void,
): Operations<typeof EcrApi> {
  return {
    PutImage: (input) => {
      const repository = named(input);
      const answer = putImage(platform, repository, input);
      pushed(repository, findImage(repository, answer.image?.imageId ?? {}).manifest);
      return answer;
    },
    BatchGetImage: (input) => batchGet(named(input), input.imageIds ?? []),
    BatchDeleteImage: (input) => batchDelete(platform, named(input), input.imageIds ?? []),
    DescribeImages: (input) => describeImages(named(input), input),
    ListImages: (input) => listImages(named(input), input),
  };
}

function putImage(
  platform: Platform,
  repository: Repository,
  input: EcrApi.PutImageCommandInput,
): EcrApi.PutImageResponse {
  const manifest = readManifest(input.imageManifest ?? '', input.imageManifestMediaType);
  if (input.imageDigest !== undefined && input.imageDigest !== manifest.digest) {
    throw new AwsError(
      'ImageDigestDoesNotMatchException',
      `The provided digest '${input.imageDigest}' does not match the calculated digest '${manifest.digest}'`,
    );
  }
  if (input.imageTag !== undefined) requireTag(input.imageTag);
  repository.put(manifest, input.imageTag, platform.clock.now());
  emitAction(
    platform,
    repository,
    'PUSH',
    { imageDigest: manifest.digest, imageTag: input.imageTag },
    manifest,
  );
  return { image: shown(repository, manifest, input.imageTag) };
}

function requireTag(tag: string): void {
  if (/^\w[\w.-]{0,299}$/.test(tag)) return;
  throw invalid(
    `Invalid parameter at 'imageTag' failed to satisfy constraint: '${tag}' must match [a-zA-Z0-9_][a-zA-Z0-9._-]{0,299}`,
  );
}

/** One event for each tag; none for layers. */
function emitAction(
  platform: Platform,
  repository: Repository,
  action: 'PUSH' | 'DELETE',
  id: ImageId,
  manifest?: Manifest,
): void {
  platform.emit({
    source: 'aws.ecr',
    detailType: 'ECR Image Action',
    resources: [],
    detail: {
      result: 'SUCCESS',
      'repository-name': repository.name,
      'image-digest': id.imageDigest,
      'action-type': action,
      ...(id.imageTag !== undefined && { 'image-tag': id.imageTag }),
      ...(manifest && { 'manifest-media-type': manifest.mediaType }),
      ...(manifest?.artifactMediaType !== undefined && { 'artifact-media-type': manifest.artifactMediaType }),
    },
  });
}

function batchGet(
  repository: Repository,
  ids: readonly EcrApi.ImageIdentifier[],
): EcrApi.BatchGetImageResponse {
  requireIds(ids);
  const looked = ids.map((id) => ({ id, image: repository.find(id) }));
  return {
    images: looked.flatMap(({ id, image }) =>
      image ? [shown(repository, image.manifest, id.imageTag)] : [],
    ),
    failures: looked.flatMap(({ id, image }) => (image ? [] : [failure(id)])),
  };
}

function batchDelete(
  platform: Platform,
  repository: Repository,
  ids: readonly EcrApi.ImageIdentifier[],
): EcrApi.BatchDeleteImageResponse {
  requireIds(ids);
  const results = ids.map((id) => ({ id, deleted: repository.delete(id) }));
  for (const id of results.flatMap(({ deleted }) => deleted)) emitAction(platform, repository, 'DELETE', id);
  return {
    imageIds: results.flatMap(({ deleted }) => deleted),
    failures: results.flatMap(({ id, deleted }) => (deleted.length > 0 ? [] : [failure(id)])),
  };
}

function describeImages(
  repository: Repository,
  input: EcrApi.DescribeImagesCommandInput,
): EcrApi.DescribeImagesResponse {
  const { imageIds } = input;
  if (!imageIds) {
    const page = pageOf(
      filtered(repository, input.filter?.tagStatus),
      pageSize(input.maxResults),
      input.nextToken,
      invalidToken,
    );
    return {
      imageDetails: page.elements.map((image) => described(repository, image)),
      nextToken: page.nextToken,
    };
  }
  if (input.nextToken !== undefined || input.maxResults !== undefined)
    throw invalid("'imageIds' cannot be used with 'maxResults' or 'nextToken'");
  requireIds(imageIds);
  const found = imageIds.map((id) => findImage(repository, id));
  return { imageDetails: [...new Set(found)].map((image) => described(repository, image)) };
}

function listImages(repository: Repository, input: EcrApi.ListImagesCommandInput): EcrApi.ListImagesResponse {
  const ids = filtered(repository, input.filter?.tagStatus).flatMap(({ manifest: { digest } }): ImageId[] => {
    const tags = repository.tagsOf(digest);
    return tags.length === 0
      ? [{ imageDigest: digest }]
      : tags.map((imageTag) => ({ imageDigest: digest, imageTag }));
  });
  const page = pageOf(ids, pageSize(input.maxResults), input.nextToken, invalidToken);
  return { imageIds: page.elements, nextToken: page.nextToken };
}

function filtered(repository: Repository, tagStatus: string | undefined): Image[] {
  if (tagStatus === undefined || tagStatus === 'ANY') return repository.images;
  return repository.images.filter(
    ({ manifest }) => repository.tagsOf(manifest.digest).length > 0 === (tagStatus === 'TAGGED'),
  );
}

function shown(repository: Repository, manifest: Manifest, imageTag: string | undefined): EcrApi.Image {
  return {
    registryId: LOCAL_ACCOUNT,
    repositoryName: repository.name,
    imageId: { imageDigest: manifest.digest, ...(imageTag !== undefined && { imageTag }) },
    imageManifest: manifest.text,
    imageManifestMediaType: manifest.mediaType,
  };
}

function described(repository: Repository, { manifest, pushedAtMs }: Image): EcrApi.ImageDetail {
  const tags = repository.tagsOf(manifest.digest);
  return {
    registryId: LOCAL_ACCOUNT,
    repositoryName: repository.name,
    imageDigest: manifest.digest,
    ...(tags.length > 0 && { imageTags: tags }),
    imageSizeInBytes: manifest.sizeInBytes,
    imagePushedAt: new Date(pushedAtMs),
    imageManifestMediaType: manifest.mediaType,
    artifactMediaType: manifest.artifactMediaType,
    imageStatus: 'ACTIVE',
    ...(manifest.subjectDigest !== undefined && { subjectManifestDigest: manifest.subjectDigest }),
  };
}

const failure = (imageId: EcrApi.ImageIdentifier): EcrApi.ImageFailure => ({
  imageId,
  failureCode: 'ImageNotFound',
  failureReason: 'Requested image not found',
});

/** @throws AwsError `ImageNotFoundException` */
export function findImage(repository: Repository, id: ImageId): Image {
  return repository.find(id) ?? notFound(repository, id);
}

function notFound(repository: Repository, { imageDigest, imageTag }: ImageId): never {
  throw new AwsError(
    'ImageNotFoundException',
    `The image with imageId {imageDigest:'${imageDigest ?? null}', imageTag:'${imageTag ?? null}'} does not exist within the repository with name '${repository.name}' in the registry with id '${LOCAL_ACCOUNT}'`,
  );
}

function requireIds(ids: readonly EcrApi.ImageIdentifier[]): void {
  if (ids.length < 1 || ids.length > IDS_MAX)
    throw invalid(`'imageIds' has ${ids.length} members; 1 to ${IDS_MAX} are allowed`);
  if (ids.some(({ imageDigest, imageTag }) => imageDigest === undefined && imageTag === undefined)) {
    throw invalid("Each member of 'imageIds' must have imageDigest or imageTag");
  }
}

export function pageSize(asked: number | undefined): number {
  if (asked === undefined) return PAGE_DEFAULT;
  if (asked >= 1 && asked <= PAGE_MAX) return asked;
  throw invalid(`'maxResults' is ${asked}; 1 to ${PAGE_MAX} are allowed`);
}

export const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);
export const invalidToken = (): AwsError =>
  invalid("Invalid parameter at 'nextToken' failed to satisfy constraint: 'Invalid pagination token'");
