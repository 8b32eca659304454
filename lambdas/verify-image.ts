/** VerifyImage: waits until ECR has scanned and signed what is about to run, and refuses what did not pass. */
import { type Ecr, ecr } from './aws/ecr.ts';
import { type Ecs, ecs } from './aws/ecs.ts';
import { type Sfn, sfn } from './aws/sfn.ts';
import type { Deployment } from './common/deployment.ts';
import { ImageNotFound } from './common/errors.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { imageKey, lookAtImage, manifestsOf, movedImages } from './waits/image.ts';
import { waitFor } from './waits/wait.ts';

const verifyImage: Step<{ ecr: Ecr; ecs: Ecs; sfn: Sfn }> = async (journal, ports, input) => {
  await journal.intend();
  const digests = await scannedDigests(journal.deployment, ports);
  const look = () => lookAtImage(journal.deployment, ports);
  return waitFor(digests.map(imageKey), look, journal, input, { ...ports, state: 'VerifyImage' });
};

export const create = step('VerifyImage', verifyImage, { ecr, ecs, sfn });
export const handler = onLambda(create);

/** Whose scans ECR tells of: nothing is told of signatures, which the sweep looks after. */
async function scannedDigests(deployment: Deployment, ports: { ecr: Ecr; ecs: Ecs }): Promise<string[]> {
  if (!deployment.configuration.image.scan) return [];
  const manifests = movedImages(deployment).map((image) => manifestsOf(image, deployment, ports));
  try {
    return (await Promise.all(manifests)).flat().map(({ digest }) => digest);
  } catch (error) {
    // Gone since it was asked for: the look says so.
    if (error instanceof ImageNotFound) return [];
    throw error;
  }
}
