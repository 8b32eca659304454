/** How long nobody served between two versions of which the first had to stop before the second could start. */
import type { Downtime } from '../common/deployment.ts';

export interface TaskTimes {
  lastStatus?: string;
  startedAt?: Date;
  stoppingAt?: Date;
}

/** Clocks of Lambda and of ECS may differ by this much. */
const SKEW_MS = 5_000;

/**
 * From the first task that began to stop to the first that runs now.
 * @param running tasks that ECS wants RUNNING
 * @param stopped tasks that it wants, or has, STOPPED, of the last hour
 * @param sinceMs when the stop was asked for; what stopped before has nothing to do with it
 * @returns undefined while nothing runs, or if something ran all the time
 */
export function judgeDowntime(
  running: readonly TaskTimes[],
  stopped: readonly TaskTimes[],
  sinceMs: number,
): Downtime | undefined {
  const starts = running.filter(({ lastStatus }) => lastStatus === 'RUNNING').map(timeOf('startedAt'));
  const stops = stopped.map(timeOf('stoppingAt')).filter((ms) => ms >= sinceMs - SKEW_MS);
  // ECS forgets stopped tasks after an hour: then what is left is when the stop was asked for.
  const fromMs = stops.length > 0 ? Math.min(...stops) : sinceMs;
  const toMs = Math.min(...starts);
  return Number.isFinite(toMs) && toMs > fromMs ? { fromMs, toMs } : undefined;
}

const timeOf =
  (time: 'startedAt' | 'stoppingAt') =>
  (task: TaskTimes): number =>
    task[time]?.getTime() ?? Number.NaN;

/** @returns to a tenth of a second */
export function totalSeconds(downtimes: readonly Downtime[]): number {
  const ms = downtimes.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  return Math.round(ms / 100) / 10;
}
