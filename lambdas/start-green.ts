/** StartGreen: green's service runs the new revision, in blue's live count. */
import { type ApplicationAutoScaling, applicationAutoScaling } from './aws/application-autoscaling.ts';
import { type Ecs, ecs, type Service } from './aws/ecs.ts';
import type { Deployment, ResolvedSide } from './common/deployment.ts';
import { BlueStartedAgain } from './common/errors.ts';
import { requireOurs } from './common/in-place.ts';
import { takeScaling } from './common/scaling.ts';
import { isInPlace, type ServiceConfiguration } from './common/service.ts';
import { onLambda, type Step, step } from './common/step.ts';
import type { Journal } from './table/journal.ts';

const startGreen: Step<{ autoscaling: ApplicationAutoScaling; ecs: Ecs }> = async (journal, ports) => {
  const { ecs, now } = ports;
  const { green, blue, revisionArn = '', configuration } = journal.deployment;
  if (green.kind === 'fleet') return expectFleet(journal, now);
  const service = await ecs.describeService(green.cluster, green.service);
  if (isInPlace(configuration)) requireOurs(service, journal.deployment);
  const blueCount = await countOf(blue, ecs);
  const wanted = journal.deployment.greenCount ?? (blueCount || configuration.initialCount);
  const taken = await takeScaling(journal.deployment, { wanted, blueCount }, ports);
  const { count: greenCount, scaling } = taken;
  const ecsDeploymentBefore = journal.deployment.ecsDeploymentBefore ?? primaryOf(service)?.id ?? 'none';
  const steadyStateDeadlineMs =
    journal.deployment.steadyStateDeadlineMs ?? now() + configuration.steadyStateTimeoutSeconds * 1000;
  await journal.commit({ greenCount, scaling, ecsDeploymentBefore, steadyStateDeadlineMs });

  const isThere = isStarted(service, journal.deployment);
  if (!isThere) requireStopped(service, configuration);
  const started = isThere
    ? service
    : await ecs.updateService(green.cluster, green.service, {
        taskDefinition: revisionArn,
        desiredCount: greenCount,
        // The same revision at another count would start no ECS deployment, and ours could not be told from the last.
        forceNewDeployment: true,
      });
  // Only now: a minimum lifts the service at once, and before the update that would be the old revision.
  await taken.apply();
  await journal.done({ ecsDeploymentId: primaryOf(started)?.id });
  return { greenCount };
};

export const create = step('StartGreen', startGreen, { autoscaling: applicationAutoScaling, ecs });
export const handler = onLambda(create);

/** A side's live count; a fleet's says nothing about how many tasks do its work. */
async function countOf({ kind, cluster, service }: ResolvedSide, ecs: Ecs): Promise<number> {
  if (kind === 'fleet') return 0;
  const { desiredCount = 0 } = await ecs.describeService(cluster, service);
  return desiredCount;
}

/** A fleet runs already: one healthy machine at least is expected of it, and every one that is registered. */
async function expectFleet(journal: Journal, now: () => number): Promise<object> {
  const { steadyStateTimeoutSeconds } = journal.deployment.configuration;
  await journal.intend({ greenCount: 1, steadyStateDeadlineMs: now() + steadyStateTimeoutSeconds * 1000 });
  await journal.done();
  return { greenCount: 1 };
}

/** Between its stop and this step somebody may have given the old revision its count back: two must never run at once. */
function requireStopped(service: Service, { strategy }: ServiceConfiguration): void {
  const { desiredCount = 0, runningCount = 0, pendingCount = 0, serviceName } = service;
  if (strategy.type !== 'recreate' || desiredCount + runningCount + pendingCount === 0) return;
  const found = `${desiredCount} wanted, ${runningCount} running, ${pendingCount} pending`;
  throw new BlueStartedAgain(`${serviceName} was stopped, and has tasks again: ${found}`);
}

const primaryOf = (service: Service) => service.deployments?.find(({ status }) => status === 'PRIMARY');

/** An update whose answer was lost is recognised: a new primary, on our revision, that was not there before. */
function isStarted(service: Service, { ecsDeploymentBefore, revisionArn }: Deployment): boolean {
  const primary = primaryOf(service);
  return primary?.taskDefinition === revisionArn && primary?.id !== ecsDeploymentBefore;
}
