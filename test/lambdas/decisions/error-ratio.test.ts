/** Errors of green against blue: what chance, a change of load, or a burst explains, and what not. */
import { describe, expect, it } from 'vitest';
import {
  errorsByChance,
  errorsByChanceSinceBefore,
  isWorseThroughout,
} from '../../../lambdas/decisions/error-ratio.ts';
import type { PairOfPeriods } from '../../../lambdas/decisions/traffic-facts.ts';

/** Each period as [blue's requests, blue's errors, green's requests, green's errors]. */
type Row = readonly [number, number, number, number];
const pairs = (...rows: Row[]): PairOfPeriods[] =>
  rows.map(([blueRequests, blueErrors, greenRequests, greenErrors]) => ({
    blue: { requests: blueRequests, errors: blueErrors },
    green: { requests: greenRequests, errors: greenErrors },
  }));
const repeat = (count: number, row: Row): Row[] => Array.from({ length: count }, () => row);

describe('errorsByChance', () => {
  it('is exact for the few errors of one period', () => {
    // All five of a green with 100 of 1000 requests; a normal tail would be thousands of times smaller.
    const exact = [0, 1, 2, 3, 4].reduce((so, k) => (so * (100 - k)) / (1000 - k), 1);
    expect(errorsByChance(pairs([900, 0, 100, 5])) / exact).toBeCloseTo(1, 9);
  });

  it('is certain without errors, and if all of them are blue’s', () => {
    expect(errorsByChance(pairs([500, 0, 500, 0]))).toBe(1);
    expect(errorsByChance(pairs([500, 9, 500, 0]))).toBeCloseTo(1, 2);
  });

  it('falls below a millionth for twice the errors in thousands of requests', () => {
    expect(errorsByChance(pairs(...repeat(10, [500, 10, 500, 20])))).toBeLessThan(1e-6);
  });

  it('does not blame green for having most of its requests when both erred most', () => {
    const rows = [...repeat(5, [1000, 10, 100, 1]), ...repeat(5, [100, 20, 1000, 200])];
    expect(errorsByChance(pairs(...rows))).toBeGreaterThan(0.3);
  });

  it('widens for the spread of bursts, as far as a few periods show it', () => {
    const steady = errorsByChance(pairs(...repeat(10, [500, 10, 500, 20])));
    const inBursts = errorsByChance(
      pairs(...repeat(8, [500, 10, 500, 10]), ...repeat(2, [500, 10, 500, 60])),
    );
    expect(steady).toBeLessThan(1e-6);
    expect(inBursts).toBeGreaterThan(0.001);
  });

  it('holds for a green with a tenth of the requests', () => {
    expect(errorsByChance(pairs(...repeat(10, [900, 9, 100, 1])))).toBeGreaterThan(0.3);
    expect(errorsByChance(pairs(...repeat(10, [900, 9, 100, 5])))).toBeLessThan(1e-6);
  });
});

describe('isWorseThroughout', () => {
  const worse: Row = [500, 10, 500, 20];
  const same: Row = [500, 10, 500, 10];
  const burst: Row = [500, 10, 500, 200];

  it.each<[string, Row[], boolean, boolean]>([
    ['a green that is always worse', repeat(10, worse), true, true],
    ['a burst and nothing else', [...repeat(9, same), burst], true, false],
    ['bursts in three of five parts', [...repeat(4, same), ...repeat(6, burst)], true, false],
    ['one part that chance made equal, at the end', [...repeat(8, worse), ...repeat(2, same)], true, true],
    [
      'one part that chance made equal, before the end',
      [...repeat(8, worse), ...repeat(2, same)],
      false,
      false,
    ],
    [
      'one part that is far too good for a steady fault',
      [...repeat(8, burst), ...repeat(2, same)],
      true,
      false,
    ],
    ['a little worse and one burst', [...repeat(8, [500, 10, 500, 12]), ...repeat(2, burst)], true, false],
    ['few periods before the end', repeat(7, worse), false, false],
    ['few periods, but plainly broken', repeat(1, [50, 1, 50, 20]), false, true],
    ['few periods at the end', repeat(2, worse), true, true],
    ['no errors at all', repeat(10, [500, 0, 500, 0]), true, false],
  ])('judges %s', (_, rows, isLast, expected) => {
    expect(isWorseThroughout(pairs(...rows), isLast)).toBe(expected);
  });
});

describe('errorsByChanceSinceBefore', () => {
  it('compares with so many times blue’s ratio', () => {
    const rows = pairs(...repeat(10, [500, 10, 500, 15]));
    expect(errorsByChanceSinceBefore(rows, 1.5)).toBeGreaterThan(0.4);
    expect(errorsByChanceSinceBefore(rows, 1)).toBeLessThan(0.02);
  });

  it('proves nothing without requests on both sides', () => {
    expect(errorsByChanceSinceBefore(pairs([0, 0, 500, 100]), 1.5)).toBe(1);
    expect(errorsByChanceSinceBefore(pairs([500, 0, 0, 0]), 1.5)).toBe(1);
  });

  it('is exact for few errors', () => {
    // All five on green, which would have 1.5 / 2.5 of them.
    expect(errorsByChanceSinceBefore(pairs([100, 0, 100, 5]), 1.5)).toBeCloseTo(0.6 ** 5, 12);
  });
});
