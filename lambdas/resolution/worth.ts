/** What speaks for and against a deployment that was resolved: what serves now, what was tried before, and alarms. */
import type { CloudWatch } from '../aws/cloudwatch.ts';
import type { Table } from '../aws/dynamodb.ts';
import type { Ecr } from '../aws/ecr.ts';
import type { Ecs } from '../aws/ecs.ts';
import type { Deployment } from '../common/deployment.ts';
import { AlarmAlreadyFiring, AlarmNotFound, DeadlineTooEarly } from '../common/errors.ts';
import type { ServiceConfiguration } from '../common/service.ts';
import { firingAlarms, unknownAlarms } from '../decisions/alarms.ts';
import { judgeDeadline } from '../decisions/deadline.ts';
import { judgeWorth, type Worth } from '../decisions/worth.ts';
import { getTriedDigest } from '../table/memory.ts';
import { getRestraints } from '../table/restraints.ts';
import { despiteOf } from './despite.ts';
import type { Asked } from './requested-image.ts';
import { describeServing, findNewest } from './serving.ts';

export async function judgeDeployment(
  deployment: Deployment,
  ports: { readonly table: Table; readonly ecs: Ecs; readonly ecr: Ecr },
): Promise<Worth> {
  const { service, image, order, startedBy } = deployment;
  const [lastTry, serving, { suspended }] = await Promise.all([
    getTriedDigest(ports.table, service, image.digest),
    describeServing(deployment, ports.ecs),
    getRestraints(ports.table, service),
  ]);
  const isForced = startedBy.input.force === true;
  return judgeWorth(
    { digest: image.digest, order, byPerson: startedBy.kind === 'person', isForced },
    { ...serving, newest: await findNewest(deployment, serving.digests, ports), lastTry, suspended },
  );
}

/** Better not begun than stepped back from when the time is up. @throws DeadlineTooEarly */
export function refuseIfTooLate(deployment: Deployment, nowMs: number): void {
  const verdict = judgeDeadline(deployment, 0, nowMs);
  if (!verdict.inTime) throw new DeadlineTooEarly(verdict.reason);
}

/** Of a rollback: what fires now, or is not there, is not held against the version that comes back. */
export async function ignoreFiringAlarms(
  { checks }: ServiceConfiguration,
  reason: string,
  { cloudwatch }: { readonly cloudwatch: CloudWatch },
): Promise<Deployment['despite']> {
  const names = [...checks.alarms.service, ...Object.values(checks.alarms.sides).flat()];
  const alarms = await cloudwatch.describeAlarms(names);
  const firing = alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name);
  const ignored = [...firing, ...unknownAlarms(names, alarms)];
  return ignored.length === 0 ? undefined : { reason, alarms: ignored, refusals: ['AlarmAlreadyFiring'] };
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
  const ignored = alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name);
  const overruled = despiteOf(request, 'AlarmAlreadyFiring', ignored);
  if (overruled) return overruled;
  throw new AlarmAlreadyFiring(`${firing}. If this deployment is the repair, start it with "despite": "why"`);
}
