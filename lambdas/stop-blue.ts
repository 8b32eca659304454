/** StopBlue: for services that must never run twice: every old task is STOPPED before a new one starts. */
import { type Ecs, ecs } from './aws/ecs.ts';
import { type Sfn, sfn } from './aws/sfn.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { lookAtStopped } from './waits/stopped.ts';
import { waitFor } from './waits/wait.ts';

const stopBlue: Step<{ ecs: Ecs; sfn: Sfn }> = async (journal, ports, input) => {
  const { blue, greenCount, configuration } = journal.deployment;
  const { desiredCount = 0 } = await ports.ecs.describeService(blue.cluster, blue.service);
  // Asked before it is set to 0: nobody could tell it afterwards.
  const count = greenCount ?? (desiredCount || configuration.initialCount);
  await journal.intend({ greenCount: count, stoppedAtMs: journal.deployment.stoppedAtMs ?? ports.now() });
  await ports.ecs.updateService(blue.cluster, blue.service, { desiredCount: 0 });
  return waitFor([blue.serviceArn], () => lookAtStopped(blue, ports), journal, input, {
    ...ports,
    state: 'StopBlue',
  });
};

export const create = step('StopBlue', stopBlue, { ecs, sfn });
export const handler = onLambda(create);
