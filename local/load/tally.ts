/** Counts the outcomes of a load's requests. */
import type { LoadFailure, LoadOutcome, LoadTotals } from './load-run.ts';

/** How many failures of each kind are kept with their time and reason: many of one must not hide the others. */
const FAILURES_KEPT_MAX = 20;

export interface Tally {
  sent(): void;
  ended(outcome: LoadOutcome, atMs: number, latencyMs: number): void;
  totals(): LoadTotals;
  /** Resolves once nothing is outstanding. */
  settled(): Promise<void>;
}

export function createTally(latencyMaxMs: number): Tally {
  const counts = { sent: 0, outstanding: 0, failed: 0, failedByApplication: 0 };
  const byVersion: Record<string, number> = {};
  const failures: LoadFailure[] = [];
  const latencies = createHistogram(latencyMaxMs);
  let waiting: (() => void)[] = [];

  const keep = (failure: LoadFailure): void => {
    const alike = failures.filter(({ by }) => by === failure.by);
    if (alike.length < FAILURES_KEPT_MAX) failures.push(failure);
  };
  const count = (outcome: LoadOutcome, atMs: number): void => {
    if (outcome.kind === 'failed') {
      counts.failed += 1;
      keep({ atMs, by: outcome.by, reason: outcome.reason });
      return;
    }
    byVersion[outcome.version] = (byVersion[outcome.version] ?? 0) + 1;
    if (outcome.statusCode < 500) return;
    counts.failedByApplication += 1;
    keep({ atMs, by: 'application', reason: `${outcome.statusCode} from version ${outcome.version}` });
  };

  return {
    sent: () => {
      counts.sent += 1;
      counts.outstanding += 1;
    },
    ended: (outcome, atMs, latencyMs) => {
      counts.outstanding -= 1;
      latencies.add(latencyMs);
      count(outcome, atMs);
      if (counts.outstanding > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    totals: () => ({
      ...counts,
      byVersion: { ...byVersion },
      failures: [...failures],
      latencyMs: latencies.percentiles(),
    }),
    settled: () =>
      counts.outstanding === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)),
  };
}

interface Histogram {
  add(ms: number): void;
  percentiles(): LoadTotals['latencyMs'];
}

/** Whole milliseconds up to a limit; anything above it counts as the limit. */
function createHistogram(maxMs: number): Histogram {
  const buckets = new Uint32Array(maxMs + 1);
  let total = 0;
  const percentile = (share: number): number => {
    let below = 0;
    const wanted = Math.max(1, Math.ceil(total * share));
    const at = buckets.findIndex((count) => {
      below += count;
      return below >= wanted;
    });
    return Math.max(0, at);
  };
  return {
    add: (ms) => {
      const bucket = Math.min(maxMs, Math.max(0, Math.round(ms)));
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      total += 1;
    },
    percentiles: () => ({
      p50: percentile(0.5),
      p90: percentile(0.9),
      p99: percentile(0.99),
      max: percentile(1),
    }),
  };
}
