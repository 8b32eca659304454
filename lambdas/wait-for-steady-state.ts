/** WaitForSteadyState: until green's own ECS deployment is complete and every task runs the revision. */
import { ecs } from './aws/ecs.ts';
import { elbv2 } from './aws/elbv2.ts';
import { logs } from './aws/logs.ts';
import { type Sfn, sfn } from './aws/sfn.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { lookAtSteadyState, type SteadyStatePorts } from './waits/steady-state.ts';
import { waitFor } from './waits/wait.ts';

const waitForSteadyState: Step<SteadyStatePorts & { sfn: Sfn }> = async (journal, ports, input) => {
  await journal.intend();
  const { deployment } = journal;
  const look = () => lookAtSteadyState(deployment, ports);
  return waitFor([deployment.green.serviceArn], look, journal, input, {
    ...ports,
    state: 'WaitForSteadyState',
  });
};

export const create = step('WaitForSteadyState', waitForSteadyState, { ecs, elbv2, logs, sfn });
export const handler = onLambda(create);
