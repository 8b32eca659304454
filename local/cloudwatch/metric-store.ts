/** Metric samples, kept by the second, and statistics of them by period. */
import type { CloudWatchApi } from '../wire/models.ts';
import { type Distribution, emptyDistribution, merge } from './statistics.ts';

const SECOND_MS = 1_000;
/** How long samples are kept: what AWS keeps of metrics finer than a minute. */
const RETENTION_MS = 3 * 3_600_000;

export interface MetricIdentity {
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
}

export interface Series extends MetricIdentity {
  unit: string | undefined;
  /** By the second in which the samples fell, oldest first unless samples came late. */
  seconds: Map<number, Distribution>;
}

export interface MetricStore {
  add(metric: MetricIdentity, atMs: number, samples: Distribution, unit: string | undefined): void;
  /**
   * What each period from `fromMs` (a multiple of `periodMs`) to before `toMs` holds; a period without samples is
   * absent. With a unit, only a metric recorded in that unit has any.
   */
  periods(
    metric: MetricIdentity,
    fromMs: number,
    toMs: number,
    periodMs: number,
    unit?: string,
  ): Map<number, Distribution>;
  list(): Series[];
}

export function createMetricStore(): MetricStore {
  const all = new Map<string, Series>();
  return {
    add: (metric, atMs, samples, unit) => {
      const key = keyOf(metric);
      const series = all.get(key) ?? { ...metric, unit, seconds: new Map<number, Distribution>() };
      all.set(key, series);
      const second = Math.floor(atMs / SECOND_MS) * SECOND_MS;
      series.seconds.set(second, merge(series.seconds.get(second) ?? emptyDistribution(), samples));
      forgetBefore(series, atMs - RETENTION_MS);
    },
    periods: (metric, fromMs, toMs, periodMs, unit) => {
      const series = all.get(keyOf(metric));
      const periods = new Map<number, Distribution>();
      if (!series || (unit !== undefined && (series.unit ?? 'None') !== unit)) return periods;
      for (const [second, samples] of series.seconds) {
        if (second < fromMs || second >= toMs) continue;
        const period = Math.floor(second / periodMs) * periodMs;
        periods.set(period, merge(periods.get(period) ?? emptyDistribution(), samples));
      }
      return new Map([...periods].sort(([a], [b]) => a - b));
    },
    list: () => [...all.values()],
  };
}

function keyOf({ namespace, name, dimensions }: MetricIdentity): string {
  const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]);
}

function forgetBefore(series: Series, limitMs: number): void {
  for (const second of series.seconds.keys()) {
    if (second >= limitMs) return;
    series.seconds.delete(second);
  }
}

/** The SDK's spelling of dimensions, as a record. */
export function dimensionsOf(dimensions: readonly CloudWatchApi.Dimension[] = []): Record<string, string> {
  return Object.fromEntries(dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));
}

export function dimensionList(dimensions: Readonly<Record<string, string>>): CloudWatchApi.Dimension[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}
