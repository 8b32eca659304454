/** StartBlue: the service goes back to the revision and the count that it had. */
import { type ApplicationAutoScaling, applicationAutoScaling } from './aws/application-autoscaling.ts';
import { type Ecs, ecs } from './aws/ecs.ts';
import { requireOurs } from './common/in-place.ts';
import { restoreScaling } from './common/scaling.ts';
import { onLambda, type Step, step } from './common/step.ts';

const startBlue: Step<{ autoscaling: ApplicationAutoScaling; ecs: Ecs }> = async (journal, ports) => {
  const { ecs } = ports;
  const { blue, greenCount } = journal.deployment;
  await journal.intend();
  const service = await ecs.describeService(blue.cluster, blue.service);
  requireOurs(service, journal.deployment);
  // A live count is autoscaling's or a person's: only a service that was stopped gets the one that it had.
  const wanted = service.desiredCount || (greenCount ?? blue.desiredCount);
  const desiredCount = blue.desiredCount > 0 ? wanted : 0;
  // ECS's own circuit breaker may have gone back already.
  const isThere = service.taskDefinition === blue.taskDefinitionArn && service.desiredCount === desiredCount;
  if (!isThere) {
    const change = { taskDefinition: blue.taskDefinitionArn, desiredCount };
    await ecs.updateService(blue.cluster, blue.service, change);
  }
  // Only now: at a count of 0 a minimum would lift whatever revision stood there.
  await (await restoreScaling(journal.deployment, ports)).apply();
  await journal.done();
  return { desiredCount };
};

export const create = step('StartBlue', startBlue, { autoscaling: applicationAutoScaling, ecs });
export const handler = onLambda(create);
