/** ResolveDeployment: turns a push, a person's request or a recovery into one complete deployment. */
import { createHash } from 'node:crypto';
import { cloudwatch } from './aws/cloudwatch.ts';
import { ecr } from './aws/ecr.ts';
import { ecs } from './aws/ecs.ts';
import { elbv2 } from './aws/elbv2.ts';
import { ssm } from './aws/ssm.ts';
import type { Deployment } from './common/deployment.ts';
import { AlarmAlreadyFiring, AlarmNotFound, Refusal, UnknownService } from './common/errors.ts';
import { parseRequest } from './common/request.ts';
import type { ServiceConfiguration } from './common/service.ts';
import { type Ground, onLambda, type Reaction, reaction } from './common/step.ts';
import { firingAlarms, unknownAlarms } from './decisions/alarms.ts';
import { imageOf } from './decisions/revision.ts';
import { trafficStepsOf } from './decisions/traffic-steps.ts';
import { judgeWorth } from './decisions/worth.ts';
import { type Asked, deployedImage, describeRequestedImage } from './resolution/requested-image.ts';
import { resolveSides } from './resolution/sides.ts';
import { type Candidate, leaveWaiting, waitInstead } from './resolution/waiting.ts';
import { createDeployment, getDeployment } from './table/deployments.ts';
import { getMemory, getTriedDigest } from './table/memory.ts';

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

interface Started {
  readonly executionArn: string;
  readonly startedAt: string;
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
    return await resolveCandidate(request, configuration, started, ports);
  } catch (error) {
    if (error instanceof Refusal) {
      const reason = `${error.name}: ${error.message}`;
      await leaveWaiting(request, { outcome: 'REFUSED', reason }, ports);
    }
    throw error;
  }
}

async function resolveCandidate(
  request: Asked,
  configuration: ServiceConfiguration,
  { executionArn, startedAt }: Started,
  ports: Ports,
): Promise<Resolved> {
  const described = await describeRequestedImage(request, configuration, ports.ecr);
  const startedAtMs = Date.parse(startedAt);
  const deploymentId = deploymentIdOf(configuration.name, executionArn, startedAt);
  const pushedAtMs = request.kind === 'push' ? request.push.pushedAtMs : startedAtMs;
  const order = { pushedAtMs, imagePushedAtMs: described.pushedAtMs, digest: described.digest };
  const candidate: Candidate = { deploymentId, digest: described.digest, order };
  ports.log.append({ deploymentId, service: configuration.name });
  try {
    const { stickinessSeconds, ...sides } = await resolveSides(configuration, ports);
    const stickySeconds = Math.min(stickinessSeconds, configuration.drainStickySeconds);
    const settleSeconds = Math.max(configuration.propagationSeconds, stickySeconds);
    const { blueServes } = sides;
    const deployment: Deployment = {
      deploymentId,
      service: configuration.name,
      startedBy: { kind: request.kind, executionArn, input: request.input },
      startedAtMs,
      configuration,
      image: deployedImage(described, configuration, executionArn),
      order,
      ...sides,
      settleSeconds,
      trafficSteps: trafficStepsOf(configuration, { settleSeconds, blueServes }),
      stages: {},
      signals: {},
    };
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
  const { deploymentId, configuration } = deployment;
  const worth = await judge(deployment, ports);
  if (worth.deploy) {
    const despite = await refuseIfAlarmsFire(configuration, request, ports);
    await createDeployment(ports.table, { ...deployment, despite });
    return { deploymentId, worthDeploying: true, waits: false, reason: '' };
  }
  const end = { outcome: 'NOTHING_TO_DEPLOY', reason: worth.reason } as const;
  await createDeployment(ports.table, { ...deployment, ...end, endedAtMs: ports.now() });
  await leaveWaiting(request, end, ports);
  ports.log.info('nothing to deploy', { reason: worth.reason });
  return { deploymentId, worthDeploying: false, waits: false, reason: worth.reason };
}

async function configurationOf(service: string, { ssm }: Ports): Promise<ServiceConfiguration> {
  const found = await ssm.getConfiguration(service);
  if (found) return found;
  const configurations = await ssm.getConfigurations();
  const known = [...configurations.keys()].sort().join(', ') || 'none';
  throw new UnknownService(`service '${service}' is not in the configuration; known are: ${known}`);
}

/** The same execution always makes the same id, so that a repeated step finds its own record. */
function deploymentIdOf(service: string, executionArn: string, startedAt: string): string {
  const time = startedAt.replace(/\.\d+/, '').replace(/[-:]/g, '').toLowerCase();
  return `${service}-${time}-${createHash('sha256').update(executionArn).digest('hex').slice(0, 6)}`;
}

async function judge(deployment: Deployment, ports: Ports) {
  const { service, blue, image, order, startedBy, configuration } = deployment;
  const [memory, lastTry, running] = await Promise.all([
    getMemory(ports.table, service),
    getTriedDigest(ports.table, service, image.digest),
    ports.ecs.describeTaskDefinition(blue.taskDefinitionArn),
  ]);
  const servingImage = imageOf(running.taskDefinition, configuration.image.container);
  return judgeWorth(
    { digest: image.digest, order, byPerson: startedBy.kind === 'person', tags: configuration.image.tags },
    {
      servingDigest: blue.desiredCount > 0 ? servingImage?.split('@')[1] : undefined,
      newestPush: memory.newestPush,
      newestDeploymentId: memory.newestDeploymentId,
      lastTry,
    },
  );
}

/** ECS ignores an alarm that fires when a deployment starts; here it is a refusal, unless a person says that this is the repair. */
async function refuseIfAlarmsFire(
  { checks }: ServiceConfiguration,
  request: Asked,
  { cloudwatch }: Ports,
): Promise<Deployment['despite']> {
  const names = [...checks.alarms.service, ...Object.values(checks.alarms.sides).flat()];
  const alarms = await cloudwatch.describeAlarms(names);
  const unknown = unknownAlarms(names, alarms);
  if (unknown.length > 0)
    throw new AlarmNotFound(`alarms ${unknown.join(', ')} do not exist; correct checks.alarms`);
  const firing = firingAlarms(alarms);
  if (!firing) return undefined;
  if (request.kind === 'person' && request.despite) {
    const ignored = alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name);
    return { reason: request.despite, alarms: ignored };
  }
  throw new AlarmAlreadyFiring(`${firing}. If this deployment is the repair, start it with "despite": "why"`);
}
