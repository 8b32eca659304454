/** Tail probabilities, held to tables, to each other and to plain counting. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  binomialTail,
  hypergeometricTail,
  logGamma,
  median,
  normalTail,
  studentTail,
} from '../../../lambdas/decisions/statistics.ts';

const closely = (found: number, expected: number, relative = 1e-9): void =>
  expect(Math.abs(found / expected - 1)).toBeLessThan(relative);

const choose = (n: number, k: number): number =>
  Array.from({ length: k }, (_, index) => (n - index) / (k - index)).reduce((so, factor) => so * factor, 1);

describe('tails', () => {
  it.each([
    [0, 0.5],
    [1.96, 0.024997895148220435],
    [2.999999999, 0.0013498980360624],
    [3, 0.0013498980316300957],
    [6, 9.865876450377012e-10],
    [20, 2.753624118606234e-89],
    [-1, 0.8413447460685429],
  ])('of the normal distribution above %d are as in the table', (z, tail) => {
    closely(normalTail(z), tail);
  });

  it.each([
    [2, 5, 0.05096973941492917],
    [31.599, 2, 0.0005],
    [8.61, 4, 0.0005],
    [-1, 3, 0.8044988905221147],
  ])('of Student’s distribution above %d with %d degrees are as in the table', (t, degrees, tail) => {
    closely(studentTail(t, degrees), tail, 1e-3);
  });

  it('of Student’s distribution with two degrees have a closed form, which is met far out', () => {
    for (const t of [0.1, 1, 5, 50, 1000])
      closely(studentTail(t, 2), 1 / (Math.sqrt(t * t + 2) * (Math.sqrt(t * t + 2) + t)), 1e-8);
  });

  it('of Student’s distribution become the normal ones', () => {
    for (const z of [0.5, 2, 4]) closely(studentTail(z, 1e6), normalTail(z), 1e-4);
  });

  it('of draws without replacement are what counting gives', () => {
    const four = fc.tuple(...[0, 0, 0, 0].map(() => fc.integer({ min: 0, max: 12 })));
    fc.assert(
      fc.property(four, ([a = 0, b = 0, c = 0, d = 0]) => {
        const [drawn, draws, marked, population] = [a, a + b, a + c, a + b + c + d];
        let counted = 0;
        for (let k = drawn; k <= Math.min(draws, marked); k += 1)
          if (draws - k <= population - marked)
            counted += choose(marked, k) * choose(population - marked, draws - k);
        closely(hypergeometricTail(drawn, draws, marked, population), counted / choose(population, draws));
      }),
      { seed: 1 },
    );
  });

  it('of independent trials are what counting gives', () => {
    for (const [successes, trials, share] of [
      [1, 1, 0.3],
      [8, 10, 0.5],
      [3, 20, 0.9],
      [0, 5, 0.2],
    ] as const) {
      let counted = 0;
      for (let k = successes; k <= trials; k += 1)
        counted += choose(trials, k) * share ** k * (1 - share) ** (trials - k);
      closely(binomialTail(successes, trials, share), counted);
    }
  });

  it('are 0 or 1 where nothing is left to chance', () => {
    expect(hypergeometricTail(0, 5, 3, 10)).toBe(1);
    expect(hypergeometricTail(4, 5, 3, 10)).toBe(0);
    expect(hypergeometricTail(2, 9, 3, 10)).toBe(1);
    expect([binomialTail(1, 5, 0), binomialTail(6, 5, 0.5), binomialTail(5, 5, 1)]).toEqual([0, 0, 1]);
  });

  it('stand millions of requests', () => {
    const [requests, errors] = [50_000_000, 1_000_000];
    const z = 3;
    const drawn = Math.round(errors / 2 + z * Math.sqrt(errors * 0.25 * (1 - errors / (2 * requests))));
    closely(hypergeometricTail(drawn, requests, errors, 2 * requests), normalTail(z), 0.02);
  });
});

describe('logGamma', () => {
  it('is the logarithm of factorials, and of √π in between', () => {
    closely(Math.exp(logGamma(11)), 3_628_800);
    closely(logGamma(0.5), Math.log(Math.sqrt(Math.PI)));
  });
});

describe('median', () => {
  it('is the middle, or halfway between the two middle ones', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
  });
});
