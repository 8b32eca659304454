/** Merges the lines of many log groups into one order, and gives each line once. Pure but for what it remembers. */
import type { LogLine } from '../../lambdas/aws/logs.ts';

export interface Merge {
  /** From when on to read next: lines arrive late, so the newest time seen is read again. */
  fromMs(): number;
  /** Lines that were not there before, in order of time. */
  add(lines: readonly LogLine[]): LogLine[];
}

/** A line may arrive so much later than one that was written after it. */
const LATE_MS = 30_000;

export function createMerge(sinceMs: number): Merge {
  /** Ids of the lines that may be read again. */
  const seen = new Map<string, number>();
  let newestMs = sinceMs;
  const fromMs = (): number => Math.max(sinceMs, newestMs - LATE_MS);
  return {
    fromMs,
    add(lines) {
      const fresh = lines.filter(({ logGroup, eventId }) => !seen.has(`${logGroup} ${eventId}`));
      for (const { logGroup, eventId, timestampMs } of fresh) {
        seen.set(`${logGroup} ${eventId}`, timestampMs);
        newestMs = Math.max(newestMs, timestampMs);
      }
      for (const [key, timestampMs] of seen) if (timestampMs < fromMs()) seen.delete(key);
      return fresh.sort((a, b) => a.timestampMs - b.timestampMs);
    },
  };
}
