/** Whether a percentile of green's response times is above blue's by more than the tolerance, period after period. */
import { mean, median, studentTail } from './statistics.ts';
import type { PairOfPeriods } from './traffic-facts.ts';

export const PERCENTILES = ['p50', 'p90', 'p99'] as const;
export type Percentile = (typeof PERCENTILES)[number];

/** How many requests of a side, on average, must lie above the percentile in a period for it to be one. */
const REQUESTS_ABOVE = 5;
/** Fewer periods are no sample. */
const PERIODS_MINIMUM = 3;
/** ln of the smallest deviation believed from period to period: a few alike by chance prove nothing. */
const DEVIATION_MINIMUM = 0.07;
const CORRELATION_MAXIMUM = 0.9;
/** Nobody waits for the difference of two times below it. */
const SHORTEST_SECONDS = 0.001;

export interface SlowerByChance {
  readonly percentile: Percentile;
  /** Periods in which both sides had requests enough. */
  readonly periods: number;
  /** The median of green's time over blue's. */
  readonly ratio: number;
  /** The probability of periods like these if green's time is at most `tolerance` times blue's. */
  readonly chance: number;
}

/** @returns undefined if too few periods can be compared */
export function slowerByChance(
  percentile: Percentile,
  periods: readonly PairOfPeriods[],
  tolerance: number,
): SlowerByChance | undefined {
  const logs = periods.flatMap((pair) => logRatioOf(percentile, pair));
  if (logs.length < Math.max(PERIODS_MINIMUM, periods.length / 2)) return undefined;
  const above = logs.map((log) => log - Math.log(tolerance));
  const ratio = Math.exp(median(logs));
  // One very slow period among good ones moves the mean, not the median.
  const chance = median(above) > 0 ? studentTail(statisticOf(above), above.length - 1) : 1;
  return { percentile, periods: logs.length, ratio, chance };
}

function logRatioOf(percentile: Percentile, { blue, green }: PairOfPeriods): number[] {
  const needed = REQUESTS_ABOVE / (1 - Number(percentile.slice(1)) / 100);
  const [ofBlue, ofGreen] = [blue[percentile], green[percentile]];
  if (ofBlue === undefined || ofGreen === undefined) return [];
  if (Math.min(blue.requests, green.requests) < needed - 1e-6) return [];
  return [Math.log(Math.max(ofGreen, SHORTEST_SECONDS) / Math.max(ofBlue, SHORTEST_SECONDS))];
}

/** Student's t of the mean, its error widened for periods that resemble the one before. */
function statisticOf(values: readonly number[]): number {
  const centre = mean(values);
  const deviations = values.map((value) => value - centre);
  const variance = sumOfProducts(deviations, deviations) / (values.length - 1);
  const widened = Math.sqrt(variance * wideningOf(deviations));
  return centre / (Math.max(widened, DEVIATION_MINIMUM) / Math.sqrt(values.length));
}

/** By how much the correlation from each period to the next widens the variance of the mean. */
function wideningOf(deviations: readonly number[]): number {
  const squares = sumOfProducts(deviations, deviations);
  if (squares === 0) return 1;
  // A short series makes it look smaller than it is, by about one over its length.
  const estimate = sumOfProducts(deviations.slice(1), deviations) / squares + 1 / deviations.length;
  const correlation = Math.min(CORRELATION_MAXIMUM, Math.max(0, estimate));
  return (1 + correlation) / (1 - correlation);
}

const sumOfProducts = (left: readonly number[], right: readonly number[]): number =>
  left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
