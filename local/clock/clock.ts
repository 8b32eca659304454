/** The one source of time in the local cloud: real, scaled or virtual. */

/** A pending timer. `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/**
 * Cloud time. `now` and every delay given here are milliseconds of cloud time, which a scaled clock runs
 * through faster than the wall and a virtual clock jumps through. Limits on *real* work (a Lambda's time-out,
 * a probe's, a connect, a stop time-out) use the `wall…` methods, which never scale, except that a virtual
 * clock, which runs no real work, treats them like the others.
 */
export interface Clock {
  /** Milliseconds since the epoch, in cloud time. */
  now(): number;
  /** Calls `fire` once after `delayMs` of cloud time. */
  setTimer(delayMs: number, fire: () => void): Timer;
  /** Calls `fire` once after `delayMs` of wall time. */
  setWallTimer(delayMs: number, fire: () => void): Timer;
  /** Resolves after `delayMs` of cloud time. */
  sleep(delayMs: number): Promise<void>;
  /** How many cloud seconds pass in one wall second (1 on a real clock; 1 on a virtual one). */
  readonly factor: number;
}

/** An ISO 8601 time stamp with milliseconds of the clock's present. */
export function isoNow(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
