/** Pause: nothing moves until a person says how to go on. */
import { type Sfn, sfn } from './aws/sfn.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { lookAtPause } from './waits/approval.ts';
import { waitFor } from './waits/wait.ts';

const pause: Step<{ sfn: Sfn }> = async (journal, ports, input) => {
  await journal.intend({ nextTrafficStep: Number(input.trafficStep) });
  const look = () => lookAtPause(journal.deployment);
  return waitFor([], look, journal, input, { ...ports, state: 'Pause' });
};

export const create = step('Pause', pause, { sfn });
export const handler = onLambda(create);
