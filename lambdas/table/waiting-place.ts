/** The waiting place: at most one deployment per service waits for its turn, the newest. */
import type { Key, Table, TableWrite } from '../aws/dynamodb.ts';
import type { PushOrder } from '../common/deployment.ts';
import { endOf } from './deployments.ts';

export interface Waiting {
  readonly service: string;
  readonly deploymentId: string;
  /** The input to start it again with. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly order: PushOrder;
  readonly digest: string;
  /** A person's request is not overtaken by a push. */
  readonly byPerson: boolean;
  readonly sinceMs: number;
  /** False for a push that waits for more than its turn: its record is made when it can be begun. */
  readonly isRecorded: boolean;
  /** Its turn does not come before, unless what it waits for ends early: the windows and the freeze are judged again. */
  readonly notBeforeMs?: number;
  /** What it waits for beside its turn, in words: `window opens at 2026-11-23T08:00:00Z`. */
  readonly waitsFor?: string;
  /** Services that come first, and the executions that the same push started for them. */
  readonly awaits?: { readonly services: readonly string[]; readonly executionArns: readonly string[] };
}

const PARTITION = 'waiting';

export const waitingKey = (service: string): Key => ({ pk: PARTITION, sk: service });

export function getWaiting(table: Table, service: string): Promise<Waiting | undefined> {
  return table.getItem<Waiting>(waitingKey(service));
}

export function queryWaiting(table: Table): Promise<Waiting[]> {
  return table.query<Waiting>(PARTITION);
}

/** Takes the waiting place if it is as it was read: empty, or held by `instead`, whose record ends with it. */
export function takeWaitingPlace(
  table: Table,
  waiting: Waiting,
  instead: Waiting | undefined,
  ...withIt: readonly TableWrite[]
): Promise<boolean> {
  const put = { ...waitingKey(waiting.service), ...waiting };
  if (!instead)
    return table.write({ put, condition: { expression: 'attribute_not_exists(#pk)' } }, ...withIt);
  const reason = `${waiting.deploymentId} took its waiting place`;
  const end = endOf(instead.deploymentId, { outcome: 'SUPERSEDED', reason, endedAtMs: waiting.sinceMs });
  return table.write(
    { put, condition: { expression: '#deploymentId = :was', values: { was: instead.deploymentId } } },
    ...(instead.isRecorded ? [end] : []),
    ...withIt,
  );
}

/** Notes what the deployment in the place waits for now, and until when, unless another has taken the place. */
export async function noteHold(
  table: Table,
  { service, deploymentId }: Waiting,
  hold: Pick<Waiting, 'notBeforeMs' | 'waitsFor'>,
): Promise<void> {
  await table.write({
    update: waitingKey(service),
    set: { notBeforeMs: hold.notBeforeMs, waitsFor: hold.waitsFor },
    condition: { expression: '#deploymentId = :was', values: { was: deploymentId } },
  });
}

/** From when on only its turn, or what it was tried for in vain, kept the deployment waiting. */
export const releasedAtMs = ({ sinceMs, notBeforeMs = 0 }: Waiting): number => Math.max(sinceMs, notBeforeMs);

/** The write that clears the place in the transaction in which the deployment that waited acquires the lock. */
export function clearWaiting(waiting: Waiting): TableWrite {
  return {
    delete: waitingKey(waiting.service),
    condition: { expression: '#deploymentId = :was', values: { was: waiting.deploymentId } },
  };
}

/** Empties the place after a deployment whose turn came and that had nothing to do, and ends its record. */
export async function leaveWaitingPlace(
  table: Table,
  waiting: Waiting,
  end: Parameters<typeof endOf>[1],
): Promise<void> {
  await table.write(clearWaiting(waiting), ...(waiting.isRecorded ? [endOf(waiting.deploymentId, end)] : []));
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * The name of the execution that takes the waiting deployment's turn: until it has the lock, once a minute at most in
 * its first hour, and then once an hour, because what has failed for so long will not be mended by trying.
 */
export function executionNameOf(waiting: Waiting, nowMs: number): string {
  const period = nowMs - releasedAtMs(waiting) < HOUR_MS ? MINUTE_MS : HOUR_MS;
  return `turn-${waiting.deploymentId}-${Math.floor(nowMs / period)}`;
}

/** What that execution is started with. */
export const inputOf = (waiting: Waiting): object => ({
  ...waiting.input,
  takesPlaceOf: waiting.deploymentId,
});
