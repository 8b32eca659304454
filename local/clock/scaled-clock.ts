/** A clock on the wall's timers: real at factor 1, scaled above it. */
import type { Clock, Timer } from './clock.ts';

/** The fastest scale: beyond it, real work (a process start, a request) would look absurdly slow. */
export const FACTOR_MAX = 20;

/** Node's timers hold 31 bits of milliseconds. */
const NODE_TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * The moment from which a clock counts. It can be sent as JSON: the processes of one machine share a monotonic
 * clock, so those that are given the same origin show the same time.
 */
export interface ClockOrigin {
  /** What the clock shows at that moment: milliseconds since the epoch. */
  readonly epochMs: number;
  /** The machine's monotonic clock at that moment: nanoseconds, in decimal digits. */
  readonly monotonicNs: string;
}

export interface ScaledClockOptions {
  /** Cloud seconds per wall second, 1 to {@link FACTOR_MAX}. */
  factor?: number;
  /** The moment at which cloud time equals wall time; processes that share a clock share it. Now, if absent. */
  origin?: ClockOrigin;
}

/** The present, as an origin. */
export function presentOrigin(): ClockOrigin {
  return { epochMs: Date.now(), monotonicNs: String(process.hrtime.bigint()) };
}

/**
 * Makes a clock whose cloud time equals wall time at its origin and runs `factor` times as fast after it. It never
 * jumps: a correction of the machine's time of day, which would be `factor` times as large here, does not reach it.
 * It stands still while the machine sleeps, as timers do.
 * @throws RangeError if the factor is not allowed
 */
export function createScaledClock({ factor = 1, origin = presentOrigin() }: ScaledClockOptions = {}): Clock {
  if (!(factor >= 1 && factor <= FACTOR_MAX)) {
    throw new RangeError(`clock factor is ${factor}; allowed are 1 to ${FACTOR_MAX}`);
  }
  const originNs = BigInt(origin.monotonicNs);
  const passedMs = (): number => Number(process.hrtime.bigint() - originNs) / 1e6;
  const setTimer = (delayMs: number, fire: () => void): Timer => startTimer(passedMs, delayMs / factor, fire);
  return {
    factor,
    now: () => Math.round(origin.epochMs + passedMs() * factor),
    setTimer,
    setWallTimer: (delayMs, fire) => startTimer(passedMs, delayMs, fire),
    sleep: (delayMs) => new Promise((resolve) => setTimer(delayMs, resolve)),
  };
}

/** Node's own timers may fire up to two milliseconds early: whoever looked at the clock then would be too early too. */
function startTimer(passedMs: () => number, delayMs: number, fire: () => void): Timer {
  const dueMs = passedMs() + Math.max(0, delayMs);
  let handle: NodeJS.Timeout;
  const wait = (restMs: number): void => {
    handle = setTimeout(
      () => {
        const leftMs = dueMs - passedMs();
        if (leftMs > 0) wait(leftMs);
        else fire();
      },
      Math.min(Math.ceil(restMs), NODE_TIMER_MS_MAX),
    );
  };
  wait(Math.max(0, delayMs));
  return { cancel: () => clearTimeout(handle) };
}
