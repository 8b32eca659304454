/** What serves now, and what it means for those that come: the order that an older push must not overtake. */
import type { Table } from '../aws/dynamodb.ts';
import type { Ecr } from '../aws/ecr.ts';
import type { Ecs } from '../aws/ecs.ts';
import type { Deployment, PushOrder } from '../common/deployment.ts';
import { ImageNotFound } from '../common/errors.ts';
import type { RepositorySource } from '../common/service.ts';
import { comparePushes } from '../decisions/push-order.ts';
import { imagesOf, nextRevision } from '../decisions/revision.ts';
import { isReconfigured } from '../decisions/revision-changes.ts';
import { newestVersion } from '../decisions/tags.ts';
import { getDeployment } from '../table/deployments.ts';
import { getLock } from '../table/locks.ts';
import { getMemory } from '../table/memory.ts';
import { digestOfFleet } from './fleet.ts';
import { sourceOfOrder } from './requested-image.ts';

export interface Serving {
  /** Whether blue runs every image of the deployment, by its digest. */
  readonly serves: boolean;
  /** Whether the new revision would differ from what runs in anything but those images. */
  readonly isReconfigured: boolean;
  /** Container → digest, of what blue runs; without those that are not given by digest. */
  readonly digests: Readonly<Record<string, string>>;
}

/** What blue runs, if it runs at all: a fleet's version is known to nobody, so its name stands for it. */
export async function describeServing(deployment: Deployment, ecs: Ecs): Promise<Serving> {
  const { blue, image, images = {}, baseTaskDefinitionArn } = deployment;
  const nothing = { serves: false, isReconfigured: false, digests: {} };
  if (blue.kind === 'fleet') return { ...nothing, serves: image.digest === digestOfFleet(blue.service) };
  if (blue.desiredCount === 0) return nothing;
  const { taskDefinition: running } = await ecs.describeTaskDefinition(blue.taskDefinitionArn);
  const digests = digestsOf(running.containerDefinitions ?? []);
  const moved = Object.entries(images);
  const serves = moved.length > 0 && moved.every(([container, { digest }]) => digests[container] === digest);
  if (!baseTaskDefinitionArn || baseTaskDefinitionArn === blue.taskDefinitionArn)
    return { serves, isReconfigured: false, digests };
  const base = await ecs.describeTaskDefinition(baseTaskDefinitionArn);
  const wanted = imagesOf(deployment);
  const next = nextRevision(base.taskDefinition, base.tags, { images: wanted });
  // Without the container it is no base for this service: that is told as the refusal that it is.
  const differs = !next.possible || isReconfigured(running, next.input, Object.keys(wanted));
  return { serves, isReconfigured: differs, digests };
}

function digestsOf(containers: readonly { name?: string; image?: string }[]): Record<string, string> {
  const entries = containers.flatMap(({ name = '', image = '' }) => {
    const [, digest] = image.split('@');
    return digest ? [[name, digest] as const] : [];
  });
  return Object.fromEntries(entries);
}

interface Newest {
  readonly order: PushOrder;
  readonly told: string;
}

/**
 * What an older push must not overtake. Under `exact` nothing: the tag was just read. Under `semver` the version that
 * serves and the one that is being deployed, so that after a rollback the fixes of the older line go on; under `glob`
 * and `newest` the newest push that was ever begun.
 */
export async function findNewest(
  { service, order, configuration }: Deployment,
  digests: Serving['digests'],
  { table, ecr }: { readonly table: Table; readonly ecr: Ecr },
): Promise<Newest | undefined> {
  const source = sourceOfOrder(configuration, order);
  if ('exact' in source.tags) return undefined;
  const versions: (Newest | undefined)[] =
    order.version === undefined
      ? []
      : await Promise.all([findServing(source, order, digests, ecr), findUnderWay(service, order, table)]);
  const known = versions.filter((found): found is Newest => found !== undefined);
  if (known.length > 0) return known.sort((a, b) => comparePushes(b.order, a.order))[0];
  const { newestPush, newestSidecarPushes = {}, newestDeploymentId } = await getMemory(table, service);
  const newest = order.sidecar === undefined ? newestPush : newestSidecarPushes[order.sidecar];
  const by = order.sidecar === undefined ? newestDeploymentId : `an earlier deployment of ${service}`;
  return newest && { order: newest, told: `a newer push was begun by ${by}` };
}

/** By the tags that its digest has now: whatever brought it there. @returns undefined if none of them is a version */
async function findServing(
  { repository, registryId, tags, containers: [container = ''] }: RepositorySource,
  mine: PushOrder,
  digests: Serving['digests'],
  ecr: Ecr,
): Promise<Newest | undefined> {
  const digest = digests[container];
  if (digest === undefined) return undefined;
  try {
    const image = await ecr.describeImage(repository, { digest }, registryId);
    const version = newestVersion(tags, image.tags);
    if (version === undefined) return undefined;
    const { pushedAtMs } = image;
    const order = { ...mine, version, pushedAtMs, imagePushedAtMs: pushedAtMs, digest };
    return { order, told: `${version} serves` };
  } catch (error) {
    if (error instanceof ImageNotFound) return undefined;
    throw error;
  }
}

/** The version that the lock's holder deploys, if it is of the same repository. */
async function findUnderWay(service: string, mine: PushOrder, table: Table): Promise<Newest | undefined> {
  const lock = await getLock(table, service);
  if (!lock) return undefined;
  const { order, deploymentId } = await getDeployment(table, lock.deploymentId);
  if (order.version === undefined || order.sidecar !== mine.sidecar) return undefined;
  return { order, told: `${order.version} is being deployed by ${deploymentId}` };
}
