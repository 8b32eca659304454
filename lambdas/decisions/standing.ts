/** What stands still, and for how long, until a person looks: the figures that alarms watch. */
import type { Measured } from './metrics.ts';
import { RECOVERIES_MAX } from './turns.ts';

/** A lock, as far as it tells of standing still. */
interface Lock {
  readonly recoveryCount: number;
  readonly heldBecause?: string;
}

interface Waiting {
  readonly sinceMs: number;
  readonly notBeforeMs?: number;
}

/** A deployment that could have begun and has not for so long waits in vain: its service's turn comes within minutes. */
const WAITS_LONG_MS = 3_600_000;

/** Whether automation has taken a deployment over as often as it may, so that only a person would do so again. */
export const isLastRecovery = ({ recoveryCount, heldBecause }: Lock): boolean =>
  heldBecause === undefined && recoveryCount >= RECOVERIES_MAX;

/** @param givenUp locks whose last recovery has ended too. @returns what there is of; empty is as it should be */
export function standingOf(
  {
    locks,
    givenUp,
    waiting,
  }: {
    readonly locks: readonly Lock[];
    readonly givenUp: readonly Lock[];
    readonly waiting: readonly Waiting[];
  },
  nowMs: number,
): Measured {
  const held = locks.filter(({ heldBecause }) => heldBecause !== undefined);
  const long = waiting.filter(
    ({ sinceMs, notBeforeMs = 0 }) => Math.max(sinceMs, notBeforeMs) + WAITS_LONG_MS < nowMs,
  );
  const counts = [
    ['DeploymentsHeld', held.length],
    ['RecoveriesGivenUp', givenUp.length],
    ['DeploymentsWaitingLong', long.length],
  ] as const;
  return counts.filter(([, count]) => count > 0).map(([name, count]) => [name, 'Count', count]);
}
