/** Timers of the simulator that all end with it, so that nothing fires after it is closed. */
import type { Clock, Timer } from '../clock/clock.ts';

export interface Timers {
  /** Calls `fire` once after `delayMs` of cloud time, unless closed before. */
  after(delayMs: number, fire: () => void): Timer;
  /** Resolves after `delayMs` of cloud time; never, once closed. */
  sleep(delayMs: number): Promise<void>;
  readonly isClosed: boolean;
  close(): void;
}

export function createTimers(clock: Clock): Timers {
  const waiting = new Set<Timer>();
  let isClosed = false;
  const after = (delayMs: number, fire: () => void): Timer => {
    if (isClosed) return { cancel: () => {} };
    const inner = clock.setTimer(delayMs, () => {
      waiting.delete(timer);
      fire();
    });
    const timer: Timer = {
      cancel: () => {
        waiting.delete(timer);
        inner.cancel();
      },
    };
    waiting.add(timer);
    return timer;
  };
  return {
    after,
    sleep: (delayMs) => new Promise((resolve) => after(delayMs, resolve)),
    get isClosed() {
      return isClosed;
    },
    close: () => {
      isClosed = true;
      for (const timer of [...waiting]) timer.cancel();
    },
  };
}
