/** Decides whether and when a failed state runs again: pure, but for the random number that jitter takes. */
import { matchesError, type StateFailure } from './errors.ts';

export interface Retrier {
  errorEquals: string[];
  intervalSeconds: number;
  maxAttempts: number;
  backoffRate: number;
  maxDelaySeconds: number | undefined;
  jitter: 'FULL' | 'NONE';
}

export const RETRIER_DEFAULTS = {
  intervalSeconds: 1,
  maxAttempts: 3,
  backoffRate: 2,
  jitter: 'NONE',
} as const;

export type RetryVerdict = { retry: true; retrier: number; delayMs: number } | { retry: false };

/**
 * Judges a failure by the first retrier that matches it.
 * @param attempts how often each retrier has already retried in this visit of the state
 * @param random the next random number, 0 <= n < 1; drawn only for full jitter
 */
export function judgeRetry(
  retriers: readonly Retrier[],
  attempts: readonly number[],
  failure: StateFailure,
  random: () => number,
): RetryVerdict {
  const index = retriers.findIndex(({ errorEquals }) =>
    errorEquals.some((name) => matchesError(name, failure)),
  );
  const retrier = retriers[index];
  const attempt = attempts[index] ?? 0;
  if (!retrier || attempt >= retrier.maxAttempts) return { retry: false };
  return { retry: true, retrier: index, delayMs: delayMs(retrier, attempt, random) };
}

/** The wait before retry number `attempt` (from 0): exponential, capped, and with full jitter anything from 0 to that. */
export function delayMs(retrier: Retrier, attempt: number, random: () => number): number {
  const seconds = retrier.intervalSeconds * retrier.backoffRate ** attempt;
  const capped = Math.min(seconds, retrier.maxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return Math.round(capped * 1000 * (retrier.jitter === 'FULL' ? random() : 1));
}
