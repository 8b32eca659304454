/** Whose turn it is: who gets the lock, who waits, and who gives way. */
import type { PushOrder } from '../common/deployment.ts';
import { comparePushes } from './push-order.ts';

export interface Contender {
  readonly digest: string;
  readonly order: PushOrder;
  readonly byPerson: boolean;
}

export type PlaceVerdict = { readonly takes: true } | { readonly takes: false; readonly reason: string };

/** Whether a deployment that found the lock taken gets the one waiting place. */
export function judgePlace(
  newcomer: Contender,
  waiting: (Contender & { readonly deploymentId: string }) | undefined,
  deploying: { readonly digest: string; readonly deploymentId: string },
): PlaceVerdict {
  if (newcomer.digest === deploying.digest) {
    return { takes: false, reason: `${newcomer.digest} is being deployed by ${deploying.deploymentId}` };
  }
  if (!waiting) return { takes: true };
  if (newcomer.digest === waiting.digest) {
    return { takes: false, reason: `${newcomer.digest} waits already as ${waiting.deploymentId}` };
  }
  if (newcomer.byPerson) return { takes: true };
  if (waiting.byPerson)
    return { takes: false, reason: `${waiting.deploymentId}, started by a person, waits` };
  if (comparePushes(newcomer.order, waiting.order) > 0) return { takes: true };
  return { takes: false, reason: `${waiting.deploymentId}, a newer push, waits` };
}

/** As often a deployment is taken over by automation; then a person must look. */
export const RECOVERIES_MAX = 5;

/** DescribeExecution is eventually consistent: an execution that cannot be found may only be this young. */
const UNFINDABLE_FOR_MS = 300_000;

export interface HolderFacts {
  /** The execution's status as AWS spells it; undefined if there is none of that ARN. */
  readonly status: string | undefined;
  /** How long it has had the lock. */
  readonly heldForMs: number;
  readonly recoveryCount: number;
  readonly heldBecause?: string;
}

/** Whether a lock's holder is dead and its deployment has to be recovered by automation. */
export function needsRecovery({ status, heldForMs, recoveryCount, heldBecause }: HolderFacts): boolean {
  if (heldBecause !== undefined || recoveryCount >= RECOVERIES_MAX) return false;
  if (status === undefined) return heldForMs > UNFINDABLE_FOR_MS;
  return status !== 'RUNNING' && status !== 'PENDING_REDRIVE';
}
