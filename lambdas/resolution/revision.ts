/** The revision that a deployment needs: registered already, or what has to be registered for it. */
import type { DescribedTaskDefinition, Ecs, TaskDefinition, TaskDefinitionInput } from '../aws/ecs.ts';
import type { Deployment } from '../common/deployment.ts';
import { ContainerNotFound, RoleNotListed, TaskDefinitionNotFound } from '../common/errors.ts';
import { familyOf, imagesOf, isSameRevision, nextRevision, unlistedRoles } from '../decisions/revision.ts';

export interface WantedRevision {
  readonly input: TaskDefinitionInput;
  /** ARN of a registered revision that is the same. */
  readonly identicalArn?: string;
}

type Facts = Pick<
  Deployment,
  'baseTaskDefinitionArn' | 'green' | 'image' | 'images' | 'keptImages' | 'configuration'
>;

/** The base's content with the new images, in the family that green runs. @throws ContainerNotFound, RoleNotListed */
export async function resolveRevision(deployment: Facts, ecs: Ecs): Promise<WantedRevision> {
  const base = await ecs.describeTaskDefinition(deployment.baseTaskDefinitionArn);
  const input = inputFor(deployment, base);
  return { input, identicalArn: await findIdentical(input, deployment, ecs) };
}

/** @param base as described. @throws ContainerNotFound, RoleNotListed */
export function inputFor(
  deployment: Omit<Facts, 'baseTaskDefinitionArn'>,
  { taskDefinition, tags }: DescribedTaskDefinition,
): TaskDefinitionInput {
  const { green, configuration } = deployment;
  const name = taskDefinition.taskDefinitionArn;
  const family = familyOf(green.taskDefinitionArn);
  const next = nextRevision<TaskDefinition, (typeof tags)[number]>(taskDefinition, tags, {
    images: imagesOf(deployment),
    family,
  });
  if (!next.possible) {
    throw new ContainerNotFound(
      `${name} has no container '${next.container}'; it has: ${next.found.join(', ')}`,
    );
  }
  const unlisted = unlistedRoles(next.input, configuration.roles);
  if (unlisted.length > 0) {
    throw new RoleNotListed(
      `${name} passes ${unlisted.join(', ')}; add it to roles of ${configuration.name}`,
    );
  }
  return next.input as TaskDefinitionInput;
}

/** Green may have run it before, the base may be it, or an earlier attempt, whose answer was lost, registered it last. */
async function findIdentical(
  wanted: TaskDefinitionInput,
  { green, baseTaskDefinitionArn }: Facts,
  ecs: Ecs,
): Promise<string | undefined> {
  const latest = await newestOf(wanted.family ?? '', ecs);
  const others = [green.taskDefinitionArn, baseTaskDefinitionArn].filter(
    (arn) => arn !== latest?.taskDefinition.taskDefinitionArn,
  );
  const candidates = [...new Set(others)].map((arn) => ecs.describeTaskDefinition(arn));
  const described = [...(latest ? [latest] : []), ...(await Promise.all(candidates))];
  const same = described.find(({ taskDefinition }) => isSameRevision(taskDefinition, wanted));
  return same?.taskDefinition.taskDefinitionArn;
}

/** A family whose revisions are all INACTIVE has none. */
async function newestOf(family: string, ecs: Ecs): Promise<DescribedTaskDefinition | undefined> {
  try {
    return await ecs.describeTaskDefinition(family);
  } catch (error) {
    if (error instanceof TaskDefinitionNotFound) return undefined;
    throw error;
  }
}
