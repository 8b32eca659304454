/** StartGreen: green's service runs the new revision, in blue's live count. */
import { type Ecs, ecs, type Service } from './aws/ecs.ts';
import type { Deployment } from './common/deployment.ts';
import { onLambda, type Step, step } from './common/step.ts';

const startGreen: Step<{ ecs: Ecs }> = async (journal, { ecs, now }) => {
  const { green, blue, revisionArn = '', configuration } = journal.deployment;
  const service = await ecs.describeService(green.cluster, green.service);
  const liveBlue = await ecs.describeService(blue.cluster, blue.service);
  const greenCount = journal.deployment.greenCount ?? (liveBlue.desiredCount || configuration.initialCount);
  const ecsDeploymentBefore = journal.deployment.ecsDeploymentBefore ?? primaryOf(service)?.id ?? 'none';
  const steadyStateDeadlineMs =
    journal.deployment.steadyStateDeadlineMs ?? now() + configuration.steadyStateTimeoutSeconds * 1000;
  await journal.intend({ greenCount, ecsDeploymentBefore, steadyStateDeadlineMs });

  const started = isStarted(service, journal.deployment)
    ? service
    : await ecs.updateService(green.cluster, green.service, {
        taskDefinition: revisionArn,
        desiredCount: greenCount,
        // The same revision at another count would start no ECS deployment, and ours could not be told from the last.
        forceNewDeployment: true,
      });
  await journal.done({ ecsDeploymentId: primaryOf(started)?.id });
  return { greenCount };
};

export const create = step('StartGreen', startGreen, { ecs });
export const handler = onLambda(create);

const primaryOf = (service: Service) => service.deployments?.find(({ status }) => status === 'PRIMARY');

/** An update whose answer was lost is recognised: a new primary, on our revision, that was not there before. */
function isStarted(service: Service, { ecsDeploymentBefore, revisionArn }: Deployment): boolean {
  const primary = primaryOf(service);
  return primary?.taskDefinition === revisionArn && primary?.id !== ecsDeploymentBefore;
}
