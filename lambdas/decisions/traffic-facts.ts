/** What the analysis knows of the two sides' traffic: facts by period, and sums of them. */

/** One side in one period. */
export interface PeriodFacts {
  readonly requests: number;
  /** Answers of the targets with a status of 500 to 599. */
  readonly errors: number;
  /** Response times in seconds; undefined where nobody was answered. */
  readonly p50?: number;
  readonly p90?: number;
  readonly p99?: number;
}

/** Both sides in what counts as one period for both. */
export interface PairOfPeriods {
  readonly blue: PeriodFacts;
  readonly green: PeriodFacts;
}

export const SIDES = ['blue', 'green'] as const;

export interface Totals {
  readonly requests: number;
  readonly errors: number;
}

export function totalsOf(periods: readonly Totals[]): Totals {
  return {
    requests: periods.reduce((sum, { requests }) => sum + requests, 0),
    errors: periods.reduce((sum, { errors }) => sum + errors, 0),
  };
}

/** Errors per request; 0 without any requests. */
export const ratioOf = ({ requests, errors }: Totals): number => (requests === 0 ? 0 : errors / requests);

/** `4.10 % (205 of 5000)`. */
export function describeRatio(totals: Totals): string {
  return `${(100 * ratioOf(totals)).toFixed(2)} % (${totals.errors} of ${totals.requests})`;
}
