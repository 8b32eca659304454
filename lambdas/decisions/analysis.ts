/** The comparison of green with blue on their own metrics: pass, fail or inconclusive, with the reason in words. */
import { type ScheduledLook, scheduledLooks } from './analysis-looks.ts';
import {
  errorsByChance,
  errorsByChanceSinceBefore,
  isWorseThanBefore,
  isWorseThroughout,
} from './error-ratio.ts';
import { PERCENTILES, type Percentile, slowerByChance } from './response-time.ts';
import { binomialTail } from './statistics.ts';
import { describeRatio, type PairOfPeriods, SIDES, totalsOf } from './traffic-facts.ts';

/** The chance of a false alarm in a whole bake, all looks and metrics together, is at most this. */
export const FALSE_ALARMS = 0.01;
/** Most of it for errors, the rest for the three percentiles; added up, so that no two need be independent. */
const FALSE_ALARMS_OF_ERRORS = 0.7 * FALSE_ALARMS;
const FALSE_ALARMS_OF_PERCENTILE = (0.3 * FALSE_ALARMS) / PERCENTILES.length;
/** Green must have had at least this part of the requests that its weight says. */
const PART_OF_SHARE = 0.5;
/** How improbable fewer requests must be to be doubted. */
const DOUBTED = 0.001;

export interface AnalysisFacts {
  /** The bake's complete periods so far, from its beginning. */
  readonly periods: readonly PairOfPeriods[];
  /** How many there are when it ends. */
  readonly periodsInBake: number;
  /** Whether blue's periods are the same as green's, or those before the traffic went to green. */
  readonly blueIsFrom: 'same-periods' | 'before-the-shift';
  /** Green's part of the requests by weight, 0 to 1. */
  readonly greenShare: number;
}

export interface AnalysisRules {
  /** Requests of each side below which the bake's end proves nothing. */
  readonly minimumRequests: number;
  /** How many times blue's response time green's may be; of errors too, if blue's periods are earlier ones. */
  readonly tolerance: number;
}

export interface AnalysisVerdict {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly reason: string;
}

/**
 * Judges every look that is due. What a look sees does not change, so neither does its judgement: asking often, seldom or
 * only at the end gives the same verdict. Before the end it is `fail` or `inconclusive`.
 */
export function judgeAnalysis(facts: AnalysisFacts, rules: AnalysisRules): AnalysisVerdict {
  const looks = scheduledLooks(facts.periodsInBake);
  const due = looks.filter(({ periods }) => periods <= facts.periods.length);
  for (const [index, look] of due.entries()) {
    const worse = judgeLook(facts, look, rules);
    if (worse) return { verdict: 'fail', reason: `${worse}, at look ${index + 1} of ${looks.length}` };
  }
  if (looks.length === 0) return inconclusive('the bake ends before CloudWatch has one whole period of it');
  if (due.length < looks.length)
    return inconclusive(`${due.length} of ${looks.length} looks found green no worse; the bake goes on`);
  return judgeWhole(facts, rules);
}

/** @returns what is worse, in words; undefined if nothing is, as far as this look can tell */
function judgeLook(
  facts: AnalysisFacts,
  look: ScheduledLook,
  { tolerance }: AnalysisRules,
): string | undefined {
  const seen = facts.periods.slice(0, look.periods);
  const isLast = look.periods === facts.periodsInBake;
  if (facts.blueIsFrom === 'before-the-shift') return judgeErrorsSinceBefore(seen, look, tolerance, isLast);
  const chance = errorsByChance(seen);
  const allowed = FALSE_ALARMS_OF_ERRORS * look.share;
  if (chance < allowed && isWorseThroughout(seen, isLast)) return describeErrors(seen, '', chance, allowed);
  for (const percentile of PERCENTILES) {
    const slower = judgePercentile(percentile, seen, look, tolerance);
    if (slower) return slower;
  }
  return undefined;
}

/** Only errors, and only far more of them: response times follow the load, which is another one by now. */
function judgeErrorsSinceBefore(
  seen: readonly PairOfPeriods[],
  look: ScheduledLook,
  tolerance: number,
  isLast: boolean,
): string | undefined {
  const chance = errorsByChanceSinceBefore(seen, tolerance);
  const allowed = FALSE_ALARMS * look.share;
  if (chance >= allowed || !isWorseThanBefore(seen, tolerance, isLast)) return undefined;
  return describeErrors(seen, 'before the shift ', chance, allowed);
}

function judgePercentile(
  percentile: Percentile,
  seen: readonly PairOfPeriods[],
  look: ScheduledLook,
  tolerance: number,
): string | undefined {
  const slower = slowerByChance(percentile, seen, tolerance);
  const allowed = FALSE_ALARMS_OF_PERCENTILE * look.share;
  if (!slower || slower.chance >= allowed) return undefined;
  const { ratio, periods, chance } = slower;
  return (
    `green's ${percentile} response time is ${ratio.toFixed(2)} times blue's (median of ${periods} periods; ` +
    `allowed is ${tolerance}), ${chanceOf(chance, allowed)}`
  );
}

function describeErrors(
  seen: readonly PairOfPeriods[],
  when: string,
  chance: number,
  allowed: number,
): string {
  const [blue, green] = SIDES.map((side) => describeRatio(totalsOf(seen.map((pair) => pair[side]))));
  return `green's 5xx ratio is ${green}, blue's ${when}${blue}, ${chanceOf(chance, allowed)}`;
}

const chanceOf = (chance: number, allowed: number): string =>
  `by chance with probability ${chance.toExponential(1)} (limit ${allowed.toExponential(1)})`;

/** The end of a bake in which no look failed: a pass, if there was enough to see. */
function judgeWhole(facts: AnalysisFacts, { minimumRequests }: AnalysisRules): AnalysisVerdict {
  const [blue, green] = SIDES.map((side) => totalsOf(facts.periods.map((pair) => pair[side]))) as [
    ReturnType<typeof totalsOf>,
    ReturnType<typeof totalsOf>,
  ];
  for (const [side, { requests }] of Object.entries({ blue, green })) {
    if (requests < minimumRequests)
      return inconclusive(`${side} had ${requests} requests; at least ${minimumRequests} are needed`);
  }
  if (facts.blueIsFrom === 'same-periods') {
    const doubt = doubtShare(green.requests, blue.requests + green.requests, facts.greenShare);
    if (doubt) return inconclusive(doubt);
  }
  const reason = `green's 5xx ratio is ${describeRatio(green)}, blue's ${describeRatio(blue)}${describeCompared(facts)}`;
  return { verdict: 'pass', reason };
}

/** A green that gets far fewer requests than its weight says may be refusing them: no error is counted then. */
function doubtShare(green: number, all: number, share: number): string | undefined {
  const expected = all * share;
  if (green >= PART_OF_SHARE * expected) return undefined;
  // So few: the others got at least as many more.
  if (binomialTail(all - green, all, 1 - share) >= DOUBTED) return undefined;
  return `green had ${green} of ${all} requests; its weight says about ${Math.round(expected)}`;
}

function describeCompared({ periods, blueIsFrom }: AnalysisFacts): string {
  if (blueIsFrom === 'before-the-shift') return ' before the shift; response times were not compared';
  const compared = PERCENTILES.filter((percentile) => slowerByChance(percentile, periods, 1));
  const left = PERCENTILES.filter((percentile) => !compared.includes(percentile));
  return left.length === 0 ? '' : `; too few requests to compare ${left.join(', ')}`;
}

const inconclusive = (reason: string): AnalysisVerdict => ({ verdict: 'inconclusive', reason });
