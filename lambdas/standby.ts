/** Standby: green serves, and blue is kept whole for a while: to go back is one write to the listener. */
import { type ApplicationAutoScaling, applicationAutoScaling } from './aws/application-autoscaling.ts';
import { type Sfn, sfn } from './aws/sfn.ts';
import { releaseScaling } from './common/scaling.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { lookAtStandby } from './waits/standby.ts';
import { waitFor } from './waits/wait.ts';

const standby: Step<{ autoscaling: ApplicationAutoScaling; sfn: Sfn }> = async (journal, ports, input) => {
  await journal.intend({ succeededAtMs: journal.deployment.succeededAtMs ?? ports.now() });
  await releaseScaling(journal.deployment, ports);
  const look = () => lookAtStandby(journal.deployment, ports);
  return waitFor([], look, journal, input, { ...ports, state: 'Standby' });
};

export const create = step('Standby', standby, { autoscaling: applicationAutoScaling, sfn });
export const handler = onLambda(create);
