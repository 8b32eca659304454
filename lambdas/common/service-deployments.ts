/** Which of a service's deployments in ECS is ours. */
import type { Ecs, ServiceDeploymentBrief } from '../aws/ecs.ts';
import { begunAfter, supersededBy } from '../decisions/service-deployment.ts';
import type { Deployment } from './deployment.ts';

/** ECS describes as many revisions at once. */
const REVISIONS_MAX = 20;

/**
 * Finds the service deployment that our UpdateService began, also when its answer was lost: one that was not there
 * before, whose target runs our revision.
 * @param briefs of the service, newest first
 * @returns its ARN; undefined if there is none, or ECS does not show it yet
 */
export async function findOurs(
  { serviceDeploymentArn, serviceDeploymentBefore, revisionArn }: Deployment,
  briefs: readonly ServiceDeploymentBrief[],
  ecs: Ecs,
): Promise<string | undefined> {
  if (serviceDeploymentArn) return serviceDeploymentArn;
  if (!serviceDeploymentBefore || !revisionArn) return undefined;
  const candidates = begunAfter(briefs, serviceDeploymentBefore).slice(0, REVISIONS_MAX);
  const targets = [
    ...new Set(candidates.flatMap(({ targetServiceRevisionArn }) => targetServiceRevisionArn ?? [])),
  ];
  if (targets.length === 0) return undefined;
  const revisions = await ecs.describeServiceRevisions(targets);
  const running = revisions.filter(({ taskDefinition }) => taskDefinition === revisionArn);
  const ours = candidates.find(({ targetServiceRevisionArn }) =>
    running.some(({ serviceRevisionArn }) => serviceRevisionArn === targetServiceRevisionArn),
  );
  return ours?.serviceDeploymentArn;
}

/** @returns the ARN of the service deployment that took ours' place, if one has */
export async function findSuccessor(
  { green, serviceDeploymentArn = '' }: Deployment,
  ecs: Ecs,
): Promise<string | undefined> {
  return supersededBy(await ecs.listServiceDeployments(green.cluster, green.service), serviceDeploymentArn);
}
