/** ECR: gives an image that is there another tag. */
import {
  BatchGetImageCommand,
  ECRClient,
  ImageAlreadyExistsException,
  PutImageCommand,
} from '@aws-sdk/client-ecr';
import { ImageNotFound } from '../common/errors.ts';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';
import type { ImageName } from './ecr.ts';

export interface ImageTags {
  /** The tag moves from whatever image has it. @throws ImageNotFound, or ECR's ImageTagAlreadyExistsException if tags are immutable */
  tagImage(image: ImageName, tag: string): Promise<void>;
}

/** ECR converts a manifest, whose digest is another then, unless its own type is accepted. */
const MEDIA_TYPES = [
  'application/vnd.docker.distribution.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
];

const clientFor = clientOf(ECRClient);

export function imageTags(runtime: Runtime): ImageTags {
  const client = clientFor(runtime);
  return {
    async tagImage({ repository: repositoryName, registryId, digest: imageDigest }, imageTag) {
      const { images = [] } = await client.send(
        new BatchGetImageCommand({
          repositoryName,
          registryId,
          imageIds: [{ imageDigest }],
          acceptedMediaTypes: MEDIA_TYPES,
        }),
      );
      const [image] = images;
      if (!image?.imageManifest)
        throw new ImageNotFound(`image ${repositoryName}@${imageDigest} is no longer in ECR`);
      try {
        await client.send(
          new PutImageCommand({
            repositoryName,
            registryId,
            imageManifest: image.imageManifest,
            imageManifestMediaType: image.imageManifestMediaType,
            imageDigest,
            imageTag,
          }),
        );
      } catch (error) {
        // It has this tag already.
        if (!(error instanceof ImageAlreadyExistsException)) throw error;
      }
    },
  };
}
