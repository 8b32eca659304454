/** The next revision: a task definition with the images of some containers changed, in the family that green runs. */
import type { Deployment } from '../common/deployment.ts';
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

/**
 * What to register: every member of `base` that Register accepts, tags included, with these containers' images replaced.
 * @param images container → image
 * @param family the one that green runs, if that is another than the base's
 */
export function nextRevision<D extends Definition, T>(
  base: D,
  tags: readonly T[],
  { images, family = base.family }: { images: Readonly<Record<string, string>>; family?: string },
): RevisionVerdict<D & { tags?: T[] }> {
  const containers = base.containerDefinitions ?? [];
  const found = containers.map(({ name }) => name ?? '');
  const missing = Object.keys(images).find((container) => !found.includes(container));
  if (missing !== undefined) return { possible: false, container: missing, found };
  // AWS keeps tags that begin with `aws:` for itself and refuses them in a request.
  const ours = tags.filter((tag) => !/^aws:/i.test((tag as { key?: string }).key ?? ''));
  const input = {
    ...contentOf(base),
    family,
    containerDefinitions: containers.map((definition) => ({
      ...definition,
      ...(images[definition.name ?? ''] && { image: images[definition.name ?? ''] }),
    })),
    ...(ours.length > 0 && { tags: ours }),
  };
  return { possible: true, input };
}

/** A definition without what AWS adds to it. */
export function contentOf<D extends object>(definition: D): D {
  const members = Object.entries(definition);
  return Object.fromEntries(
    members.filter(([member, value]) => !READ_ONLY.has(member) && value !== undefined),
  ) as D;
}

/** `…:task-definition/orders:42` → `orders`, as of `orders:42`. */
export function familyOf(taskDefinition: string): string {
  return taskDefinition.slice(taskDefinition.lastIndexOf('/') + 1).replace(/:\d+$/, '');
}

/** Whether a registered revision is what we would register. Tags do not count: they do not change what runs. */
export function isSameRevision(
  registered: Definition & { status?: string },
  wanted: Definition & { tags?: unknown },
): boolean {
  if (registered.status !== undefined && registered.status !== 'ACTIVE') return false;
  const { tags: _, ...members } = wanted;
  return sameJson(contentOf(registered) as JsonValue, members as JsonValue);
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

/** Container → URI, of all that a deployment has a say in. */
export function imagesOf({
  configuration,
  image,
  images,
  keptImages = {},
}: Pick<Deployment, 'configuration' | 'image' | 'images' | 'keptImages'>): Record<string, string> {
  const moved = images ?? Object.fromEntries(configuration.image.containers.map((name) => [name, image]));
  const uris = Object.entries(moved).map(([container, { uri }]) => [container, uri] as const);
  return { ...keptImages, ...Object.fromEntries(uris) };
}
