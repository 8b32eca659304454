/** RegisterRevision: the running task definition with the new image, registered unless it is there already. */
import { type DescribedTaskDefinition, type Ecs, ecs, type TaskDefinitionInput } from './aws/ecs.ts';
import { ContainerNotFound, RoleNotListed } from './common/errors.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { isSameRevision, nextRevision, unlistedRoles } from './decisions/revision.ts';

const registerRevision: Step<{ ecs: Ecs }> = async (journal, { ecs }) => {
  await journal.intend();
  const { blue, green, image, configuration, revisionArn: known } = journal.deployment;
  const migrates = configuration.migration !== undefined && green.kind === 'ecs';
  if (green.kind === 'fleet') return { migrates };
  if (known) return { revisionArn: known, migrates };

  const running = await ecs.describeTaskDefinition(blue.taskDefinitionArn);
  const { container } = configuration.image;
  const next = nextRevision(running.taskDefinition, running.tags, container, image.uri);
  if (!next.possible) {
    const found = next.found.join(', ');
    throw new ContainerNotFound(
      `${blue.taskDefinitionArn} has no container '${container}'; it has: ${found}`,
    );
  }
  const unlisted = unlistedRoles(next.input, configuration.roles);
  if (unlisted.length > 0) {
    throw new RoleNotListed(
      `${blue.taskDefinitionArn} passes ${unlisted.join(', ')}; add it to roles of ${configuration.name}`,
    );
  }
  const input = next.input as TaskDefinitionInput;
  const identical = await findIdentical(input, green.taskDefinitionArn, ecs);
  const revisionArn = identical ?? (await ecs.registerTaskDefinition(input));
  await journal.done({ revisionArn });
  return { revisionArn, migrates };
};

export const create = step('RegisterRevision', registerRevision, { ecs });
export const handler = onLambda(create);

/** Green may have run it before, or an earlier attempt, whose answer was lost, registered it last. */
async function findIdentical(
  wanted: TaskDefinitionInput,
  greenArn: string,
  ecs: Ecs,
): Promise<string | undefined> {
  const latest = await ecs.describeTaskDefinition(wanted.family ?? '');
  const candidates: DescribedTaskDefinition[] = [latest];
  if (latest.taskDefinition.taskDefinitionArn !== greenArn)
    candidates.push(await ecs.describeTaskDefinition(greenArn));
  const same = candidates.find(({ taskDefinition }) => isSameRevision(taskDefinition, wanted));
  return same?.taskDefinition.taskDefinitionArn;
}
