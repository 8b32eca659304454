/** An image was pushed, or replicated: start a deployment of every service that it feeds, once. */
import { createHash } from 'node:crypto';
import { sfn } from './aws/sfn.ts';
import { ssm } from './aws/ssm.ts';
import { ownAccount } from './common/config.ts';
import { BadInput } from './common/errors.ts';
import { onLambda, type Reaction, reaction } from './common/step.ts';
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
  for (const configuration of configurations.values()) {
    const { name: service } = configuration;
    const feed = judgeFeed(push, configuration, ownAccount);
    if (!feed.feeds) {
      ignored[service] = feed.reason;
      continue;
    }
    const isNew = await sfn.startExecution(executionName(service, push), { service, push });
    log.info(isNew ? 'deployment started' : 'push is already handled', { service, ...push });
    if (isNew) started.push(service);
  }
  if (Object.keys(ignored).length === configurations.size)
    log.info('push feeds no service', { ...push, because: ignored });
  return { started };
};

export const create = reaction('StartDeployment', startDeployment, PORTS);
export const handler = onLambda(create);

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

/** Made from the push, so that its event delivered twice starts nothing twice; a later push of the same image is another. */
function executionName(service: string, push: Push): string {
  const identity = [push.registryId, push.repository, push.digest, push.tag, push.pushedAtMs].join('|');
  return `push-${service}-${createHash('sha256').update(identity).digest('hex').slice(0, 20)}`;
}
