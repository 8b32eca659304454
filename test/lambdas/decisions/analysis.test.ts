/** The analysis: what it says of plain cases, and how often it errs on thousands of simulated bakes. */
import { describe, expect, it } from 'vitest';
import {
  type AnalysisFacts,
  type AnalysisVerdict,
  FALSE_ALARMS,
  judgeAnalysis,
} from '../../../lambdas/decisions/analysis.ts';
import { analysisWindow, scheduledLooks } from '../../../lambdas/decisions/analysis-looks.ts';
import type { PeriodFacts } from '../../../lambdas/decisions/traffic-facts.ts';
import { type BakeOptions, shareOf, simulateBake, simulateBakeAfter } from './simulated-bakes.ts';

const RULES = { minimumRequests: 1000, tolerance: 1.5 };
const GOOD: PeriodFacts = { requests: 500, errors: 5, p50: 0.1, p90: 0.2, p99: 0.4 };

const facts = (
  green: readonly PeriodFacts[],
  { blue = GOOD, ...change }: Partial<AnalysisFacts> & { blue?: PeriodFacts } = {},
): AnalysisFacts => ({
  periods: green.map((period) => ({ blue, green: period })),
  periodsInBake: green.length,
  blueIsFrom: 'same-periods',
  greenShare: 0.5,
  ...change,
});
const times = (count: number, period: PeriodFacts): PeriodFacts[] =>
  Array.from({ length: count }, () => period);
const judge = (given: AnalysisFacts): AnalysisVerdict => judgeAnalysis(given, RULES);
const fails = (given: AnalysisFacts): boolean => judge(given).verdict === 'fail';

