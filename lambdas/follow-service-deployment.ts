/** FollowServiceDeployment: ECS shifts the traffic; its own words say how that goes, and only SUCCESSFUL is success. */
import { cloudwatch } from './aws/cloudwatch.ts';
import { ecs } from './aws/ecs.ts';
import { logs } from './aws/logs.ts';
import { type Sfn, sfn } from './aws/sfn.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { watchedAlarms } from './waits/bake.ts';
import { lookAtServiceDeployment, type ServiceDeploymentPorts } from './waits/service-deployment.ts';
import { alarmKey, waitFor } from './waits/wait.ts';

type Ports = Omit<ServiceDeploymentPorts, 'table' | 'log' | 'now'> & { readonly sfn: Sfn };

const followServiceDeployment: Step<Ports> = async (journal, ports, input) => {
  await journal.intend();
  const { deployment } = journal;
  const wokenBy = [deployment.green.serviceArn, ...watchedAlarms(deployment).map(alarmKey)];
  const look = () => lookAtServiceDeployment(deployment, ports);
  return waitFor(wokenBy, look, journal, input, { ...ports, state: 'FollowServiceDeployment' });
};

export const create = step('FollowServiceDeployment', followServiceDeployment, {
  cloudwatch,
  ecs,
  logs,
  sfn,
});
export const handler = onLambda(create);
