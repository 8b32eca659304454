/** The SDK's retries on the cloud's own clock and seed, instead of real timers and randomness. */
import type { Clock } from '../clock/clock.ts';
import type { Random } from '../random.ts';

/** The SDK's standard mode: attempts in all, and the base of the back-off by kind of error. */
export const ATTEMPTS_MAX = 3;
const BASE_MS = 100;
const THROTTLING_BASE_MS = 500;
const BACKOFF_MS_MAX = 20_000;

interface RetryToken {
  getRetryCount(): number;
  getRetryDelay(): number;
}

/** What the SDK asks of a strategy (`RetryStrategyV2`), as far as it is used. */
export interface RetryStrategy {
  readonly mode: 'standard';
  acquireInitialRetryToken(scope: string): Promise<RetryToken>;
  /** Resolves when the next attempt is due; rejects if there shall be none. */
  refreshRetryTokenForRetry(token: RetryToken, error: { errorType: string }): Promise<RetryToken>;
  recordSuccess(token: RetryToken): void;
}

/** Retries throttling and transient errors with full jitter. The SDK's retry quota per client is not modelled. */
export function createRetryStrategy({ clock, random }: { clock: Clock; random: Random }): RetryStrategy {
  return {
    mode: 'standard',
    acquireInitialRetryToken: async () => tokenOf(0),
    refreshRetryTokenForRetry: async (token, { errorType }) => {
      const retries = token.getRetryCount();
      const isRetryable = errorType === 'THROTTLING' || errorType === 'TRANSIENT';
      if (!isRetryable || retries + 1 >= ATTEMPTS_MAX) throw new Error('no retry is left');
      const baseMs = errorType === 'THROTTLING' ? THROTTLING_BASE_MS : BASE_MS;
      await clock.sleep(Math.floor(random.next() * Math.min(BACKOFF_MS_MAX, baseMs * 2 ** retries)));
      return tokenOf(retries + 1);
    },
    recordSuccess: () => {},
  };
}

// The delay is slept through above: a delay given here would be a real timer of the SDK's.
const tokenOf = (retries: number): RetryToken => ({ getRetryCount: () => retries, getRetryDelay: () => 0 });
