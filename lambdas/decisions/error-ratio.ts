/** Whether green's share of 5xx answers is higher than blue's, beyond what chance and bursts explain. */
import { binomialTail, hypergeometricTail, normalTail, studentTail } from './statistics.ts';
import { type PairOfPeriods, ratioOf, type Totals, totalsOf } from './traffic-facts.ts';

/** Bursts last longer than a period: the spread is measured over stretches of these many, and the widest counts. */
const STRETCHES = [1, 2, 4];
/** Fewer stretches say nothing about their spread. */
const STRETCHES_MINIMUM = 4;
/** As many stretches without bursts are taken as seen before, so that a few periods' spread is not overrated. */
const PRIOR_STRETCHES = 4;
const WIDE_SPREAD = 2.5;

/** A fault is there all the time, a burst is not: green must be worse in every part of what a look sees. */
const PARTS = 5;
/** With fewer parts none is excepted, */
const PARTS_TO_EXCEPT = 4;
/** and with fewer still none is left out. */
const PARTS_TO_LEAVE_OUT = 3;
/** How many times blue's ratio green's must be in a part to be worse there. */
const WORSE = 1.1;
/** How many standard errors a part may be below what a steady fault would give it. */
const UNSTEADY = 3.3;
/** What the rest must say by itself when the worst part is left out: the burst, if there was one. */
const CHANCE_OF_REST = 0.05;
/** Before a bake has that many periods nothing tells a burst from a fault, */
const PERIODS_TO_TELL = 8;
/** unless green's ratio is higher by so much. */
const PLAINLY_WORSE = 0.2;
/** How many times tolerance times the worst of blue's earlier parts green's must be. */
const BEYOND_BEFORE = 2;

/** What of green's errors is beyond its part of all, and the variance that chance gives it. */
interface Excess {
  readonly excess: number;
  readonly variance: number;
}

/**
 * The probability of at least green's errors if both sides err alike, over the same periods. It is the larger of two:
 * Fisher's exact test, which needs no large counts, and a test by period (Mantel and Haenszel's) widened by the spread
 * that the periods show, which holds also if rate and split change and if errors come in bursts.
 */
export function errorsByChance(periods: readonly PairOfPeriods[]): number {
  const { blue, green } = bothTotals(periods);
  const exact = hypergeometricTail(
    green.errors,
    green.requests,
    blue.errors + green.errors,
    blue.requests + green.requests,
  );
  const byPeriod = periods.map(excessOf);
  const { excess, variance } = sumOf(byPeriod);
  if (variance === 0) return 1;
  return Math.max(exact, spreadTail((excess - 0.5) / Math.sqrt(variance), spreadOf(byPeriod)));
}

/**
 * Whether green is worse throughout, rather than in one burst. The last look excepts one part, if that is no further off
 * than chance allows: few requests scatter.
 */
export function isWorseThroughout(periods: readonly PairOfPeriods[], isLast: boolean): boolean {
  if (periods.length < PERIODS_TO_TELL && !isLast) {
    const { blue, green } = bothTotals(periods);
    return ratioOf(green) - ratioOf(blue) >= PLAINLY_WORSE;
  }
  const parts = partsOf(periods);
  const worse = parts
    .map(bothTotals)
    .filter(({ blue, green }) => green.errors > 0 && ratioOf(green) >= WORSE * ratioOf(blue));
  const isExcepting = isLast && parts.length >= PARTS_TO_EXCEPT && isSteady(parts);
  if (worse.length < parts.length - (isExcepting ? 1 : 0)) return false;
  return parts.length < PARTS_TO_LEAVE_OUT || errorsByChance(withoutWorst(parts)) < CHANCE_OF_REST;
}

/** The periods of all parts but the one that speaks most against green. */
function withoutWorst(parts: readonly PairOfPeriods[][]): PairOfPeriods[] {
  const byExcess = parts.map((part) => ({ part, ...sumOf(part.map(excessOf)) }));
  const worst = byExcess.reduce((most, one) => (one.excess > most.excess ? one : most));
  return byExcess.filter((one) => one !== worst).flatMap(({ part }) => part);
}

/** Whether no part is far below the excess that all of them share. */
function isSteady(parts: readonly PairOfPeriods[][]): boolean {
  const excesses = parts.map((part) => sumOf(part.map(excessOf)));
  const all = sumOf(excesses);
  const common = all.excess / all.variance;
  return excesses.every(
    ({ excess, variance }) => excess - common * variance >= -UNSTEADY * Math.sqrt(variance),
  );
}

/**
 * The same as {@link errorsByChance} where blue's periods are earlier ones, so that nothing that both suffered cancels:
 * green's ratio is compared with `tolerance` times blue's. The larger of an exact test (of Poisson counts) and a normal one
 * that is widened by the spread of each side's own periods.
 */
