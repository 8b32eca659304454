/** Whether a state may run what a deployment moves: images behind gates only once the record says that they passed. */
import type { Deployment } from '../common/deployment.ts';
import { hasImageGates } from '../common/service.ts';

/** States that start tasks of the new revision, make room for them, or give them requests. */
const RUNS_IMAGE: readonly string[] = [
  'RunMigration',
  'AttachGreen',
  'StopBlue',
  'StartGreen',
  'StartServiceDeployment',
  'ModifyListener',
];

type Facts = Pick<Deployment, 'configuration' | 'green' | 'image' | 'images' | 'imagesVerified'>;

/** @returns a digest that has not passed and would have had to; undefined if all have */
export function unverifiedDigest(state: string, deployment: Facts): string | undefined {
  const { configuration, green, image, images = { main: image }, imagesVerified } = deployment;
  if (!RUNS_IMAGE.includes(state) || green.kind === 'fleet' || !hasImageGates(configuration))
    return undefined;
  return Object.values(images)
    .map(({ digest }) => digest)
    .find((digest) => !imagesVerified?.digests.includes(digest));
}
