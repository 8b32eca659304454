/** Time stamps as Step Functions reads and writes them. */

const EXTENDED_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** Milliseconds since the epoch of an ISO 8601 date-time with an offset; undefined for anything else. */
export function parseTimestamp(text: string): number | undefined {
  const ms = EXTENDED_OFFSET.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** As the context object shows a time: without a fraction if that is zero. */
export function formatTimestamp(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
