/** Times on the command line: a moment with its offset, or how far it is from now. */
import { durationSeconds } from '../lambdas/common/configuration/duration.ts';
import { UsageError } from './failures.ts';

/** ISO 8601 with its offset from UTC: without one the same words are another moment elsewhere. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** Milliseconds since the epoch of `3h` from now, or of a moment. @throws UsageError */
export const momentAfter = (option: string, text: string, nowMs: number): number =>
  moment(option, text, (seconds) => nowMs + seconds * 1000);

/** Milliseconds since the epoch of `30d` ago, or of a moment. @throws UsageError */
export const momentBefore = (option: string, text: string, nowMs: number): number =>
  moment(option, text, (seconds) => nowMs - seconds * 1000);

function moment(option: string, text: string, offset: (seconds: number) => number): number {
  const seconds = durationSeconds(text);
  if (seconds !== undefined) return offset(seconds);
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new UsageError(
    `${option} is '${text}'; allowed are durations, such as 3h or 2d, and times with their offset, such as 2026-11-21T13:00:00Z`,
  );
}
