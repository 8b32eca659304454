/** Measures what a run does, on the wall and in the local cloud. */
import type { Clock } from '../clock/clock.ts';
import type { Duration } from './result.ts';

export interface Stopwatch {
  /** Seconds since the process began. */
  wallSeconds(): number;
  /** Runs one part and reports how long it took. */
  measure<T>(name: string, part: () => Promise<T>): Promise<T>;
}

/**
 * @param wall a clock at factor 1
 * @param beforeSeconds what had passed when the stopwatch was made
 */
export function createStopwatch(
  wall: Clock,
  beforeSeconds: number,
  measured: (duration: Duration) => void,
): Stopwatch {
  const startMs = wall.now();
  return {
    wallSeconds: () => beforeSeconds + (wall.now() - startMs) / 1000,
    async measure(name, part) {
      const beganMs = wall.now();
      const result = await part();
      measured({ name, wallSeconds: (wall.now() - beganMs) / 1000 });
      return result;
    },
  };
}

/** A span of cloud time, also as it was on the wall. */
export function cloudDuration(name: string, cloudMs: number, factor: number): Duration {
  return { name, wallSeconds: cloudMs / factor / 1000, cloudSeconds: cloudMs / 1000 };
}
