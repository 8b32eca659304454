/** One metric alarm: its configuration, checked, and its state. */
import { localArn } from '../arns.ts';
import { notImplemented, refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { CloudWatchApi } from '../wire/models.ts';
import { periodMsOf, requirePeriod, requireQueries } from './metric-query.ts';
import { requireStatistic } from './statistics.ts';

export type StateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type MissingDataTreatment = 'breaching' | 'notBreaching' | 'ignore' | 'missing';

const OPERATORS = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
} as const;
export type Operator = keyof typeof OPERATORS;

const TREATMENTS: readonly string[] = ['breaching', 'notBreaching', 'ignore', 'missing'];
/** The longest that the periods evaluated may be together. */
const SPAN_MAX_SECONDS = 7 * 86_400;

export interface AlarmState {
  value: StateValue;
  reason: string;
  /** JSON. */
  reasonData: string | undefined;
  updatedAtMs: number;
}

export interface Alarm {
  name: string;
  arn: string;
  /** As PutMetricAlarm was given it. */
  input: CloudWatchApi.PutMetricAlarmInput;
  /** What it watches, in one form for both of PutMetricAlarm's. */
  queries: CloudWatchApi.MetricDataQuery[];
  watched: CloudWatchApi.MetricDataQuery;
  periodMs: number;
  evaluationPeriods: number;
  datapointsToAlarm: number;
  operator: Operator;
  threshold: number;
  treatMissingData: MissingDataTreatment;
  actionsEnabled: boolean;
  configuredAtMs: number;
  state: AlarmState;
}

export function alarmArn(name: string): string {
  return localArn('cloudwatch', `alarm:${name}`);
}

/** `was greater than the threshold`'s words. */
export const wordsOf = (operator: Operator): string => OPERATORS[operator];

/**
 * The alarm that PutMetricAlarm asks for; one that exists keeps its state.
 * @throws AwsError `InvalidParameterValueException`, `InvalidParameterCombinationException`, `ValidationException`, `NotImplemented`
 */
export function newAlarm(
  input: CloudWatchApi.PutMetricAlarmInput,
  before: Alarm | undefined,
  nowMs: number,
): Alarm {
  refuseMembers('PutMetricAlarm', input, [
    'ThresholdMetricId',
    'EvaluateLowSampleCountPercentile',
    'EvaluationWindow',
    'WarmUpConfiguration',
    'EvaluationCriteria',
    'EvaluationInterval',
    'ActionConfiguration',
  ]);
  const name = input.AlarmName ?? '';
  if (name === '' || name.length > 255)
    throw invalid(`AlarmName ${JSON.stringify(name)} must have 1 to 255 characters`);
  const queries = queriesOf(input);
  const watched = watchedOf(queries);
  const alarm: Alarm = {
    name,
    arn: alarmArn(name),
    input: structuredClone(input),
    queries,
    watched,
    periodMs: periodMsOf(watched, queries),
    ...requireEvaluation(input),
    operator: requireOperator(input.ComparisonOperator),
    threshold: requireThreshold(input.Threshold),
    treatMissingData: requireTreatment(input.TreatMissingData ?? 'missing'),
    actionsEnabled: input.ActionsEnabled ?? true,
    configuredAtMs: nowMs,
    state: before?.state ?? {
      value: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      reasonData: undefined,
      updatedAtMs: nowMs,
    },
  };
  requireSpan(alarm);
  return alarm;
}

function queriesOf(input: CloudWatchApi.PutMetricAlarmInput): CloudWatchApi.MetricDataQuery[] {
  const { Metrics, MetricName, Namespace, Statistic, ExtendedStatistic, Period, Dimensions, Unit } = input;
  if (Metrics) {
    if (MetricName !== undefined)
      throw new AwsError(
        'InvalidParameterCombinationException',
        'Metrics and MetricName cannot be used together',
      );
    requireQueries(Metrics);
    return structuredClone(Metrics);
  }
  if (MetricName === undefined || Namespace === undefined)
    throw invalid('MetricName and Namespace, or Metrics, are required');
  if ((Statistic === undefined) === (ExtendedStatistic === undefined)) {
    throw new AwsError(
      'InvalidParameterCombinationException',
      'Exactly one of Statistic and ExtendedStatistic is required',
    );
  }
  const Stat = requireStatistic(Statistic ?? ExtendedStatistic ?? '');
  return [
    {
      Id: 'm1',
      MetricStat: {
        Metric: { Namespace, MetricName, Dimensions },
        Period: requirePeriod(Period),
        Stat,
        Unit,
      },
    },
  ];
}

function watchedOf(queries: readonly CloudWatchApi.MetricDataQuery[]): CloudWatchApi.MetricDataQuery {
  const [watched, ...others] = queries.filter(({ ReturnData = true }) => ReturnData);
  if (watched && others.length === 0) return watched;
  throw new AwsError('ValidationException', 'Exactly one element of the metrics list should return data.');
}

function requireEvaluation({
  EvaluationPeriods = 0,
  DatapointsToAlarm = EvaluationPeriods,
}: CloudWatchApi.PutMetricAlarmInput): {
  evaluationPeriods: number;
  datapointsToAlarm: number;
} {
  if (EvaluationPeriods < 1)
    throw invalid(`EvaluationPeriods is ${EvaluationPeriods}; it must be at least 1`);
  if (DatapointsToAlarm < 1 || DatapointsToAlarm > EvaluationPeriods) {
    throw invalid(
      `DatapointsToAlarm is ${DatapointsToAlarm}; it must be 1 to EvaluationPeriods (${EvaluationPeriods})`,
    );
  }
  return { evaluationPeriods: EvaluationPeriods, datapointsToAlarm: DatapointsToAlarm };
}

function requireOperator(operator: string | undefined): Operator {
  const known = (Object.keys(OPERATORS) as Operator[]).find((one) => one === operator);
  if (known) return known;
  throw notImplemented(`PutMetricAlarm with ComparisonOperator ${operator}`);
}

function requireThreshold(threshold: number | undefined): number {
  if (threshold !== undefined && Number.isFinite(threshold)) return threshold;
  throw invalid(`Threshold is ${threshold}; a number is required`);
}

function requireTreatment(treatment: string): MissingDataTreatment {
  if (TREATMENTS.includes(treatment)) return treatment as MissingDataTreatment;
  throw invalid(`TreatMissingData is ${treatment}; allowed are ${TREATMENTS.join(', ')}`);
}

function requireSpan({ periodMs, evaluationPeriods }: Alarm): void {
  const seconds = (periodMs / 1_000) * evaluationPeriods;
  if (seconds > SPAN_MAX_SECONDS)
    throw invalid(
      `Metrics cannot be checked across more than ${SPAN_MAX_SECONDS} s (EvaluationPeriods * Period is ${seconds} s)`,
    );
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValueException', message);
