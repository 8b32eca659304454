/** WaitForGroup: services that shift as one wait for each other, before the first shift and after the last bake. */
import { cloudwatch } from './aws/cloudwatch.ts';
import { ecs } from './aws/ecs.ts';
import { elbv2 } from './aws/elbv2.ts';
import { logs } from './aws/logs.ts';
import { sfn } from './aws/sfn.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { isAfterLastBake } from './decisions/next-act.ts';
import { watchedAlarms } from './waits/bake.ts';
import { type GroupPorts, lookAtGroup } from './waits/group.ts';
import { alarmKey, waitFor } from './waits/wait.ts';

const waitForGroup: Step<Omit<GroupPorts, 'table' | 'now' | 'log'>> = async (journal, ports, input) => {
  await journal.intend({ nextTrafficStep: Number(input.trafficStep) });
  const { deployment } = journal;
  const serves = isAfterLastBake(deployment);
  const wokenBy = serves ? [...watchedAlarms(deployment).map(alarmKey), deployment.green.serviceArn] : [];
  const look = () => lookAtGroup(deployment, ports);
  return waitFor(wokenBy, look, journal, input, { ...ports, state: 'WaitForGroup' });
};

export const create = step('WaitForGroup', waitForGroup, { cloudwatch, ecs, elbv2, logs, sfn });
export const handler = onLambda(create);
