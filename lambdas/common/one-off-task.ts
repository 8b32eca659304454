/** What the one-off tasks of a deployment have in common: their group, their names, their tags, where they run. */
import { createHash } from 'node:crypto';
import type { Service, TaskDefinition } from '../aws/ecs.ts';
import type { Placement, TaskOrder } from '../aws/run-task.ts';
import type { Deployment } from './deployment.ts';
import { groupOf, SERVICE_TAG } from './task-group.ts';

const DEPLOYMENT_TAG = 'sidestep:deployment';

type Purpose = 'migration' | `check-${number}`;

/** Who starts the tasks of one purpose for a service: ECS can list them by it. */
export const starterOf = (service: string, purpose: Purpose): string => `sidestep/${service}/${purpose}`;

/** What ECS knows a deployment's task by. The token is a digest, because it may have 64 characters only. */
export function identityOf(
  { service, deploymentId }: Pick<Deployment, 'service' | 'deploymentId'>,
  purpose: Purpose,
): Pick<TaskOrder, 'clientToken' | 'group' | 'startedBy' | 'tags'> {
  return {
    clientToken: createHash('sha256').update(`${deploymentId}/${purpose}`).digest('hex'),
    group: groupOf(service),
    startedBy: starterOf(service, purpose),
    tags: { [SERVICE_TAG]: service, [DEPLOYMENT_TAG]: deploymentId },
  };
}

/** Whether a task, described with its tags, is of this deployment. */
export function isOf(
  deploymentId: string,
  { tags = [] }: { tags?: { key?: string; value?: string }[] },
): boolean {
  return tags.some(({ key, value }) => key === DEPLOYMENT_TAG && value === deploymentId);
}

/**
 * A one-off task runs where and as the service's own tasks do.
 * @param definition its own; ECS refuses a network configuration beside any network mode but awsvpc
 */
export function placementOf(
  { capacityProviderStrategy = [], launchType, networkConfiguration, platformVersion }: Service,
  { networkMode }: Pick<TaskDefinition, 'networkMode'>,
): Placement {
  // RunTask takes one of the two.
  const where = capacityProviderStrategy.length > 0 ? { capacityProviderStrategy } : { launchType };
  return { ...where, platformVersion, ...(networkMode === 'awsvpc' && { networkConfiguration }) };
}
