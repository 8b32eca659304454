/** StopGreen: the version that was not good finishes what it has and stops. */
import { type ApplicationAutoScaling, applicationAutoScaling } from './aws/application-autoscaling.ts';
import { type Ecs, ecs } from './aws/ecs.ts';
import { type Elbv2, elbv2 } from './aws/elbv2.ts';
import { type Sfn, sfn } from './aws/sfn.ts';
import { requireOurs } from './common/in-place.ts';
import { parkScaling, restoreScaling } from './common/scaling.ts';
import { isInPlace } from './common/service.ts';
import { requireSettled } from './common/settled.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { lookAtStopped } from './waits/stopped.ts';
import { waitFor } from './waits/wait.ts';

const stopGreen: Step<{ autoscaling: ApplicationAutoScaling; ecs: Ecs; elbv2: Elbv2; sfn: Sfn }> = async (
  journal,
  ports,
  input,
) => {
  const { green, restore, stages, configuration } = journal.deployment;
  // Without a shift of ours green has no weight of ours, but it may have some by hand.
  const writtenAtMs = restore?.doneAtMs ?? restore?.intendedAtMs ?? 0;
  // Clients that stick to green are not waited for: it is the version that was not good.
  const settleSeconds = configuration.propagationSeconds;
  await requireSettled(green, journal.deployment, { writtenAtMs, settleSeconds }, ports);
  const wasStarted = green.kind === 'ecs' && stages.StartGreen !== undefined;
  // Where green takes blue's place, blue's own tasks may still be stopping: nothing may start beside them.
  const mustBeGone = wasStarted || stages.StopBlue !== undefined;
  if (mustBeGone && isInPlace(configuration))
    requireOurs(await ports.ecs.describeService(green.cluster, green.service), journal.deployment);
  const parked = mustBeGone ? await parkScaling(journal.deployment, 'green', ports) : undefined;
  await journal.intend(parked && { scaling: parked.scaling });
  await parked?.apply();
  // A service that goes to 0 before blue starts again is restored by StartBlue: its minimum would lift it here.
  if (configuration.strategy.type !== 'recreate')
    await (await restoreScaling(journal.deployment, ports)).apply();
  if (mustBeGone) await ports.ecs.updateService(green.cluster, green.service, { desiredCount: 0 });
  const look = async () =>
    mustBeGone ? lookAtStopped(green, ports) : { open: false as const, answer: { stopped: 'never started' } };
  return waitFor([green.serviceArn], look, journal, input, { ...ports, state: 'StopGreen' });
};

export const create = step('StopGreen', stopGreen, { autoscaling: applicationAutoScaling, ecs, elbv2, sfn });
export const handler = onLambda(create);
