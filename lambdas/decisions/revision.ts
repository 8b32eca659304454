/** The next revision: the running task definition with one container's image changed, and nothing else. */
import type { JsonValue } from './json.ts';
import { sameJson } from './json.ts';

/** Members that DescribeTaskDefinition returns and RegisterTaskDefinition refuses. */
const READ_ONLY = new Set([
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'deregisteredAt',
  'deleteRequestedAt',
  'registeredBy',
]);

export interface Definition {
  family?: string;
  taskRoleArn?: string;
  executionRoleArn?: string;
  containerDefinitions?: { name?: string; image?: string }[];
}

export type RevisionVerdict<D> =
  | { readonly possible: true; readonly input: D }
  | { readonly possible: false; readonly container: string; readonly found: readonly string[] };

/** What to register: every member that Register accepts, tags included, with `container`'s image replaced. */
export function nextRevision<D extends Definition, T>(
  running: D,
  tags: readonly T[],
  container: string,
  image: string,
): RevisionVerdict<D & { tags?: T[] }> {
  const containers = running.containerDefinitions ?? [];
  if (!containers.some(({ name }) => name === container)) {
    return { possible: false, container, found: containers.map(({ name }) => name ?? '') };
  }
  const carried = Object.entries(running).filter(
    ([member, value]) => !READ_ONLY.has(member) && value !== undefined,
  );
  // AWS keeps tags that begin with `aws:` for itself and refuses them in a request.
  const ours = tags.filter((tag) => !/^aws:/i.test((tag as { key?: string }).key ?? ''));
  const input = {
    ...(Object.fromEntries(carried) as D),
    containerDefinitions: containers.map((definition) =>
      definition.name === container ? { ...definition, image } : definition,
    ),
    ...(ours.length > 0 && { tags: ours }),
  };
  return { possible: true, input };
}

/** Whether a registered revision is what we would register. Tags do not count: they do not change what runs. */
export function isSameRevision(
  registered: Definition & { status?: string },
  wanted: Definition & { tags?: unknown },
): boolean {
  if (registered.status !== undefined && registered.status !== 'ACTIVE') return false;
  const { tags: _, ...members } = wanted;
  const content = Object.entries(registered).filter(([member]) => !READ_ONLY.has(member));
  return sameJson(Object.fromEntries(content) as JsonValue, members as JsonValue);
}

/** Roles that the definition would pass and the configuration does not list. */
export function unlistedRoles(
  { taskRoleArn, executionRoleArn }: Definition,
  listed: readonly string[],
): string[] {
  const passed = [taskRoleArn, executionRoleArn].filter((arn): arn is string => arn !== undefined);
  return passed.filter((arn) => !listed.includes(arn));
}

/** The image of a container; undefined if the definition has no such container. */
export function imageOf(definition: Definition, container: string): string | undefined {
  return definition.containerDefinitions?.find(({ name }) => name === container)?.image;
}
