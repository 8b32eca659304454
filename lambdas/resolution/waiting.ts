/** Pushes that cannot be begun now: they keep, take or leave the waiting place, so that none is lost for its bad moment. */
import type { Outcome, PushOrder } from '../common/deployment.ts';
import { AlarmAlreadyFiring, AwsNotAnswering, LiveWeightsUnexpected, NotNow } from '../common/errors.ts';
import type { Ground } from '../common/step.ts';
import { judgePlace } from '../decisions/turns.ts';
import { getDeployment } from '../table/deployments.ts';
import { getLock, type Lock } from '../table/locks.ts';
import {
  getWaiting,
  leaveWaitingPlace,
  noteHold,
  releasedAtMs,
  takeWaitingPlace,
  type Waiting,
} from '../table/waiting-place.ts';
import type { Asked } from './requested-image.ts';

/** How long a push waits for alarms to fall silent; then it is refused like any other. */
const ALARM_PATIENCE_MS = 3_600_000;

export interface Candidate {
  readonly deploymentId: string;
  readonly digest: string;
  readonly order: PushOrder;
}

/**
 * Lets a push wait, if what speaks against it passes: a window or a freeze, an alarm of the version that it may well
 * repair, or weights that another deployment is just changing. What a person asked for waits only for a window or a
 * freeze, and only if its turn has come meanwhile.
 * @returns what it waits for; undefined if it must be refused
 */
export async function waitInstead(
  error: unknown,
  request: Asked,
  candidate: Candidate,
  { table, now }: Ground,
): Promise<string | undefined> {
  const { service, input, kind } = request;
  const byPerson = kind === 'person';
  const isClosed = error instanceof NotNow;
  if (byPerson && !(isClosed && input.takesPlaceOf !== undefined)) return undefined;
  const [lock, waiting] = await Promise.all([getLock(table, service), getWaiting(table, service)]);
  const isAlarm = error instanceof AlarmAlreadyFiring;
  if (!isClosed && !isAlarm && !(error instanceof LiveWeightsUnexpected && lock)) return undefined;
  const hold = holdOf(error, waiting, now());
  if (waiting && isTurnOf(waiting, request)) {
    if (isAlarm && now() - releasedAtMs(waiting) > ALARM_PATIENCE_MS) return undefined;
    await noteHold(table, waiting, hold);
    return `waits: ${hold.waitsFor}`;
  }

  const contender = { ...candidate, byPerson };
  const place = judgePlace(contender, waiting, await deployingBy(lock, table));
  if (!place.takes) return place.reason;
  const newcomer: Waiting = { ...contender, ...hold, service, input, sinceMs: now(), isRecorded: false };
  if (await takeWaitingPlace(table, newcomer, waiting)) return `waits: ${hold.waitsFor}`;
  throw new AwsNotAnswering(`the waiting place of ${service} changed hands while it was looked at`);
}

/** Until when, and for what. What is not closed any more is free to be tried each minute from now on. */
function holdOf(
  error: Error,
  waiting: Waiting | undefined,
  nowMs: number,
): Pick<Waiting, 'notBeforeMs' | 'waitsFor'> {
  if (error instanceof NotNow) return { notBeforeMs: error.opensAtMs, waitsFor: error.waitsFor };
  const { notBeforeMs } = waiting ?? {};
  const freeSinceMs = notBeforeMs === undefined ? undefined : Math.min(notBeforeMs, nowMs);
  return { notBeforeMs: freeSinceMs, waitsFor: error.message };
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
