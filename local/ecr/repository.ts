/** One repository: its images by digest, and the tags that point at them. */
import { localArn } from '../arns.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../platform.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EcrApi } from '../wire/models.ts';
import type { Manifest } from './manifest.ts';
import type { Scan } from './scans.ts';

export const REGISTRY_HOST = `${LOCAL_ACCOUNT}.dkr.ecr.${LOCAL_REGION}.amazonaws.com`;

export interface Image {
  manifest: Manifest;
  /** When the manifest was first pushed; a new tag does not renew it. */
  pushedAtMs: number;
}

export interface ImageId {
  imageDigest?: string | undefined;
  imageTag?: string | undefined;
}

export class Repository {
  readonly description: EcrApi.Repository;
  readonly name: string;
  /** By digest. */
  readonly scans = new Map<string, Scan>();
  /** By digest, then by signing profile. */
  readonly signatures = new Map<string, Map<string, EcrApi.SigningStatus>>();
  readonly #images = new Map<string, Image>();
  readonly #tags = new Map<string, string>();

  constructor(input: EcrApi.CreateRepositoryCommandInput, nowMs: number) {
    this.name = input.repositoryName ?? '';
    this.description = {
      repositoryName: this.name,
      repositoryArn: localArn('ecr', `repository/${this.name}`),
      repositoryUri: `${REGISTRY_HOST}/${this.name}`,
      registryId: LOCAL_ACCOUNT,
      createdAt: new Date(nowMs),
      imageTagMutability: input.imageTagMutability ?? 'MUTABLE',
      imageScanningConfiguration: { scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false },
      encryptionConfiguration: input.encryptionConfiguration ?? { encryptionType: 'AES256' },
    };
  }

  /** In the order in which they were first pushed. */
  get images(): Image[] {
    return [...this.#images.values()];
  }

  tagsOf(digest: string): string[] {
    return [...this.#tags].filter(([, target]) => target === digest).map(([tag]) => tag);
  }

  find({ imageDigest, imageTag }: ImageId): Image | undefined {
    const tagged = imageTag === undefined ? undefined : this.#tags.get(imageTag);
    if (imageTag !== undefined && (tagged === undefined || (imageDigest ?? tagged) !== tagged))
      return undefined;
    return this.#images.get(imageDigest ?? tagged ?? '');
  }

  /**
   * Keeps a manifest, and moves the tag to it.
   * @throws AwsError `ImageAlreadyExistsException`, `ImageTagAlreadyExistsException`, `ReferencedImagesNotFoundException`
   */
  put(manifest: Manifest, tag: string | undefined, nowMs: number): void {
    this.#requireNew(manifest.digest, tag);
    this.#requireMembers(manifest);
    if (!this.#images.has(manifest.digest))
      this.#images.set(manifest.digest, { manifest, pushedAtMs: nowMs });
    if (tag !== undefined) this.#tags.set(tag, manifest.digest);
  }

  #requireMembers({ members }: Manifest): void {
    const missing = members.find(({ digest }) => !this.#images.has(digest));
    if (!missing) return;
    throw new AwsError(
      'ReferencedImagesNotFoundException',
      `Images with digests '[${missing.digest}]' required for pushing image into repository with name '${this.name}' in the registry with id '${LOCAL_ACCOUNT}' do not exist`,
    );
  }

  #requireNew(digest: string, tag: string | undefined): void {
    const where = `the repository with name '${this.name}' in registry with id '${LOCAL_ACCOUNT}'`;
    const tagged = tag === undefined ? undefined : this.#tags.get(tag);
    if (tag === undefined ? this.#images.has(digest) : tagged === digest) {
      const which = tag === undefined ? `digest '${digest}'` : `digest '${digest}' and tag '${tag}'`;
      throw new AwsError('ImageAlreadyExistsException', `Image with ${which} already exists in ${where}`);
    }
    if (tagged !== undefined && this.description.imageTagMutability === 'IMMUTABLE') {
      throw new AwsError(
        'ImageTagAlreadyExistsException',
        `The image tag '${tag}' already exists in the '${this.name}' repository and cannot be overwritten because the repository is immutable.`,
      );
    }
  }

  /** Removes a tag, and the image with its last one; or, by digest, the image with all of its tags. */
  delete({ imageDigest, imageTag }: ImageId): ImageId[] {
    const image = this.find({ imageDigest, imageTag });
    if (!image) return [];
    const { digest } = image.manifest;
    const tags = imageTag === undefined ? this.tagsOf(digest) : [imageTag];
    for (const tag of tags) this.#tags.delete(tag);
    if (this.tagsOf(digest).length === 0) this.#images.delete(digest);
    return tags.length === 0
      ? [{ imageDigest: digest }]
      : tags.map((tag) => ({ imageDigest: digest, imageTag: tag }));
  }
}
