/** The look of VerifyImage: what ECR has found in the images that are about to run, and whether they are signed. */
import type { Table } from '../aws/dynamodb.ts';
import type { Ecr, ImageName } from '../aws/ecr.ts';
import type { Ecs } from '../aws/ecs.ts';
import type { Deployment } from '../common/deployment.ts';
import { ImageNotFound, ImageNotVerified } from '../common/errors.ts';
import { type ServiceConfiguration, sourcesOf } from '../common/service.ts';
import { allOf, type GateVerdict, judgeScans, judgeSignatures } from '../decisions/image-gates.ts';
import { platformOf, runnableManifests } from '../decisions/image-index.ts';
import { isIndex } from '../decisions/images.ts';
import { noteProgress } from '../table/deployments.ts';
import { answered, failed, type Look, stillOpen } from './look.ts';

export interface ImagePorts {
  readonly ecr: Ecr;
  readonly ecs: Ecs;
  readonly table: Table;
  readonly now: () => number;
}

/** The key of an image among the things that wake a wait. */
export const imageKey = (digest: string): string => `image:${digest}`;

/** What a deployment moves, each image once. */
export function movedImages({ configuration, images = {} }: Deployment): ImageName[] {
  const moved = sourcesOf(configuration).flatMap(({ repository, registryId, containers }) =>
    containers.flatMap((container) => {
      const digest = images[container]?.digest;
      return digest === undefined ? [] : [{ repository, registryId, digest }];
    }),
  );
  const first = (image: ImageName) => moved.find(({ digest }) => digest === image.digest);
  return moved.filter((image) => first(image) === image);
}

/** The verdict is written into the record with the digests that it is about: without it nothing of them is started. */
export async function lookAtImage(deployment: Deployment, ports: ImagePorts): Promise<Look> {
  const images = movedImages(deployment);
  const verdict = await judgeAll(deployment, images, ports);
  if (verdict.gate === 'open') return stillOpen(verdict.waitingFor);
  if (verdict.gate === 'refused') return failed(new ImageNotVerified(verdict.reason));
  const digests = images.map(({ digest }) => digest);
  await noteProgress(ports.table, deployment, {
    imagesVerified: { digests, told: verdict.told, atMs: ports.now() },
  });
  return answered({ verified: digests });
}

async function judgeAll(
  deployment: Deployment,
  images: readonly ImageName[],
  ports: ImagePorts,
): Promise<GateVerdict> {
  const { scan, signature } = deployment.configuration.image;
  const begunAtMs = deployment.stages.VerifyImage?.intendedAtMs ?? ports.now();
  const waitedSeconds = (ports.now() - begunAtMs) / 1000;
  const gates = images.flatMap((image) => [
    ...(scan ? [scanGate(image, deployment, scan, waitedSeconds, ports)] : []),
    ...(signature ? [signatureGate(image, signature, waitedSeconds, ports)] : []),
  ]);
  try {
    return allOf(await Promise.all(gates));
  } catch (error) {
    if (error instanceof ImageNotFound) return { gate: 'refused', reason: error.message };
    throw error;
  }
}

type Settings<Gate extends 'scan' | 'signature'> = NonNullable<ServiceConfiguration['image'][Gate]>;

async function scanGate(
  image: ImageName,
  deployment: Deployment,
  settings: Settings<'scan'>,
  waitedSeconds: number,
  ports: ImagePorts,
): Promise<GateVerdict> {
  const manifests = await manifestsOf(image, deployment, ports);
  const scanned = manifests.map(async ({ digest, platform }) => ({
    name: `${image.repository}@${digest}${platform ? ` (${platform})` : ''}`,
    scan: await ports.ecr.describeScan({ ...image, digest }),
  }));
  return judgeScans(await Promise.all(scanned), settings, waitedSeconds);
}

async function signatureGate(
  image: ImageName,
  settings: Settings<'signature'>,
  waitedSeconds: number,
  { ecr }: ImagePorts,
): Promise<GateVerdict> {
  const name = `${image.repository}@${image.digest}`;
  return judgeSignatures(name, await ecr.describeSigning(image), settings, waitedSeconds);
}

/**
 * What ECR scans: of a list for several architectures those images that the new revision can run, else the image itself.
 * @throws ImageNotFound
 */
export async function manifestsOf(
  image: ImageName,
  { revisionArn = '' }: Pick<Deployment, 'revisionArn'>,
  { ecr, ecs }: Pick<ImagePorts, 'ecr' | 'ecs'>,
): Promise<{ readonly digest: string; readonly platform?: string }[]> {
  const { repository, registryId, digest } = image;
  if (!isIndex(await ecr.describeImage(repository, { digest }, registryId))) return [{ digest }];
  const { taskDefinition } = await ecs.describeTaskDefinition(revisionArn);
  return runnableManifests(await ecr.getManifest(image), platformOf(taskDefinition));
}
