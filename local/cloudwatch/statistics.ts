/** Distributions of samples, and the statistics that CloudWatch takes of them. */
import { notImplemented } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';

export interface Distribution {
  count: number;
  sum: number;
  minimum: number;
  maximum: number;
  /** How often each value came, to three significant digits; undefined once a statistic set hides the values. */
  values: Map<number, number> | undefined;
}

const SIMPLE = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'] as const;
const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;

export function emptyDistribution(): Distribution {
  return {
    count: 0,
    sum: 0,
    minimum: Number.POSITIVE_INFINITY,
    maximum: Number.NEGATIVE_INFINITY,
    values: new Map(),
  };
}

/** Each value, as often as its count says: once without counts. */
export function distributionOf(values: readonly number[], counts?: readonly number[]): Distribution {
  const samples = emptyDistribution();
  values.forEach((value, index) => {
    addTo(samples, value, counts?.[index] ?? 1);
  });
  return samples;
}

function addTo(samples: Distribution, value: number, times: number): void {
  const rounded = Number(value.toPrecision(3));
  samples.count += times;
  samples.sum += value * times;
  samples.minimum = Math.min(samples.minimum, value);
  samples.maximum = Math.max(samples.maximum, value);
  samples.values?.set(rounded, (samples.values.get(rounded) ?? 0) + times);
}

export function merge(a: Distribution, b: Distribution): Distribution {
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
    values: a.values && b.values && mergeValues(a.values, b.values),
  };
}

function mergeValues(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): Map<number, number> {
  const merged = new Map(a);
  for (const [value, times] of b) merged.set(value, (merged.get(value) ?? 0) + times);
  return merged;
}

/**
 * A statistic of a period's samples (`Sum`, `p99.9`).
 * @returns undefined if there are no samples, or no values to take a percentile of.
 */
export function statistic(
  name: string,
  { count, sum, minimum, maximum, values }: Distribution,
): number | undefined {
  if (count === 0) return undefined;
  switch (name) {
    case 'SampleCount':
      return count;
    case 'Sum':
      return sum;
    case 'Average':
      return sum / count;
    case 'Minimum':
      return minimum;
    case 'Maximum':
      return maximum;
    default:
      return values && percentile(Number(PERCENTILE.exec(name)?.[1]), count, values);
  }
}

/** The smallest value that at least the given share of the samples does not exceed. */
function percentile(percent: number, count: number, values: ReadonlyMap<number, number>): number | undefined {
  const rank = Math.max(1, Math.ceil((percent / 100) * count));
  let seen = 0;
  for (const [value, times] of [...values].sort(([a], [b]) => a - b)) {
    seen += times;
    if (seen >= rank) return value;
  }
  return undefined;
}

/** @throws AwsError `NotImplemented` for trimmed means and the like, `InvalidParameterValueException` for other words. */
export function requireStatistic(name: string): string {
  if (SIMPLE.some((one) => one === name) || PERCENTILE.test(name)) return name;
  if (/^(tm|wm|tc|ts|pr|iqm)/i.test(name)) throw notImplemented(`the statistic ${name}`);
  throw new AwsError(
    'InvalidParameterValueException',
    `statistic ${name} is unknown; allowed are ${SIMPLE.join(', ')} and p0 to p100`,
  );
}
