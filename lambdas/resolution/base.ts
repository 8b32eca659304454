/** What the new revision is made of: what runs, the newest of its family, or the definition that a person names. */
import type { DescribedTaskDefinition, Ecs } from '../aws/ecs.ts';
import type { ResolvedSide } from '../common/deployment.ts';
import { ImageNotForThisService, TaskDefinitionNotFound } from '../common/errors.ts';
import type { AskedImage } from '../common/request.ts';
import { type ServiceConfiguration, sourcesOf } from '../common/service.ts';
import { familyOf, imageOf } from '../decisions/revision.ts';
import type { Asked } from './requested-image.ts';

/** @returns the definition that the request names, if it names one. @throws TaskDefinitionNotFound unless it is ACTIVE */
export async function describeNamedBase(
  request: Asked,
  ecs: Ecs,
): Promise<DescribedTaskDefinition | undefined> {
  if (request.kind !== 'person' || request.taskDefinition === undefined) return undefined;
  const named = await ecs.describeTaskDefinition(request.taskDefinition);
  const { status, taskDefinitionArn } = named.taskDefinition;
  if (status === 'ACTIVE') return named;
  throw new TaskDefinitionNotFound(`${taskDefinitionArn} is ${status}; name a revision that is ACTIVE`);
}

/**
 * A person who names a definition and no image means the image that stands there.
 * @throws ImageNotForThisService if it is not of the service's repository
 */
export function imageOfNamedBase(
  { taskDefinition }: DescribedTaskDefinition,
  { image, name }: ServiceConfiguration,
): AskedImage {
  const [container = ''] = image.containers;
  const text = imageOf(taskDefinition, container) ?? '';
  const [path = '', digest] = text.split('@');
  const [, repository = '', tag] = /^(?:[^/]+[.:][^/]*\/)?([^:]+)(?::(.+))?$/.exec(path) ?? [];
  if (repository === image.repository && (digest ?? tag) !== undefined)
    return { text, repository, tag, digest };
  throw new ImageNotForThisService(
    `${taskDefinition.taskDefinitionArn} has image '${text}' in container '${container}'; ${name} takes images of ${image.repository}: give image, tag or digest too`,
  );
}

/**
 * The base that the configuration asks for. When a fleet serves there is no running definition: green's own takes its place.
 * @returns undefined if green is a fleet, which takes no revision
 */
export async function describeBase(
  { image }: ServiceConfiguration,
  { blue, green }: { readonly blue: ResolvedSide; readonly green: ResolvedSide },
  ecs: Ecs,
): Promise<DescribedTaskDefinition | undefined> {
  if (green.kind === 'fleet') return undefined;
  const running = blue.taskDefinitionArn || green.taskDefinitionArn;
  return ecs.describeTaskDefinition(image.base === 'family-latest' ? familyOf(running) : running);
}

/**
 * What stays as it runs although the base has something else there: containers that are moved by pushes of their own.
 * @param moved container → image @returns container → URI
 */
export async function keptImagesOf(
  configuration: ServiceConfiguration,
  moved: Readonly<Record<string, unknown>>,
  blue: ResolvedSide,
  base: DescribedTaskDefinition | undefined,
  ecs: Ecs,
): Promise<Readonly<Record<string, string>>> {
  const { taskDefinitionArn, desiredCount } = blue;
  const containers = sourcesOf(configuration).flatMap(({ containers }) => containers);
  const others = containers.filter((container) => !(container in moved));
  const isBase = base?.taskDefinition.taskDefinitionArn === taskDefinitionArn;
  if (!base || isBase || !taskDefinitionArn || desiredCount === 0 || others.length === 0) return {};
  const { taskDefinition: running } = await ecs.describeTaskDefinition(taskDefinitionArn);
  const kept = others.flatMap((container) => {
    const image = imageOf(running, container);
    return image && imageOf(base.taskDefinition, container) ? [[container, image] as const] : [];
  });
  return Object.fromEntries(kept);
}
