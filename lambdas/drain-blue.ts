/** DrainBlue: past this point green is the only good side: blue finishes its last requests and stops. */
import { type ApplicationAutoScaling, applicationAutoScaling } from './aws/application-autoscaling.ts';
import { type Ecs, ecs } from './aws/ecs.ts';
import { type Elbv2, elbv2 } from './aws/elbv2.ts';
import { type Sfn, sfn } from './aws/sfn.ts';
import { StepMiscalled } from './common/errors.ts';
import { parkScaling, releaseScaling } from './common/scaling.ts';
import { jointGroupOf } from './common/service.ts';
import { requireSettled } from './common/settled.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { requireNoOtherRules } from './resolution/sides.ts';
import { lookAtStopped } from './waits/stopped.ts';
import { waitFor } from './waits/wait.ts';

const drainBlue: Step<{ autoscaling: ApplicationAutoScaling; ecs: Ecs; elbv2: Elbv2; sfn: Sfn }> = async (
  journal,
  ports,
  input,
) => {
  const { blue, shift, settleSeconds, configuration, service, succeededAtMs } = journal.deployment;
  if (jointGroupOf(configuration) && succeededAtMs === undefined)
    throw new StepMiscalled(`the group of ${service} has not come through: its blue side is still needed`);
  const writtenAtMs = shift?.doneAtMs ?? shift?.intendedAtMs ?? ports.now();
  await requireSettled(blue, journal.deployment, { writtenAtMs, settleSeconds }, ports);
  await requireNoOtherRules(configuration, [blue], ports.elbv2);
  const parked = await parkScaling(journal.deployment, 'blue', ports);
  await journal.intend({ pointOfNoReturn: true, scaling: parked.scaling });
  await releaseScaling(journal.deployment, ports);
  await parked.apply();
  // A fleet stays registered: its machines are the user's to switch off.
  if (blue.kind === 'ecs') await ports.ecs.updateService(blue.cluster, blue.service, { desiredCount: 0 });
  return waitFor([blue.serviceArn], () => lookAtStopped(blue, ports), journal, input, {
    ...ports,
    state: 'DrainBlue',
  });
};

export const create = step('DrainBlue', drainBlue, { autoscaling: applicationAutoScaling, ecs, elbv2, sfn });
export const handler = onLambda(create);
