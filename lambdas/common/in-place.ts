/** One ECS service for both versions: before it is changed, what it runs must be one of the two. */
import type { Service } from '../aws/ecs.ts';
import type { Deployment } from './deployment.ts';
import { ServiceDeploymentSuperseded } from './errors.ts';

/** Somebody else's update of the service, which is not overwritten: a person decides which version is to run. */
export function foreignUpdateOf(
  { taskDefinition = '' }: Service,
  { blue, revisionArn }: Deployment,
): ServiceDeploymentSuperseded | undefined {
  if (taskDefinition === blue.taskDefinitionArn || taskDefinition === revisionArn) return undefined;
  const ours = [blue.taskDefinitionArn, revisionArn].filter(Boolean).join(' or ');
  return new ServiceDeploymentSuperseded(
    `${blue.service} was updated to ${taskDefinition} by somebody else meanwhile; it should run ${ours}`,
  );
}

/** @throws ServiceDeploymentSuperseded naming the revision that was found */
export function requireOurs(service: Service, deployment: Deployment): void {
  const foreign = foreignUpdateOf(service, deployment);
  if (foreign) throw foreign;
}
