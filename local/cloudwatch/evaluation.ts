/** Judges an alarm by its newest datapoints: pure. */
import type { Alarm, Operator, StateValue } from './alarm.ts';

/** A period and its value; undefined where the metric has none. */
export interface Datapoint {
  periodStartMs: number;
  value: number | undefined;
}

/** `retain` keeps the state that the alarm has. */
export interface Judgement {
  verdict: StateValue | 'retain';
  /** The datapoints that decided, newest first. */
  used: { periodStartMs: number; value: number }[];
}

type Rules = Pick<
  Alarm,
  'evaluationPeriods' | 'datapointsToAlarm' | 'operator' | 'threshold' | 'treatMissingData'
>;

/** CloudWatch looks at more periods than it must, to make up for missing ones; how many more is not documented. */
export const SPARE_PERIODS = 2;

/**
 * The rules of "Configuring how CloudWatch alarms treat missing data" in the CloudWatch guide.
 * @param newestFirst evaluationPeriods + {@link SPARE_PERIODS} datapoints.
 */
export function judgeDatapoints(rules: Rules, newestFirst: readonly Datapoint[]): Judgement {
  const existing = newestFirst.flatMap(({ periodStartMs, value }) =>
    value === undefined ? [] : [{ periodStartMs, value }],
  );
  const used = existing.slice(0, rules.evaluationPeriods);
  const breaching = used.filter(({ value }) => breaches(rules.operator, value, rules.threshold));
  const missing = rules.evaluationPeriods - used.length;
  if (breaching.length >= rules.datapointsToAlarm) return { verdict: 'ALARM', used };
  if (missing === 0) return { verdict: 'OK', used };
  return { verdict: verdictOfIncomplete(rules, newestFirst, breaching.length, used.length, missing), used };
}

function verdictOfIncomplete(
  rules: Rules,
  newestFirst: readonly Datapoint[],
  breaching: number,
  existing: number,
  missing: number,
): Judgement['verdict'] {
  switch (rules.treatMissingData) {
    case 'breaching':
      return breaching + missing >= rules.datapointsToAlarm ? 'ALARM' : 'OK';
    case 'notBreaching':
      return 'OK';
    case 'ignore':
      return existing > breaching ? 'OK' : 'retain';
    case 'missing':
      if (existing === 0) return 'INSUFFICIENT_DATA';
      if (existing > breaching) return 'OK';
      return isOldEnough(rules, newestFirst) ? 'ALARM' : 'retain';
  }
}

/** One fresh breach among gaps does not alarm yet: the oldest must have lasted as long as datapointsToAlarm. */
function isOldEnough(
  { evaluationPeriods, datapointsToAlarm }: Rules,
  newestFirst: readonly Datapoint[],
): boolean {
  const oldest = newestFirst.slice(0, evaluationPeriods).findLastIndex(({ value }) => value !== undefined);
  return oldest + 1 >= datapointsToAlarm;
}

function breaches(operator: Operator, value: number, threshold: number): boolean {
  switch (operator) {
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
  }
}
