/** Durations as people write them (`30s`, `10m`, `1h30m`), in seconds inside. */
import parse from 'parse-duration';

/** Whole numbers with a unit each; parse-duration alone would also take `-5m`, `10` (as milliseconds) and `1 fortnight`. */
export const DURATION = /^(\d{1,9}[smhd])+$/;

/** The same, and milliseconds. */
export const FINE_DURATION = /^(\d{1,9}(ms|[smhd]))+$/;

/**
 * Seconds of a written duration.
 * @returns undefined if it is none.
 */
export function durationSeconds(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  return parse(text, 's') ?? undefined;
}

/**
 * Milliseconds of a written duration that may have a unit of `ms`.
 * @returns undefined if it is none.
 */
export function durationMilliseconds(text: string): number | undefined {
  if (!FINE_DURATION.test(text)) return undefined;
  return parse(text, 'ms') ?? undefined;
}
