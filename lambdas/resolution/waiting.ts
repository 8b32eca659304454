/** Pushes that cannot be begun now: they keep, take or leave the waiting place, so that none is lost for its bad moment. */
import type { Outcome, PushOrder } from '../common/deployment.ts';
import { AlarmAlreadyFiring, AwsNotAnswering, LiveWeightsUnexpected } from '../common/errors.ts';
import type { Ground } from '../common/step.ts';
import { judgePlace } from '../decisions/turns.ts';
import { getDeployment } from '../table/deployments.ts';
import { getLock, type Lock } from '../table/locks.ts';
import { getWaiting, leaveWaitingPlace, takeWaitingPlace, type Waiting } from '../table/waiting-place.ts';
import type { Asked } from './requested-image.ts';

/** How long a push waits for alarms to fall silent; then it is refused like any other. */
const ALARM_PATIENCE_MS = 3_600_000;

export interface Candidate {
  readonly deploymentId: string;
  readonly digest: string;
  readonly order: PushOrder;
}

/**
 * Lets a push wait, if what speaks against it passes: an alarm of the version that it may well repair, or weights
 * that another deployment is just changing.
 * @returns what it waits for; undefined if it must be refused
 */
export async function waitInstead(
  error: unknown,
  request: Asked,
  candidate: Candidate,
  { table, now }: Ground,
): Promise<string | undefined> {
  if (request.kind !== 'push') return undefined;
  const { service, input } = request;
  const [lock, waiting] = await Promise.all([getLock(table, service), getWaiting(table, service)]);
  const isAlarm = error instanceof AlarmAlreadyFiring;
  if (!isAlarm && !(error instanceof LiveWeightsUnexpected && lock)) return undefined;
  if (isAlarm && waiting && isTurnOf(waiting, request) && now() - waiting.sinceMs > ALARM_PATIENCE_MS)
    return undefined;
  const reason = `waits: ${error.message}`;
  if (waiting && isTurnOf(waiting, request)) return reason;

  const contender = { ...candidate, byPerson: false };
  const place = judgePlace(contender, waiting, await deployingBy(lock, table));
  if (!place.takes) return place.reason;
  const newcomer: Waiting = { ...contender, service, input, sinceMs: now(), isRecorded: false };
  if (await takeWaitingPlace(table, newcomer, waiting)) return reason;
  throw new AwsNotAnswering(`the waiting place of ${service} changed hands while it was looked at`);
}

const isTurnOf = ({ deploymentId }: Waiting, { input }: Asked): boolean =>
  input.takesPlaceOf === deploymentId;

async function deployingBy(lock: Lock | undefined, table: Ground['table']) {
  if (!lock) return { digest: 'none', deploymentId: 'none' };
  const { image, deploymentId } = await getDeployment(table, lock.deploymentId);
  return { digest: image.digest, deploymentId };
}

/** A deployment whose turn came, and that is not worth it or refused, must not keep the place from others. */
export async function leaveWaiting(
  request: Asked,
  end: { outcome: Outcome; reason: string },
  { table, now }: Ground,
): Promise<void> {
  if (request.input.takesPlaceOf === undefined) return;
  const waiting = await getWaiting(table, request.service);
  if (waiting && isTurnOf(waiting, request))
    await leaveWaitingPlace(table, waiting, { ...end, endedAtMs: now() });
}
