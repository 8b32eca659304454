/** Pushes local images: a manifest whose annotations say which command stands for the image. */
import { createHash } from 'node:crypto';
import {
  DescribeRepositoriesCommand,
  ImageAlreadyExistsException,
  PutImageCommand,
} from '@aws-sdk/client-ecr';
import { COMMAND_ANNOTATION, ENVIRONMENT_ANNOTATION, SCAN_ANNOTATION } from '../simulators.ts';
import type { Clients } from './clients.ts';

/** The command of the packaged sample application. */
export const SAMPLE_APP: readonly string[] = ['sidestep:sample-app'];

export interface LocalImagePush {
  readonly repository: string;
  readonly tag: string;
  /** Program and arguments; the sample application if absent. */
  readonly command?: readonly string[];
  /** VERSION is the tag unless given. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What ECR's scan finds in it: severity → count. Nothing if absent. */
  readonly findings?: Readonly<Record<string, number>>;
}

export interface PushedImage {
  readonly uri: string;
  readonly digest: string;
  /** False if this very image has this tag already: then nothing was pushed, and no event tells of it. */
  readonly isNew: boolean;
}

/** Pushes the image with one PutImage: equal images have equal digests. */
export async function pushImage({ ecr }: Pick<Clients, 'ecr'>, push: LocalImagePush): Promise<PushedImage> {
  const imageManifest = manifestOf(push);
  const digest = `sha256:${createHash('sha256').update(imageManifest).digest('hex')}`;
  const { repositories = [] } = await ecr.send(
    new DescribeRepositoriesCommand({ repositoryNames: [push.repository] }),
  );
  const uri = `${repositories[0]?.repositoryUri}@${digest}`;
  const image = { imageManifest, imageManifestMediaType: MANIFEST_TYPE, imageTag: push.tag };
  try {
    await ecr.send(new PutImageCommand({ repositoryName: push.repository, ...image }));
    return { uri, digest, isNew: true };
  } catch (error) {
    if (!(error instanceof ImageAlreadyExistsException)) throw error;
    return { uri, digest, isNew: false };
  }
}

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';

/** `{}`, called the configuration of a container image: another media type would say that it is none. */
const EMPTY_CONFIGURATION = {
  mediaType: 'application/vnd.oci.image.config.v1+json',
  digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  size: 2,
};

function manifestOf({ tag, command = SAMPLE_APP, environment = {}, findings }: LocalImagePush): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: EMPTY_CONFIGURATION,
    layers: [],
    annotations: {
      [COMMAND_ANNOTATION]: JSON.stringify(command),
      [ENVIRONMENT_ANNOTATION]: JSON.stringify({ VERSION: tag, ...environment }),
      ...(findings && { [SCAN_ANNOTATION]: JSON.stringify({ findings }) }),
    },
  });
}
