/** What the new revision is made of: what runs, the newest of its family, or the definition that a person names. */
import type { DescribedTaskDefinition, Ecs } from '../aws/ecs.ts';
import type { ResolvedSide } from '../common/deployment.ts';
import { ImageNotForThisService, TaskDefinitionNotFound } from '../common/errors.ts';
import type { AskedImage } from '../common/request.ts';
import type { ServiceConfiguration } from '../common/service.ts';
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
  const text = imageOf(taskDefinition, image.container) ?? '';
  const [path = '', digest] = text.split('@');
  const [, repository = '', tag] = /^(?:[^/]+[.:][^/]*\/)?([^:]+)(?::(.+))?$/.exec(path) ?? [];
  if (repository === image.repository && (digest ?? tag) !== undefined)
    return { text, repository, tag, digest };
  throw new ImageNotForThisService(
    `${taskDefinition.taskDefinitionArn} has image '${text}' in container '${image.container}'; ${name} takes images of ${image.repository}: give image, tag or digest too`,
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