export function errorsByChanceSinceBefore(periods: readonly PairOfPeriods[], tolerance: number): number {
  const { blue, green } = bothTotals(periods);
  if (blue.requests === 0 || green.requests === 0 || green.errors === 0) return 1;
  const share = (tolerance * green.requests) / (tolerance * green.requests + blue.requests);
  const exact = binomialTail(green.errors, blue.errors + green.errors, share);
  const excess = ratioOf(green) - tolerance * ratioOf(blue);
  const ofGreen = varianceOfRatio(periods.map((pair) => pair.green));
  const ofBlue = tolerance ** 2 * varianceOfRatio(periods.map((pair) => pair.blue));
  return Math.max(exact, normalTail(excess / Math.sqrt(ofGreen + ofBlue)));
}

/** Whether green is, throughout, far worse than the worst that blue was in any part of its time. */
export function isWorseThanBefore(
  periods: readonly PairOfPeriods[],
  tolerance: number,
  isLast: boolean,
): boolean {
  if (!isWorseThroughout(periods, isLast)) return false;
  const parts = partsOf(periods).map(bothTotals);
  const worst = Math.max(...parts.map(({ blue }) => ratioOf(blue)));
  return parts.every(({ green }) => ratioOf(green) > BEYOND_BEFORE * tolerance * worst);
}

function bothTotals(periods: readonly PairOfPeriods[]): { blue: Totals; green: Totals } {
  return {
    blue: totalsOf(periods.map(({ blue }) => blue)),
    green: totalsOf(periods.map(({ green }) => green)),
  };
}

function partsOf(periods: readonly PairOfPeriods[]): PairOfPeriods[][] {
  const count = Math.min(PARTS, periods.length);
  const end = (index: number): number => Math.floor((index * periods.length) / count);
  return Array.from({ length: count }, (_, index) => periods.slice(end(index), end(index + 1)));
}

function excessOf({ blue, green }: PairOfPeriods): Excess {
  const requests = blue.requests + green.requests;
  const errors = blue.errors + green.errors;
  if (requests < 2) return { excess: 0, variance: 0 };
  const share = green.requests / requests;
  const variance = (errors * (requests - errors) * share * (1 - share)) / (requests - 1);
  return { excess: green.errors - errors * share, variance };
}

const sumOf = (parts: readonly Excess[]): Excess => ({
  excess: parts.reduce((sum, part) => sum + part.excess, 0),
  variance: parts.reduce((sum, part) => sum + part.variance, 0),
});

/** How much more the excess varies from stretch to stretch than chance alone makes it. */
interface Spread {
  /** At least 1. */
  readonly factor: number;
  /** How many degrees of freedom it was estimated with. */
  readonly degrees: number;
}

const NO_SPREAD: Spread = { factor: 1, degrees: Number.POSITIVE_INFINITY };

function spreadOf(byPeriod: readonly Excess[]): Spread {
  const spreads = STRETCHES.map((length) => spreadOfStretches(stretchesOf(byPeriod, length)));
  return spreads.reduce((widest, spread) => (spread.factor > widest.factor ? spread : widest), NO_SPREAD);
}

/** Pearson's χ² per degree of freedom, around the excess that all stretches share: a steady one is no burst. */
function spreadOfStretches(stretches: readonly Excess[]): Spread {
  const counted = stretches.filter(({ variance }) => variance > 0);
  if (counted.length < STRETCHES_MINIMUM) return NO_SPREAD;
  const all = sumOf(counted);
  const common = all.excess / all.variance;
  const chiSquare = counted.reduce(
    (sum, { excess, variance }) => sum + (excess - common * variance) ** 2 / variance,
    0,
  );
  const degrees = counted.length - 1 + PRIOR_STRETCHES;
  return { factor: (chiSquare + PRIOR_STRETCHES) / degrees, degrees };
}

/** The tail above `z` standard errors that know of no spread. A wide spread is known only roughly: hence Student's tail. */
function spreadTail(z: number, { factor, degrees }: Spread): number {
  const widened = z / Math.sqrt(factor);
  return factor < WIDE_SPREAD ? normalTail(widened) : studentTail(widened, degrees);
}

function stretchesOf(byPeriod: readonly Excess[], length: number): Excess[] {
  const count = Math.ceil(byPeriod.length / length);
  return Array.from({ length: count }, (_, index) =>
    sumOf(byPeriod.slice(index * length, (index + 1) * length)),
  );
}

function varianceOfRatio(periods: readonly Totals[]): number {
  const all = totalsOf(periods);
  const ratio = ratioOf(all);
  const byPeriod = periods.map(({ requests, errors }) => ({
    excess: errors - ratio * requests,
    variance: ratio * (1 - ratio) * requests,
  }));
  return (spreadOf(byPeriod).factor * ratio * (1 - ratio)) / all.requests;
}
