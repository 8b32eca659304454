/** A clock on the wall's timers: real at factor 1, scaled above it. */
import type { Clock, Timer } from './clock.ts';

/** The fastest scale: beyond it, real work (a process start, a request) would look absurdly slow. */
export const FACTOR_MAX = 20;

export interface ScaledClockOptions {
  /** Cloud seconds per wall second, 1 to {@link FACTOR_MAX}. */
  factor?: number;
  /** The wall time at which cloud time equals wall time; processes that share a clock share it. */
  originMs?: number;
}

/** Makes a clock whose cloud time equals wall time at `originMs` and runs `factor` times as fast after it. */
export function createScaledClock({ factor = 1, originMs = Date.now() }: ScaledClockOptions = {}): Clock {
  if (!(factor >= 1 && factor <= FACTOR_MAX)) {
    throw new RangeError(`clock factor is ${factor}; allowed are 1 to ${FACTOR_MAX}`);
  }
  const setWallTimer = (delayMs: number, fire: () => void): Timer => {
    const handle = setTimeout(fire, Math.max(0, delayMs));
    return { cancel: () => clearTimeout(handle) };
  };
  const setTimer = (delayMs: number, fire: () => void): Timer => {
    // Node's timers hold 31 bits of milliseconds; a longer delay goes in stages.
    const wallMs = delayMs / factor;
    if (wallMs <= 2 ** 31 - 1) return setWallTimer(wallMs, fire);
    let current = setWallTimer(2 ** 31 - 1, () => {
      current = setTimer(delayMs - (2 ** 31 - 1) * factor, fire);
    });
    return { cancel: () => current.cancel() };
  };
  return {
    factor,
    now: () => Math.round(originMs + (Date.now() - originMs) * factor),
    setTimer,
    setWallTimer,
    sleep: (delayMs) => new Promise((resolve) => setTimer(delayMs, resolve)),
  };
}
