/** StartServiceDeployment: ECS itself moves the service to the new revision, by its own strategy. */
import { type Ecs, ecs, type ServiceDeploymentBrief } from './aws/ecs.ts';
import type { Deployment } from './common/deployment.ts';
import { AwsNotAnswering } from './common/errors.ts';
import { findOurs } from './common/service-deployments.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { idOf, isOpen } from './decisions/service-deployment.ts';

const startServiceDeployment: Step<{ ecs: Ecs }> = async (journal, { ecs }) => {
  const { green, serviceDeploymentBefore: known } = journal.deployment;
  const briefs = await ecs.listServiceDeployments(green.cluster, green.service);
  if (known === undefined) requireNoOther(green.service, briefs);
  await journal.commit({ serviceDeploymentBefore: known ?? briefs[0]?.serviceDeploymentArn ?? 'none' });

  const found = await findOurs(journal.deployment, briefs, ecs);
  const serviceDeploymentArn = found ?? (await start(journal.deployment, ecs));
  await journal.done({ serviceDeploymentArn });
  return { serviceDeploymentArn };
};

export const create = step('StartServiceDeployment', startServiceDeployment, { ecs });
export const handler = onLambda(create);

/** A deployment that somebody else began would be cut off by ours: it is let finish first, within this state's retries. */
function requireNoOther(service: string, briefs: readonly ServiceDeploymentBrief[]): void {
  const other = briefs.find(isOpen);
  if (!other) return;
  const { serviceDeploymentArn = '', status } = other;
  throw new AwsNotAnswering(
    `${service} is busy: service deployment ${idOf(serviceDeploymentArn)}, which Sidestep did not begin, is ${status}`,
  );
}

async function start(deployment: Deployment, ecs: Ecs): Promise<string> {
  const { green, blue, revisionArn = '', configuration } = deployment;
  const { desiredCount } = await ecs.describeService(green.cluster, green.service);
  await ecs.updateService(green.cluster, green.service, {
    taskDefinition: revisionArn,
    // A count that is left out stays as autoscaling has it.
    ...(!desiredCount && { desiredCount: configuration.initialCount }),
    // The same revision again begins nothing unless it is forced; a new one must not be, or its repetition would begin twice.
    ...(blue.taskDefinitionArn === revisionArn && { forceNewDeployment: true }),
  });
  const ours = await findOurs(
    deployment,
    await ecs.listServiceDeployments(green.cluster, green.service),
    ecs,
  );
  if (ours) return ours;
  throw new AwsNotAnswering(
    `ECS does not show the service deployment of ${revisionArn} on ${green.service} yet`,
  );
}