describe('scheduledLooks', () => {
  it.each([1, 2, 7, 10, 13, 30, 1440])('spend the whole chance over %d periods, never more', (periods) => {
    const looks = scheduledLooks(periods);
    expect(looks.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(looks.length).toBeLessThanOrEqual(10);
    expect(looks.at(-1)?.periods).toBe(periods);
    expect(looks.every(({ share }) => share > 0)).toBe(true);
  });
});

describe('analysisWindow', () => {
  const bake = { bakeStartedAtMs: 61_000, bakeSeconds: 600 };
  const settings = { periodSeconds: 60, lagSeconds: 120 };

  it('has only minutes that lie in the bake whole, and that CloudWatch has when it ends', () => {
    expect(analysisWindow(bake, settings, 0)).toEqual({
      fromMs: 120_000,
      endMs: 540_000,
      periods: 7,
      complete: 0,
    });
  });

  it.each([
    [120_000 + 179_999, 0],
    [120_000 + 180_000, 1],
    [661_000, 7],
    [10_000_000, 7],
  ])('has at %d ms %d complete minutes', (nowMs, complete) => {
    expect(analysisWindow(bake, settings, nowMs).complete).toBe(complete);
  });
});

describe('a green like blue', () => {
  it('passes at the end', () => {
    expect(judge(facts(times(10, GOOD)))).toEqual({
      verdict: 'pass',
      reason: "green's 5xx ratio is 1.00 % (50 of 5000), blue's 1.00 % (50 of 5000)",
    });
  });

  it('is not judged good before', () => {
    expect(judge(facts(times(9, GOOD), { periodsInBake: 10 }))).toEqual({
      verdict: 'inconclusive',
      reason: '9 of 10 looks found green no worse; the bake goes on',
    });
  });

  it('passes with the percentiles named that too few requests had', () => {
    const few = { ...GOOD, requests: 120 };
    expect(judge(facts(times(10, few), { blue: few })).reason).toMatch(/too few requests to compare p99$/);
  });

  it.each([0.5, 0.1])('is not failed for one burst of errors, with a share of %d', (greenShare) => {
    const part = greenShare / 0.5;
    const green = times(10, { ...GOOD, requests: 500 * part, errors: 5 * part });
    green[6] = { ...GOOD, requests: 500 * part, errors: 200 * part };
    expect(judge(facts(green, { greenShare })).verdict).toBe('pass');
  });

  it('is not failed for one very slow minute', () => {
    const green = times(10, GOOD);
    green[3] = { ...GOOD, p50: 30, p90: 30, p99: 30 };
    expect(judge(facts(green)).verdict).toBe('pass');
  });

  it('is not failed because its traffic came when both erred most', () => {
    const bad = { ...GOOD, requests: 1000, errors: 200 };
    const periods = Array.from({ length: 10 }, (_, minute) =>
      minute < 5
        ? { blue: { ...GOOD, requests: 1000, errors: 10 }, green: { ...GOOD, requests: 100, errors: 1 } }
        : { blue: { ...bad, requests: 100, errors: 20 }, green: bad },
    );
    expect(judge(facts([], { periods, periodsInBake: 10 })).verdict).toBe('pass');
  });
});

describe('a green that is worse', () => {
  it('fails for errors, with figures, chance and look in the reason', () => {
    expect(judge(facts(times(10, { ...GOOD, errors: 25 })))).toEqual({
      verdict: 'fail',
      reason: expect.stringMatching(
        /^green's 5xx ratio is 5\.00 % \(200 of 4000\), blue's 1\.00 % \(40 of 4000\), by chance with probability \S+ \(limit \S+\), at look 8 of 10$/,
      ),
    });
  });

  it('fails in the first tenth if it is plainly broken, though it has not had the minimum of requests', () => {
    const broken = { requests: 60, errors: 55 };
    const blue = { requests: 60, errors: 1 };
    expect(judge(facts([broken], { blue, periodsInBake: 10 }))).toMatchObject({ verdict: 'fail' });
  });

  it.each(['p50', 'p90', 'p99'] as const)('fails for its %s alone', (percentile) => {
    const slow = { ...GOOD, [percentile]: (GOOD[percentile] ?? 0) * 2 };
    expect(judge(facts(times(10, slow))).reason).toContain(
      `green's ${percentile} response time is 2.00 times`,
    );
  });

  it('passes within the tolerance', () => {
    const slower = { ...GOOD, p50: 0.149, p90: 0.298, p99: 0.59 };
    expect(judge(facts(times(10, slower))).verdict).toBe('pass');
    expect(judgeAnalysis(facts(times(10, slower)), { ...RULES, tolerance: 1.2 }).verdict).toBe('fail');
  });

  it('is judged alike however often somebody looks', () => {
    const green = [...times(8, { ...GOOD, errors: 25 }), ...times(2, { ...GOOD, errors: 0 })];
    const verdicts = green.map((_, index) => judge(facts(green.slice(0, index + 1), { periodsInBake: 10 })));
    const firstFailure = verdicts.findIndex(({ verdict }) => verdict === 'fail');
    expect(firstFailure).toBeGreaterThan(0);
    for (const later of verdicts.slice(firstFailure)) expect(later).toEqual(verdicts[firstFailure]);
  });
});

describe('an end without enough to see', () => {
  it.each<[string, AnalysisFacts, RegExp]>([
    ['too few requests of green', facts(times(10, { requests: 99, errors: 0 })), /^green had 990 requests/],
    [
      'too few requests of blue',
      facts(times(10, GOOD), { blue: { requests: 9, errors: 0 } }),
      /^blue had 90 requests/,
    ],
    [
      'a green that gets far less than its share',
      facts(times(10, { requests: 150, errors: 0 }), { greenShare: 0.5 }),
      /^green had 1500 of 6500 requests; its weight says about 3250$/,
    ],
    ['no whole period', facts([]), /before CloudWatch has one whole period/],
  ])('is inconclusive for %s', (_, given, reason) => {
    expect(judge(given)).toEqual({ verdict: 'inconclusive', reason: expect.stringMatching(reason) });
  });
});

describe('a green that is compared with an earlier blue', () => {
  const after = { blueIsFrom: 'before-the-shift', greenShare: 1 } as const;

  it('fails for far more errors only', () => {
    const judged = (errors: number) => judge(facts(times(10, { ...GOOD, errors }), after)).verdict;
    expect([judged(5), judged(12), judged(50)]).toEqual(['pass', 'pass', 'fail']);
  });

  it('is not failed for its response times', () => {
    const slow = { ...GOOD, p50: 5, p90: 6, p99: 7 };
    expect(judge(facts(times(10, slow), after)).reason).toMatch(/response times were not compared$/);
  });

  it('is not failed if blue had a part as bad', () => {
    const periods = times(10, { ...GOOD, errors: 50 }).map((green, index) => ({
      blue: index < 2 ? { ...GOOD, errors: 60 } : GOOD,
      green,
    }));
    expect(judge({ ...facts([], after), periods, periodsInBake: 10 }).verdict).toBe('pass');
  });
});

/** As many bakes as fit into seconds; `npm run bench:analysis` measures with more. */
const BAKES = 500;
/** Standard errors by which a share of so few bakes may be off. */
const ALLOWANCE = 2.6;
const highest = (share: number): number => share + ALLOWANCE * Math.sqrt((share * (1 - share)) / BAKES);
const lowest = (share: number): number => share - ALLOWANCE * Math.sqrt((share * (1 - share)) / BAKES);

const measured = (seed: string, options: Partial<BakeOptions>): number =>
  shareOf(BAKES, seed, (random) => fails(simulateBake(random, options)));

describe('over simulated bakes', () => {
  it.each<[string, Partial<BakeOptions>]>([
    ['one minute', { minutes: 1, requestsPerMinute: 10_000 }],
    ['three minutes, green with a tenth', { minutes: 3, requestsPerMinute: 3000, greenShare: 0.1 }],
    ['ten minutes', { minutes: 10 }],
    ['ten minutes, green with nine tenths', { minutes: 10, greenShare: 0.9 }],
    ['thirty minutes, green with a tenth', { minutes: 30, requestsPerMinute: 300, greenShare: 0.1 }],
    ['ten minutes of noise for both', { minutes: 10, noise: 'shared' }],
    ['five minutes of noise, green with a tenth', { minutes: 5, noise: 'shared', greenShare: 0.1 }],
    ['ten minutes with bursts on either side', { minutes: 10, noise: 'bursts' }],
    ['thirty minutes with bursts on either side', { minutes: 30, noise: 'bursts', requestsPerMinute: 300 }],
  ])('fails at most one in a hundred identical versions: %s', (name, options) => {
    expect(measured(name, options)).toBeLessThanOrEqual(highest(FALSE_ALARMS));
  });

  it.each([1, 3, 5, 10, 30])(
    'catches errors of 0.04 against 0.02 with 5,000 requests on each side, in %d minutes',
    (minutes) => {
      const options = { minutes, requestsPerMinute: 10_000 / minutes, greenErrors: 0.04 };
      expect(measured('twice the errors', options)).toBeGreaterThanOrEqual(lowest(0.99));
    },
  );

  it('catches twice the errors with a green that has a tenth, given as many requests there', () => {
    const options = { minutes: 10, requestsPerMinute: 5000, greenShare: 0.1, greenErrors: 0.04 };
    expect(measured('a tenth', options)).toBeGreaterThanOrEqual(lowest(0.99));
  });

  it('catches a green three times as slow in ten minutes of noise', () => {
    const options: Partial<BakeOptions> = { noise: 'shared', greenSlower: 3, requestsPerMinute: 2000 };
    expect(measured('slow', options)).toBeGreaterThanOrEqual(0.9);
  });

  it('hardly ever fails the same version compared with its own past, though its errors drift', () => {
    const share = (drift: number) =>
      shareOf(BAKES, 'drift', (random) => fails(simulateBakeAfter(random, drift)));
    for (const drift of [1, 1.25, 1.5]) expect(share(drift)).toBeLessThanOrEqual(highest(FALSE_ALARMS));
  });
});
