/** ResolveDeployment: turns a push, a person's request or a recovery into one complete deployment. */
import { cloudwatch } from './aws/cloudwatch.ts';
import { ecr } from './aws/ecr.ts';
import { ecs } from './aws/ecs.ts';
import { elbv2 } from './aws/elbv2.ts';
import { ssm } from './aws/ssm.ts';
import type { Deployment, Rollback } from './common/deployment.ts';
import { PushNotQualified, Refusal } from './common/errors.ts';
import { parseRequest } from './common/request.ts';
import type { ServiceConfiguration } from './common/service.ts';
import { type Ground, onLambda, type Reaction, reaction } from './common/step.ts';
import { admissionsOf, admit } from './resolution/admission.ts';
import { configurationOf } from './resolution/configuration.ts';
import { deploymentIdOf, describeCandidate, draftDeployment, type Started } from './resolution/draft.ts';
import { judgeFiring } from './resolution/firing.ts';
import { membersOf } from './resolution/members.ts';
import type { Asked } from './resolution/requested-image.ts';
import { planRollback, writesOf } from './resolution/rollback.ts';
import { leaveWaiting, waitInstead } from './resolution/waiting.ts';
import { judgeDeployment } from './resolution/worth.ts';
import { createDeployment, getDeployment } from './table/deployments.ts';

const FACTORIES = { cloudwatch, ecr, ecs, elbv2, ssm };
type Built = { readonly [K in keyof typeof FACTORIES]: ReturnType<(typeof FACTORIES)[K]> };
type Ports = Built & Ground;

/** The machine's first noun: which deployment this execution works on, and whether there is anything to do now. */
interface Resolved {
  readonly deploymentId: string;
  readonly worthDeploying: boolean;
  /** It could be deployed, and will be: it has the waiting place. */
  readonly waits: boolean;
  readonly reason: string;
}

const resolveDeployment: Reaction<Built> = async (event, ports) => {
  const { input, ...started } = event as { input: unknown } & Started;
  const request = parseRequest(input);
  if (request.kind !== 'recover') return resolve(request, started, ports);
  const { deploymentId } = await getDeployment(ports.table, request.deploymentId);
  return { deploymentId, worthDeploying: true, waits: false, reason: '' };
};

export const create = reaction('ResolveDeployment', resolveDeployment, FACTORIES);
export const handler = onLambda(create);

async function resolve(request: Asked, started: Started, ports: Ports): Promise<Resolved> {
  try {
    const configuration = await configurationOf(request.service, ports);
    const back = await planRollback(request, configuration, started.executionArn, ports);
    if (!back) return await resolveCandidate(request, configuration, started, ports);
    if ('told' in back) return await endUnrecorded(request, back.told, started, ports);
    return await resolveCandidate(back.request, back.configuration, started, ports, back.rollback);
  } catch (error) {
    if (error instanceof PushNotQualified) return endUnrecorded(request, error.message, started, ports);
    if (error instanceof Refusal) {
      const reason = `${error.name}: ${error.message}`;
      await leaveWaiting(request, { outcome: 'REFUSED', reason }, ports);
    }
    throw error;
  }
}

/** It has no record, because nothing is known of it that a record must have: the execution and the log tell why. */
async function endUnrecorded(
  request: Asked,
  reason: string,
  { executionArn, startedAt }: Started,
  ports: Ports,
): Promise<Resolved> {
  await leaveWaiting(request, { outcome: 'NOTHING_TO_DEPLOY', reason }, ports);
  ports.log.info('nothing to deploy', { service: request.service, reason });
  const deploymentId = deploymentIdOf(request.service, executionArn, startedAt);
  return { deploymentId, worthDeploying: false, waits: false, reason };
}

async function resolveCandidate(
  request: Asked,
  configuration: ServiceConfiguration,
  started: Started,
  ports: Ports,
  rollback?: Rollback,
): Promise<Resolved> {
  const candidate = await describeCandidate(request, configuration, started, ports);
  const { deploymentId } = candidate;
  ports.log.append({ deploymentId, service: configuration.name });
  try {
    const draft = await draftDeployment(request, configuration, candidate, started, ports);
    const deployment = { ...draft, rollback, groupMembers: await membersOf(configuration, ports) };
    return await begin(request, deployment, ports);
  } catch (error) {
    const waitsFor = await waitInstead(error, request, candidate, ports);
    if (waitsFor === undefined) throw error;
    ports.log.info('push waits', { waitsFor });
    return { deploymentId, worthDeploying: false, waits: true, reason: waitsFor };
  }
}

/** Writes the record, of a deployment to be done or of one that has nothing to do. */
async function begin(request: Asked, deployment: Deployment, ports: Ports): Promise<Resolved> {
  const { deploymentId } = deployment;
  let worth = await judgeDeployment(deployment, ports);
  if (worth.deploy) {
    const despite = await admit(admissionsOf(request, deployment, ports));
    worth = await judgeFiring(request, deploymentId, ports);
    if (worth.deploy) {
      await createDeployment(ports.table, { ...deployment, despite }, ...writesOf(deployment));
      return { deploymentId, worthDeploying: true, waits: false, reason: '' };
    }
  }
  const end = { outcome: 'NOTHING_TO_DEPLOY', reason: worth.reason } as const;
  await createDeployment(ports.table, { ...deployment, ...end, endedAtMs: ports.now() });
  await leaveWaiting(request, end, ports);
  ports.log.info('nothing to deploy', { reason: worth.reason });
  return { deploymentId, worthDeploying: false, waits: false, reason: worth.reason };
}
