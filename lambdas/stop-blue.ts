/** StopBlue: for services that must never run twice: every old task is STOPPED before a new one starts. */
import { type ApplicationAutoScaling, applicationAutoScaling } from './aws/application-autoscaling.ts';
import { type Ecs, ecs } from './aws/ecs.ts';
import { type Sfn, sfn } from './aws/sfn.ts';
import { requireOurs } from './common/in-place.ts';
import { parkScaling } from './common/scaling.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { lookAtStopped } from './waits/stopped.ts';
import { waitFor } from './waits/wait.ts';

const stopBlue: Step<{ autoscaling: ApplicationAutoScaling; ecs: Ecs; sfn: Sfn }> = async (
  journal,
  ports,
  input,
) => {
  const { blue, greenCount, configuration } = journal.deployment;
  const service = await ports.ecs.describeService(blue.cluster, blue.service);
  requireOurs(service, journal.deployment);
  const { desiredCount = 0 } = service;
  // Asked before it is set to 0: nobody could tell it afterwards.
  const count = greenCount ?? (desiredCount || configuration.initialCount);
  const parked = await parkScaling(journal.deployment, 'blue', ports);
  const stoppedAtMs = journal.deployment.stoppedAtMs ?? ports.now();
  await journal.commit({ greenCount: count, stoppedAtMs, scaling: parked.scaling });
  await parked.apply();
  await ports.ecs.updateService(blue.cluster, blue.service, { desiredCount: 0 });
  return waitFor([blue.serviceArn], () => lookAtStopped(blue, ports), journal, input, {
    ...ports,
    state: 'StopBlue',
  });
};

export const create = step('StopBlue', stopBlue, { autoscaling: applicationAutoScaling, ecs, sfn });
export const handler = onLambda(create);
