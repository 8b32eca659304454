/** StopServiceDeployment: ECS takes the traffic back to blue, if it has not done so already; its own end decides. */
import { type Ecs, ecs } from './aws/ecs.ts';
import { type Sfn, sfn } from './aws/sfn.ts';
import type { Deployment } from './common/deployment.ts';
import { findOurs } from './common/service-deployments.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { judgeServiceDeployment } from './decisions/service-deployment.ts';
import { lookAtServiceDeploymentsEnd } from './waits/service-deployment.ts';
import { waitFor } from './waits/wait.ts';

const stopServiceDeployment: Step<{ ecs: Ecs; sfn: Sfn }> = async (journal, ports, input) => {
  const serviceDeploymentArn = await findIfBegun(journal.deployment, ports.ecs);
  await journal.intend({ serviceDeploymentArn });
  if (serviceDeploymentArn) await stop(serviceDeploymentArn, ports.ecs);
  const { deployment } = journal;
  const look = () => lookAtServiceDeploymentsEnd(deployment, ports);
  const state = 'StopServiceDeployment';
  return waitFor([deployment.green.serviceArn], look, journal, input, { ...ports, state });
};

export const create = step('StopServiceDeployment', stopServiceDeployment, { ecs, sfn });
export const handler = onLambda(create);

/** An update whose answer was lost, or that was never sent: only ECS can tell. */
async function findIfBegun(deployment: Deployment, ecs: Ecs): Promise<string | undefined> {
  const { green, serviceDeploymentArn, serviceDeploymentBefore } = deployment;
  if (serviceDeploymentArn || !serviceDeploymentBefore) return serviceDeploymentArn;
  return findOurs(deployment, await ecs.listServiceDeployments(green.cluster, green.service), ecs);
}

/** One that ends meanwhile refuses to be stopped: the look sees how it ended. */
async function stop(arn: string, ecs: Ecs): Promise<void> {
  const [described] = await ecs.describeServiceDeployments([arn]);
  if (described && judgeServiceDeployment(described).is === 'underWay') await ecs.stopServiceDeployment(arn);
}
