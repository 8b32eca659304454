/** WaitForBlue: until the old revision runs again. */
import { type Ecs, ecs } from './aws/ecs.ts';
import { type Sfn, sfn } from './aws/sfn.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { lookAtBlue } from './waits/blue.ts';
import { waitFor } from './waits/wait.ts';

const waitForBlue: Step<{ ecs: Ecs; sfn: Sfn }> = async (journal, ports, input) => {
  await journal.intend();
  const { deployment } = journal;
  return waitFor([deployment.blue.serviceArn], () => lookAtBlue(deployment, ports), journal, input, {
    ...ports,
    state: 'WaitForBlue',
  });
};

export const create = step('WaitForBlue', waitForBlue, { ecs, sfn });
export const handler = onLambda(create);
