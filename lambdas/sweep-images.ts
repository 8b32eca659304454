/** Every few minutes: starts the deployment of what ECR has and no event told of, once. */
import { ecr } from './aws/ecr.ts';
import { type Ecs, ecs } from './aws/ecs.ts';
import { sfn } from './aws/sfn.ts';
import { ssm } from './aws/ssm.ts';
import { ownAccount } from './common/config.ts';
import type { PushOrder } from './common/deployment.ts';
import { UnknownDeployment } from './common/errors.ts';
import { pushExecutionName } from './common/push-execution.ts';
import { type ServiceConfiguration, type Side, sourcesOf } from './common/service.ts';
import { type Ground, messageOf, onLambda, type Reaction, reaction } from './common/step.ts';
import { judgeMissed } from './decisions/missed.ts';
import type { Push } from './decisions/pushes.ts';
import { versionUnder } from './decisions/tags.ts';
import { newestImages } from './resolution/newest-image.ts';
import { getDeployment } from './table/deployments.ts';
import { getLock } from './table/locks.ts';
import { lookedAfterSinceMs } from './table/looked-after.ts';
import { getMemory, getTriedDigest, type ServiceMemory } from './table/memory.ts';
import { getRestraints } from './table/restraints.ts';
import { getWaiting } from './table/waiting-place.ts';

const FACTORIES = { ecr, ecs, ownAccount, sfn, ssm };
type Built = { readonly [K in keyof typeof FACTORIES]: ReturnType<(typeof FACTORIES)[K]> };
type Ports = Built & Ground;

/** How often the stack calls this: what arrived since then was pushed to a service that was there already. */
const PERIOD_MS = 300_000;
/** Services that are looked at side by side: ECR throttles the listings of an account together. */
const SIDE_BY_SIDE = 4;

const sweepImages: Reaction<Built> = async (_event, ports) => {
  const configurations = [...(await ports.ssm.getConfigurations()).values()];
  const started: string[] = [];
  for (let from = 0; from < configurations.length; from += SIDE_BY_SIDE) {
    const some = configurations.slice(from, from + SIDE_BY_SIDE);
    const found = await Promise.all(some.map((configuration) => sweepService(configuration, ports)));
    started.push(...found.flat());
  }
  return { services: configurations.length, started };
};

export const create = reaction('SweepImages', sweepImages, FACTORIES);
export const handler = onLambda(create);

/** One service's trouble is not another's, and the next sweep tries again. @returns the executions that it started */
async function sweepService(configuration: ServiceConfiguration, ports: Ports): Promise<string[]> {
  const { name: service } = configuration;
  try {
    const memory = await getMemory(ports.table, service);
    const sinceMs = await lookedAfterSinceMs(ports.table, service, ports.now() - PERIOD_MS);
    const started: string[] = [];
    for (const found of await newestImages(configuration, ports)) {
      const push = { ...found, pushedAtMs: wholeSeconds(found.pushedAtMs) };
      const reason = await reasonAgainst(push, found.pushedAtMs, { configuration, memory, sinceMs, ports });
      if (reason !== undefined) continue;
      const name = executionName(service, push, memory);
      if (!(await ports.sfn.startExecution(name, { service, push, found: 'sweep' }))) continue;
      ports.log.warn('a push that no event told of was found', { service, ...push });
      started.push(name);
    }
    return started;
  } catch (error) {
    ports.log.error('images could not be compared', { service, reason: messageOf(error) });
    return [];
  }
}

/** As the events of pushes tell their time, so that both have the same place among pushes. */
const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;

/** Once for each time that a deployment of the service was begun: what was pushed aside by another is found again. */
const executionName = (service: string, push: Push, { fencing }: ServiceMemory): string =>
  pushExecutionName(service, push).replace(/^push-/, `found-${fencing}-`);

interface Scene {
  readonly configuration: ServiceConfiguration;
  readonly memory: ServiceMemory;
  readonly sinceMs: number;
  readonly ports: Ports;
}

/** @returns undefined if the push was missed */
async function reasonAgainst(
  { repository, digest, tag, pushedAtMs }: Push,
  imagePushedAtMs: number,
  { configuration, memory, sinceMs, ports: { table, ecs } }: Scene,
): Promise<string | undefined> {
  const { name: service, image } = configuration;
  const source = sourcesOf(configuration).find((one) => one.repository === repository) ?? image;
  const isSidecar = repository !== image.repository;
  const order = { version: versionUnder(source.tags, tag), pushedAtMs, imagePushedAtMs, digest };
  const [lastTry, waiting, lock, { suspended }] = await Promise.all([
    getTriedDigest(table, service, digest),
    getWaiting(table, service),
    getLock(table, service),
    getRestraints(table, service),
  ]);
  const deploying = lock && (await getDeployment(table, lock.deploymentId));
  const underWay = deploying ? [deploying.image, ...Object.values(deploying.images ?? {})] : [];
  const begun = await newestBegun(memory, table);
  const verdict = judgeMissed(
    {
      digest,
      order: { ...order, ...(isSidecar && { sidecar: repository }) },
      isExact: 'exact' in source.tags,
    },
    {
      suspended,
      lastTry,
      newestPush: isSidecar ? memory.newestSidecarPushes?.[repository] : memory.newestPush,
      newestBegun: begun?.sidecar === (isSidecar ? repository : undefined) ? begun : undefined,
      underWay: [...underWay.map((one) => one.digest), ...(waiting ? [waiting.digest] : [])],
      sinceMs,
    },
  );
  if (!verdict.missed) return verdict.reason;
  const serving = await Promise.all(configuration.sides.map((side) => runs(side, digest, ecs)));
  return serving.some(Boolean) ? `${digest} runs already` : undefined;
}

/** The image of the newest deployment, as long as its record is kept. */
async function newestBegun(
  { newestDeploymentId }: ServiceMemory,
  table: Ports['table'],
): Promise<PushOrder | undefined> {
  if (newestDeploymentId === undefined) return undefined;
  try {
    return (await getDeployment(table, newestDeploymentId)).order;
  } catch (error) {
    if (error instanceof UnknownDeployment) return undefined;
    throw error;
  }
}

/** Whether tasks of a side run an image of that digest: somebody else may have brought it there. */
async function runs({ kind, cluster, service }: Side, digest: string, ecs: Ecs): Promise<boolean> {
  if (kind === 'fleet') return false;
  const { desiredCount = 0, taskDefinition } = await ecs.describeService(cluster, service);
  if (desiredCount === 0 || taskDefinition === undefined) return false;
  const { containerDefinitions = [] } = (await ecs.describeTaskDefinition(taskDefinition)).taskDefinition;
  return containerDefinitions.some(({ image = '' }) => image.endsWith(`@${digest}`));
}
