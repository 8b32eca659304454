/** What speaks for and against a deployment that was resolved: what serves now, what was tried before, and alarms. */
import type { CloudWatch } from '../aws/cloudwatch.ts';
import type { Table } from '../aws/dynamodb.ts';
import type { Ecs } from '../aws/ecs.ts';
import type { Deployment } from '../common/deployment.ts';
import { AlarmAlreadyFiring, AlarmNotFound, DeadlineTooEarly } from '../common/errors.ts';
import type { ServiceConfiguration } from '../common/service.ts';
import { firingAlarms, unknownAlarms } from '../decisions/alarms.ts';
import { judgeDeadline } from '../decisions/deadline.ts';
import { imageOf, nextRevision } from '../decisions/revision.ts';
import { isReconfigured } from '../decisions/revision-changes.ts';
import { judgeWorth, type Worth } from '../decisions/worth.ts';
import { getMemory, getTriedDigest } from '../table/memory.ts';
import { digestOfFleet } from './fleet.ts';
import type { Asked } from './requested-image.ts';

export async function judgeDeployment(
  deployment: Deployment,
  ports: { readonly table: Table; readonly ecs: Ecs },
): Promise<Worth> {
  const { service, image, order, startedBy, configuration } = deployment;
  const [memory, lastTry, serving] = await Promise.all([
    getMemory(ports.table, service),
    getTriedDigest(ports.table, service, image.digest),
    describeServing(deployment, ports.ecs),
  ]);
  return judgeWorth(
    { digest: image.digest, order, byPerson: startedBy.kind === 'person', tags: configuration.image.tags },
    {
      ...serving,
      newestPush: memory.newestPush,
      newestDeploymentId: memory.newestDeploymentId,
      lastTry,
    },
  );
}

/** What blue runs, if it runs at all: a fleet's version is known to nobody, so its name stands for it. */
async function describeServing(
  { blue, image, configuration, baseTaskDefinitionArn }: Deployment,
  ecs: Ecs,
): Promise<{ servingDigest: string | undefined; isReconfigured: boolean }> {
  if (blue.kind === 'fleet') return { servingDigest: digestOfFleet(blue.service), isReconfigured: false };
  if (blue.desiredCount === 0) return { servingDigest: undefined, isReconfigured: false };
  const { container } = configuration.image;
  const { taskDefinition: running } = await ecs.describeTaskDefinition(blue.taskDefinitionArn);
  const servingDigest = imageOf(running, container)?.split('@')[1];
  if (!baseTaskDefinitionArn || baseTaskDefinitionArn === blue.taskDefinitionArn)
    return { servingDigest, isReconfigured: false };
  const base = await ecs.describeTaskDefinition(baseTaskDefinitionArn);
  const next = nextRevision(base.taskDefinition, base.tags, { container, image: image.uri });
  // Without the container it is no base for this service: that is told as the refusal that it is.
  return { servingDigest, isReconfigured: !next.possible || isReconfigured(running, next.input, container) };
}

/** Better not begun than stepped back from when the time is up. @throws DeadlineTooEarly */
export function refuseIfTooLate(deployment: Deployment, nowMs: number): void {
  const verdict = judgeDeadline(deployment, 0, nowMs);
  if (!verdict.inTime) throw new DeadlineTooEarly(verdict.reason);
}

/**
 * ECS ignores an alarm that fires when a deployment starts; here it is a refusal, unless a person says that this is the
 * repair. @throws AlarmAlreadyFiring, AlarmNotFound
 */
export async function refuseIfAlarmsFire(
  { checks }: ServiceConfiguration,
  request: Asked,
  { cloudwatch }: { readonly cloudwatch: CloudWatch },
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
