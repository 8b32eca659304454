/** The look of WaitForBlue: does the old revision run again in its old count, and nothing else? */
import type { Ecs } from '../aws/ecs.ts';
import type { Deployment } from '../common/deployment.ts';
import { answered, type Look, stillOpen } from './look.ts';

export async function lookAtBlue({ blue }: Deployment, { ecs }: { readonly ecs: Ecs }): Promise<Look> {
  const service = await ecs.describeService(blue.cluster, blue.service);
  const primary = service.deployments?.find(({ status }) => status === 'PRIMARY');
  const isOurs = primary?.taskDefinition === blue.taskDefinitionArn;
  if (isOurs && primary.rolloutState === 'COMPLETED' && service.runningCount === service.desiredCount) {
    return answered({ taskCount: service.runningCount ?? 0 });
  }
  const { runningCount = 0, desiredCount = 0 } = service;
  return stillOpen(`${runningCount} of ${desiredCount} tasks of ${blue.service}, ${primary?.rolloutState}`);
}
