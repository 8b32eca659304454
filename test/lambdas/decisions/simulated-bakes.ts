/** Simulated bakes for the analysis: seeded traffic of two sides, with noise that they share and noise of their own. */
import type { AnalysisFacts } from '../../../lambdas/decisions/analysis.ts';
import type { PairOfPeriods, PeriodFacts } from '../../../lambdas/decisions/traffic-facts.ts';
import { createRandom, type Random } from '../../../local/random.ts';

/** What differs from minute to minute though the versions do not. */
export const NOISES = ['steady', 'shared', 'bursts', 'storms'] as const;
/**
 * steady: independent requests. shared: traffic, error rate and response times wander and burst for both sides at once.
 * bursts: besides, each side has bursts of its own: one an hour, of two minutes on average, with three times the errors.
 * storms: more than the analysis promises to stand: the same, one in half an hour, with four times the errors.
 */
export type Noise = (typeof NOISES)[number];

export interface BakeOptions {
  readonly minutes: number;
  /** Of both sides together. */
  readonly requestsPerMinute: number;
  /** Green's part of the requests, 0 to 1. */
  readonly greenShare: number;
  readonly noise: Noise;
  /** Probability of a 5xx answer in a quiet minute. */
  readonly blueErrors: number;
  readonly greenErrors: number;
  /** How many times slower green is. */
  readonly greenSlower: number;
}

export const IDENTICAL: BakeOptions = {
  minutes: 10,
  requestsPerMinute: 1000,
  greenShare: 0.5,
  noise: 'steady',
  blueErrors: 0.02,
  greenErrors: 0.02,
  greenSlower: 1,
};

/** Deviations of ln of a quantity, and how much of one minute's stays in the next. */
const WANDER = { traffic: 0.3, errors: 0.5, times: 0.3, own: 0.1, memory: 0.8 };
/** How likely a burst begins in a minute, and what it multiplies; it goes on with probability 1/2 each minute. */
interface Burst {
  readonly begins: number;
  readonly errors: number;
  readonly times: number;
}
const GOES_ON = 0.5;
const CALM: Burst = { begins: 0, errors: 1, times: 1 };
const STORM: Burst = { begins: 1 / 30, errors: 4, times: 3 };
const OWN_BURSTS: Record<Noise, Burst> = {
  steady: CALM,
  shared: CALM,
  bursts: { begins: 1 / 60, errors: 3, times: 3 },
  storms: STORM,
};
const MEDIAN_SECONDS = 0.05;
/** Response times are log-normal: p99 is 6.4 times p50. */
const TIMES_DEVIATION = 0.8;
const QUANTILES = { p50: 0, p90: 1.2816, p99: 2.3263 };

/** A bake in which both sides run in the same minutes. */
export function simulateBake(random: Random, options: Partial<BakeOptions> = {}): AnalysisFacts {
  const all = { ...IDENTICAL, ...options };
  return {
    periods: minutesOf(random, all, all.minutes),
    periodsInBake: all.minutes,
    blueIsFrom: 'same-periods',
    greenShare: all.greenShare,
  };
}

/**
 * A bake with all traffic on green, compared with blue in as many minutes before; meanwhile the error rate drifts.
 * @param drift green's window's rate over blue's, for the same version
 */
export function simulateBakeAfter(
  random: Random,
  drift: number,
  options: Partial<BakeOptions> = {},
): AnalysisFacts {
  const all = { ...IDENTICAL, ...options };
  // One long stretch of one side; the first half is blue's.
  const stretch = minutesOf(random, { ...all, greenShare: 0 }, 2 * all.minutes, (minute) => {
    const isGreen = minute >= all.minutes;
    return (isGreen ? all.greenErrors / all.blueErrors : 1) * drift ** (minute / all.minutes);
  });
  const periods = Array.from({ length: all.minutes }, (_, minute) => ({
    blue: stretch[minute]?.blue ?? NOTHING,
    green: stretch[minute + all.minutes]?.blue ?? NOTHING,
  }));
  return { periods, periodsInBake: all.minutes, blueIsFrom: 'before-the-shift', greenShare: 1 };
}

