/** StartBlue: the service goes back to the revision and the count that it had. */
import { type Ecs, ecs } from './aws/ecs.ts';
import { onLambda, type Step, step } from './common/step.ts';

const startBlue: Step<{ ecs: Ecs }> = async (journal, { ecs }) => {
  const { blue, greenCount } = journal.deployment;
  await journal.intend();
  const service = await ecs.describeService(blue.cluster, blue.service);
  // ECS's own circuit breaker may have gone back already; its count is blue's live one.
  const desiredCount = blue.desiredCount > 0 ? (greenCount ?? blue.desiredCount) : 0;
  const isThere = service.taskDefinition === blue.taskDefinitionArn && service.desiredCount === desiredCount;
  if (!isThere) {
    const change = { taskDefinition: blue.taskDefinitionArn, desiredCount };
    await ecs.updateService(blue.cluster, blue.service, change);
  }
  await journal.done();
  return { desiredCount };
};

export const create = step('StartBlue', startBlue, { ecs });
export const handler = onLambda(create);
