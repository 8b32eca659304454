/** The table's stream: what is deployed, for others to read; tags that keep it in ECR; and how long records are kept. */
import { changesIn } from './aws/change-records.ts';
import { deployed } from './aws/deployed-parameters.ts';
import { imageTags } from './aws/image-tags.ts';
import { ssm } from './aws/ssm.ts';
import { type Deployment, serviceOf } from './common/deployment.ts';
import { historySeconds } from './common/keeping.ts';
import { type Ground, messageOf, onLambda, type Reaction, reaction } from './common/step.ts';
import { expiryOf } from './decisions/expiry.ts';
import { keepTagsFor } from './decisions/keep-tags.ts';
import type { Change } from './decisions/transitions.ts';
import { expireDeployment } from './table/deployments.ts';
import { getLastGood, LAST_GOOD, type LastGood } from './table/memory.ts';

const FACTORIES = { deployed, imageTags, ssm };
type Built = { readonly [K in keyof typeof FACTORIES]: ReturnType<(typeof FACTORIES)[K]> };
type Ports = Built & Ground;

/** A batch of the stream, or the hourly call that repairs what it, or somebody's hand, has left. */
const publishDeployment: Reaction<Built> = async (event, ports) => {
  const changes = changesIn(event);
  if (!changes) return { published: await publishAll(ports) };
  for (const change of changes) {
    try {
      await settle(change, ports);
    } catch (error) {
      ports.log.error('a change could not be published', { sk: change.sk, reason: messageOf(error) });
      return { batchItemFailures: [{ itemIdentifier: change.sequence }] };
    }
  }
  return { batchItemFailures: [] };
};

export const create = reaction('PublishDeployment', publishDeployment, FACTORIES);
export const handler = onLambda(create);

async function settle({ pk, sk, before, after }: Change, ports: Ports): Promise<void> {
  const service = pk.slice('service#'.length);
  if (sk !== LAST_GOOD) return expireEnded(before as Deployment | undefined, after as Deployment, ports);
  const was = before as LastGood | undefined;
  await publish(service, after as LastGood, was, ports);
  if (was) await expireReplaced(was, ports);
}

/** Every service's, as the table knows it now. */
async function publishAll(ports: Ports): Promise<string[]> {
  const published: string[] = [];
  for (const service of (await ports.ssm.getConfigurations()).keys()) {
    const lastGood = await getLastGood(ports.table, service);
    if (lastGood) published.push(...(await publish(service, lastGood, undefined, ports)));
  }
  return published;
}

/** @returns the parameters that were not so yet */
async function publish(
  service: string,
  lastGood: LastGood,
  was: LastGood | undefined,
  ports: Ports,
): Promise<string[]> {
  const { image, revisionArn, deploymentId } = lastGood;
  // A parameter has no empty value: of a fleet all three name the fleet.
  const written = await ports.deployed.putDeployed(service, {
    digest: image.digest,
    image: image.uri || image.digest,
    'task-definition': revisionArn || image.digest,
  });
  if (written.length > 0)
    ports.log.info('what is deployed was published', { service, deploymentId, written });
  if (was || written.length > 0) await tag(service, lastGood, was, ports);
  return written;
}

/** Tags are a service to lifecycle policies: one that cannot be set (tags are immutable, the image is gone) fails nothing. */
async function tag(
  service: string,
  lastGood: LastGood,
  was: LastGood | undefined,
  { ssm, imageTags, log }: Ports,
): Promise<void> {
  const keepTag = (await ssm.getConfiguration(service))?.image.keepTag;
  if (keepTag === undefined) return;
  for (const { image, tag } of keepTagsFor(service, keepTag, lastGood, was)) {
    try {
      await imageTags.tagImage(image, tag);
    } catch (error) {
      log.warn('an image could not be tagged', { service, tag, ...image, reason: messageOf(error) });
    }
  }
}

async function expireEnded(
  before: Deployment | undefined,
  deployment: Deployment,
  { table }: Ports,
): Promise<void> {
  const { service, deploymentId, configuration, outcome, endedAtMs } = deployment;
  // Some other change of a record that had ended.
  if (before?.outcome === outcome && before?.endedAtMs === endedAtMs) return;
  const lastGood = await getLastGood(table, service);
  const expiresAtSeconds = expiryOf(deployment, lastGood?.deploymentId, historySeconds(configuration));
  if (expiresAtSeconds !== undefined) await expireDeployment(table, deploymentId, expiresAtSeconds);
}

/** It served until now, so its time begins now. */
async function expireReplaced({ deploymentId }: LastGood, { table, now, ssm }: Ports): Promise<void> {
  const configuration = await ssm.getConfiguration(serviceOf(deploymentId) ?? '');
  const expiresAtSeconds = Math.ceil(now() / 1000) + historySeconds(configuration ?? {});
  await expireDeployment(table, deploymentId, expiresAtSeconds);
}