/** The share of `times` seeded bakes of which something is true. */
export function shareOf(times: number, seed: string, holds: (random: Random) => boolean): number {
  const random = createRandom(seed);
  let count = 0;
  for (let ordinal = 0; ordinal < times; ordinal += 1) if (holds(random)) count += 1;
  return count / times;
}

const NOTHING: PeriodFacts = { requests: 0, errors: 0 };

function minutesOf(
  random: Random,
  { requestsPerMinute, greenShare, noise, blueErrors, greenErrors, greenSlower }: BakeOptions,
  minutes: number,
  factorAt: (minute: number) => number = () => 1,
): PairOfPeriods[] {
  const shared = noise !== 'steady';
  const [traffic, errors, times] = [WANDER.traffic, WANDER.errors, WANDER.times].map((deviation) =>
    wander(random, shared ? deviation : 0),
  ) as [() => number, () => number, () => number];
  const common = shared ? STORM : CALM;
  const burst = bursts(random, common);
  const own = [0, 1].map(() => ({
    kind: OWN_BURSTS[noise],
    burst: bursts(random, OWN_BURSTS[noise]),
    times: wander(random, shared ? WANDER.own : 0),
  })) as [OwnNoise, OwnNoise];
  return Array.from({ length: minutes }, (_, minute) => {
    const bursting = burst();
    const requests = poisson(random, requestsPerMinute * traffic());
    const greenRequests = binomial(random, requests, greenShare);
    const rate = errors() * factorAt(minute) * (bursting ? common.errors : 1);
    const seconds = MEDIAN_SECONDS * times() * (bursting ? common.times : 1);
    return {
      blue: sideMinute(random, requests - greenRequests, rate * blueErrors, seconds, own[0]),
      green: sideMinute(random, greenRequests, rate * greenErrors, seconds * greenSlower, own[1]),
    };
  });
}

interface OwnNoise {
  readonly kind: Burst;
  readonly burst: () => boolean;
  readonly times: () => number;
}

function sideMinute(
  random: Random,
  requests: number,
  rate: number,
  seconds: number,
  own: OwnNoise,
): PeriodFacts {
  const bursting = own.burst();
  const errors = binomial(random, requests, Math.min(0.9, rate * (bursting ? own.kind.errors : 1)));
  const middle = seconds * own.times() * (bursting ? own.kind.times : 1);
  if (requests === 0) return { requests, errors };
  return { requests, errors, ...percentilesOf(random, middle, requests) };
}

/** Sample percentiles with the error that they have asymptotically in `requests` requests. */
function percentilesOf(
  random: Random,
  middle: number,
  requests: number,
): Omit<PeriodFacts, 'requests' | 'errors'> {
  const sample = ([name, z]: [string, number]): [string, number] => {
    const part = Number(name.slice(1)) / 100;
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const error = Math.sqrt((part * (1 - part)) / requests) / density;
    return [name, middle * Math.exp(TIMES_DEVIATION * (z + error * normal(random)))];
  };
  return Object.fromEntries(Object.entries(QUANTILES).map(sample));
}

/** A factor that wanders around 1 and remembers. */
function wander(random: Random, deviation: number): () => number {
  if (deviation === 0) return () => 1;
  let state = normal(random);
  return () => {
    state = WANDER.memory * state + Math.sqrt(1 - WANDER.memory ** 2) * normal(random);
    return Math.exp(deviation * state);
  };
}

function bursts(random: Random, { begins }: Burst): () => boolean {
  let bursting = false;
  return () => {
    if (begins > 0) bursting = random.next() < (bursting ? GOES_ON : begins);
    return bursting;
  };
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

function poisson(random: Random, expected: number): number {
  return Math.max(0, Math.round(expected + Math.sqrt(expected) * normal(random)));
}

/** Exact: jumps from one success to the next. */
function binomial(random: Random, trials: number, share: number): number {
  if (share <= 0) return 0;
  if (share > 0.5) return trials - binomial(random, trials, 1 - share);
  const perStep = Math.log1p(-share);
  let successes = 0;
  for (let at = jump(random, perStep); at <= trials; at += jump(random, perStep)) successes += 1;
  return successes;
}

const jump = (random: Random, perStep: number): number =>
  1 + Math.floor(Math.log(1 - random.next()) / perStep);
