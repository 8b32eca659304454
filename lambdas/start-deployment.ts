/** An image was pushed, or replicated: start a deployment of every service that it feeds, once. */
import { sfn } from './aws/sfn.ts';
import { ssm } from './aws/ssm.ts';
import { ownAccount } from './common/config.ts';
import { BadInput } from './common/errors.ts';
import { pushExecutionName } from './common/push-execution.ts';
import type { ServiceConfiguration } from './common/service.ts';
import { onLambda, type Reaction, reaction } from './common/step.ts';
import { inOrder } from './decisions/precedence.ts';
import { judgeFeed, type Push } from './decisions/pushes.ts';

const PORTS = { ownAccount, sfn, ssm };
type Ports = { readonly [K in keyof typeof PORTS]: ReturnType<(typeof PORTS)[K]> };

const startDeployment: Reaction<Ports> = async (event, { ownAccount, sfn, ssm, log }) => {
  const push = parsePush(event);
  if ('ignored' in push) {
    log.info('event ignored', { ...push });
    return { started: [] };
  }
  const configurations = await ssm.getConfigurations();
  const started: string[] = [];
  const ignored: Record<string, string> = {};
  const fed: ServiceConfiguration[] = [];
  for (const configuration of configurations.values()) {
    const feed = judgeFeed(push, configuration, ownAccount);
    if (feed.feeds) fed.push(configuration);
    else ignored[configuration.name] = feed.reason;
  }
  for (const { name: service } of inOrder(fed)) {
    const input = { service, push, ...alsoFed(service, fed) };
    const isNew = await sfn.startExecution(pushExecutionName(service, push), input);
    log.info(isNew ? 'deployment started' : 'push is already handled', { service, ...push });
    if (isNew) started.push(service);
  }
  if (fed.length === 0) log.info('push feeds no service', { ...push, because: ignored });
  return { started };
};

export const create = reaction('StartDeployment', startDeployment, PORTS);
export const handler = onLambda(create);

/** The others that the push feeds: those that come first, and those that shift together, are waited for. */
function alsoFed(service: string, fed: readonly ServiceConfiguration[]): { alsoFeeds?: string[] } {
  const others = fed.map(({ name }) => name).filter((name) => name !== service);
  return others.length > 0 ? { alsoFeeds: others } : {};
}

interface EcrEvent {
  account?: string;
  time?: string;
  detail?: Record<string, string | undefined>;
}

/**
 * The push that an `ECR Image Action` or `ECR Replication Action` tells of, or why it is none. Images of one architecture
 * and referrers are pushed without a tag: the tag of what holds them together comes by itself.
 */
function parsePush(event: unknown): Push | { readonly ignored: string; readonly digest?: string } {
  const { account, time, detail } = (event ?? {}) as EcrEvent;
  if (!account || !time || !detail)
    throw new BadInput('start-deployment takes an ECR event: account, time and detail');
  const { 'repository-name': repository, 'image-digest': digest, 'image-tag': tag } = detail;
  const { 'action-type': action, result } = detail;
  if ((action !== 'PUSH' && action !== 'REPLICATE') || result !== 'SUCCESS' || !repository || !digest)
    return { ignored: `it tells of ${action} with result ${result}, not of a push that succeeded`, digest };
  if (!tag) return { ignored: `the image in ${repository} has no tag`, digest };
  return { repository, registryId: account, digest, tag, pushedAtMs: Date.parse(time) };
}
