/** Bake: both sides run, alarms and tasks are watched, until the time is up. */
import { cloudwatch } from './aws/cloudwatch.ts';
import { ecs } from './aws/ecs.ts';
import { elbv2 } from './aws/elbv2.ts';
import { logs } from './aws/logs.ts';
import { type Sfn, sfn } from './aws/sfn.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { type BakePorts, lookAtBake, watchedAlarms } from './waits/bake.ts';
import { alarmKey, waitFor } from './waits/wait.ts';

const bake: Step<BakePorts & { sfn: Sfn }> = async (journal, ports, input) => {
  await journal.intend({ bakeStartedAtMs: ports.now() });
  const { deployment } = journal;
  const wokenBy = [...watchedAlarms(deployment).map(alarmKey), deployment.green.serviceArn];
  return waitFor(wokenBy, () => lookAtBake(deployment, ports), journal, input, { ...ports, state: 'Bake' });
};

export const create = step('Bake', bake, { cloudwatch, ecs, elbv2, logs, sfn });
export const handler = onLambda(create);
