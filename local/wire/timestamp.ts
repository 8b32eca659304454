/** Timestamps in AWS's three wire formats. */
import type { TimestampFormat } from './shape.ts';

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** Seconds since the epoch, fractions allowed. @returns undefined if that is no point in time. */
export function fromEpochSeconds(seconds: number): Date | undefined {
  return valid(new Date(Math.round(seconds * 1000)));
}

export function toEpochSeconds(date: Date): number {
  return date.getTime() / 1000;
}

/** @returns undefined if `text` is not in `format`. */
export function parseTimestamp(text: string, format: TimestampFormat): Date | undefined {
  if (format === 'epoch-seconds')
    return text.trim() === '' || Number.isNaN(Number(text)) ? undefined : fromEpochSeconds(Number(text));
  const pattern = format === 'date-time' ? DATE_TIME : HTTP_DATE;
  return pattern.test(text) ? valid(new Date(text)) : undefined;
}

export function formatTimestamp(date: Date, format: TimestampFormat): string {
  if (format === 'epoch-seconds') return String(toEpochSeconds(date));
  return format === 'date-time' ? date.toISOString() : date.toUTCString();
}

const valid = (date: Date): Date | undefined => (Number.isNaN(date.getTime()) ? undefined : date);
