/** An image was pushed, or replicated: start a deployment of every service that it feeds, once. */
import { createHash } from 'node:crypto';
import { sfn } from './aws/sfn.ts';
import { ssm } from './aws/ssm.ts';
import { ownAccount } from './common/config.ts';
import { BadInput } from './common/errors.ts';
import { onLambda, type Reaction, reaction } from './common/step.ts';
import { feeds, type Push } from './decisions/pushes.ts';

const PORTS = { ownAccount, sfn, ssm };
type Ports = { readonly [K in keyof typeof PORTS]: ReturnType<(typeof PORTS)[K]> };

const startDeployment: Reaction<Ports> = async (event, { ownAccount, sfn, ssm, log }) => {
  const push = parsePush(event);
  if (!push) return { started: [] };
  const configurations = await ssm.getConfigurations();
  const fed = [...configurations.values()].filter((service) => feeds(push, service, ownAccount));
  const started: string[] = [];
  for (const { name: service } of fed) {
    const isNew = await sfn.startExecution(executionName(service, push), { service, push });
    log.info(isNew ? 'deployment started' : 'push is already handled', { service, ...push });
    if (isNew) started.push(service);
  }
  if (fed.length === 0) log.info('push feeds no service', { ...push });
  return { started };
};

export const create = reaction('StartDeployment', startDeployment, PORTS);
export const handler = onLambda(create);

interface EcrEvent {
  account?: string;
  time?: string;
  detail?: Record<string, string | undefined>;
}

/** The push that an `ECR Image Action` or `ECR Replication Action` tells of; undefined if it is another matter. */
function parsePush(event: unknown): Push | undefined {
  const { account, time, detail } = (event ?? {}) as EcrEvent;
  if (!account || !time || !detail)
    throw new BadInput('start-deployment takes an ECR event: account, time and detail');
  const { 'repository-name': repository, 'image-digest': digest, 'image-tag': tag } = detail;
  const isPush = detail['action-type'] === 'PUSH' || detail['action-type'] === 'REPLICATE';
  if (!isPush || detail.result !== 'SUCCESS' || !repository || !digest || !tag) return undefined;
  return { repository, registryId: account, digest, tag, pushedAtMs: Date.parse(time) };
}

/** Made from the push, so that its event delivered twice starts nothing twice; a later push of the same image is another. */
function executionName(service: string, push: Push): string {
  const identity = [push.registryId, push.repository, push.digest, push.tag, push.pushedAtMs].join('|');
  return `push-${service}-${createHash('sha256').update(identity).digest('hex').slice(0, 20)}`;
}
