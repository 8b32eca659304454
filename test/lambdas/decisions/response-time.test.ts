/** Response times of green against blue: how much slower, how surely, and when not to say. */
import { describe, expect, it } from 'vitest';
import { slowerByChance } from '../../../lambdas/decisions/response-time.ts';
import type { PairOfPeriods } from '../../../lambdas/decisions/traffic-facts.ts';

const TOLERANCE = 1.5;
/** One period for each ratio of green's p90 to blue's. */
const periods = (ratios: readonly number[], requests = 500): PairOfPeriods[] =>
  ratios.map((ratio) => ({
    blue: { requests, errors: 0, p90: 0.2 },
    green: { requests, errors: 0, p90: 0.2 * ratio },
  }));
const repeat = (count: number, ...ratios: number[]): number[] =>
  Array.from({ length: count }, () => ratios).flat();
const chance = (ratios: readonly number[]): number | undefined =>
  slowerByChance('p90', periods(ratios), TOLERANCE)?.chance;

describe('slowerByChance', () => {
  it('is sure of a green that is slower period after period, and says by how much', () => {
    const slower = slowerByChance('p90', periods(repeat(5, 1.9, 2.1)), TOLERANCE);
    expect(slower).toMatchObject({ periods: 10 });
    expect(slower?.ratio).toBeCloseTo(2, 1);
    expect(slower?.chance).toBeLessThan(1e-4);
  });

  it('is not impressed by how steadily green is just above the tolerance', () => {
    expect(chance(repeat(10, 1.51))).toBeGreaterThan(0.05);
  });

  it('leaves slow periods alone while most are good, however many there are', () => {
    expect(chance([...repeat(58, 1.4), ...repeat(42, 10)])).toBe(1);
  });

  it('doubts periods that resemble the ones before', () => {
    const mixed = chance(repeat(10, 1.4, 2.4));
    const inRow = chance([...repeat(10, 1.4), ...repeat(10, 2.4)]);
    expect(inRow).toBeGreaterThan(10 * (mixed ?? 1));
  });

  it('counts no differences below a millisecond', () => {
    const tiny = repeat(10, 1).map(() => ({
      blue: { requests: 500, errors: 0, p90: 0.0001 },
      green: { requests: 500, errors: 0, p90: 0.0009 },
    }));
    expect(slowerByChance('p90', tiny, TOLERANCE)).toMatchObject({ ratio: 1, chance: 1 });
  });

  it.each<[string, PairOfPeriods[]]>([
    ['two periods', periods([3, 3])],
    ['periods of too few requests for a p90', periods(repeat(10, 3), 49)],
    ['too many periods without answers', [...periods([3, 3, 3]), ...emptyPeriods(4)]],
  ])('says nothing of %s', (_, given) => {
    expect(slowerByChance('p90', given, TOLERANCE)).toBeUndefined();
  });
});

function emptyPeriods(count: number): PairOfPeriods[] {
  const empty = { requests: 0, errors: 0 };
  return Array.from({ length: count }, () => ({ blue: empty, green: empty }));
}
