/** CloudWatch: the state of alarms, and what target groups carried. */
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { AwsNotAnswering } from '../common/errors.ts';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export interface AlarmState {
  readonly name: string;
  /** OK, ALARM or INSUFFICIENT_DATA. */
  readonly state: string;
  readonly reason: string;
}

/** What an Application Load Balancer's target groups are asked for. */
export interface TargetGroupMetricsInput {
  /** ARN of the load balancer, or of one of its listeners or rules. */
  readonly loadBalancer: string;
  /** ARNs; at most 100. */
  readonly targetGroups: readonly string[];
  /** Whole periods: both are multiples of the period, `toMs` is exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /** A load balancer's figures have a minute at best. */
  readonly periodSeconds: number;
}

/** One target group in one period. */
export interface TargetGroupPeriod {
  readonly startMs: number;
  /** Requests for which a target was chosen. */
  readonly requests: number;
  /** Answers of targets with a status of 500 to 599. */
  readonly errors: number;
  /** Response times in seconds; absent in a period without answers. */
  readonly p50?: number;
  readonly p90?: number;
  readonly p99?: number;
}

export interface CloudWatch {
  /** Metric and composite alarms by name; those that do not exist are absent from the answer. */
  describeAlarms(names: readonly string[]): Promise<AlarmState[]>;
  /**
   * By target group ARN, each with every period from `fromMs` to `toMs` in order, empty ones too. CloudWatch's newest
   * minutes grow for a while: the caller leaves them out.
   * @throws AwsNotAnswering if CloudWatch could not give all of it
   */
  getTargetGroupMetrics(input: TargetGroupMetricsInput): Promise<Record<string, TargetGroupPeriod[]>>;
}

const DATAPOINTS_PER_PAGE = 5_000;

/** Metric and statistic of each figure. */
const FIGURES = {
  requests: ['RequestCount', 'Sum'],
  errors: ['HTTPCode_Target_5XX_Count', 'Sum'],
  p50: ['TargetResponseTime', 'p50'],
  p90: ['TargetResponseTime', 'p90'],
  p99: ['TargetResponseTime', 'p99'],
} as const;
type Figure = keyof typeof FIGURES;

const clientFor = clientOf(CloudWatchClient);

export function cloudwatch(runtime: Runtime): CloudWatch {
  const client = clientFor(runtime);
  return {
    async describeAlarms(names) {
      if (names.length === 0) return [];
      const answer = await client.send(
        new DescribeAlarmsCommand({
          AlarmNames: [...names],
          AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
          MaxRecords: 100,
        }),
      );
      return [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])].map((alarm) => ({
        name: alarm.AlarmName ?? '',
        state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
        reason: alarm.StateReason ?? '',
      }));
    },
    async getTargetGroupMetrics(input) {
      const queries = input.targetGroups.flatMap((arn, index) => queriesOf(arn, index, input));
      const values = valuesOf(await getMetricData(client, queries, input));
      const groups = input.targetGroups.map((arn, index) => [arn, periodsOf(index, values, input)]);
      return Object.fromEntries(groups);
    },
  };
}

function queriesOf(
  targetGroup: string,
  index: number,
  { loadBalancer, periodSeconds }: TargetGroupMetricsInput,
): MetricDataQuery[] {
  const Dimensions = [
    { Name: 'TargetGroup', Value: afterColons(targetGroup) },
    { Name: 'LoadBalancer', Value: loadBalancerDimension(loadBalancer) },
  ];
  return Object.entries(FIGURES).map(([figure, [MetricName, Stat]]) => ({
    Id: queryId(index, figure as Figure),
    MetricStat: {
      Metric: { Namespace: 'AWS/ApplicationELB', MetricName, Dimensions },
      Period: periodSeconds,
      Stat,
    },
  }));
}

const queryId = (index: number, figure: Figure): string => `${figure}_${index}`;

const afterColons = (arn: string): string => arn.replace(/^(?:[^:]*:){5}/, '');

/** `app/web/0123…`: the part that load balancer, listener and rule ARNs have in common. */
function loadBalancerDimension(arn: string): string {
  return afterColons(arn).split('/').slice(1, 4).join('/');
}

async function getMetricData(
  client: CloudWatchClient,
  queries: MetricDataQuery[],
  { fromMs, toMs }: TargetGroupMetricsInput,
): Promise<MetricDataResult[]> {
  const pages: MetricDataResult[][] = [];
  let NextToken: string | undefined;
  do {
    const answer = await client.send(
      new GetMetricDataCommand({
        MetricDataQueries: queries,
        StartTime: new Date(fromMs),
        EndTime: new Date(toMs),
        ScanBy: 'TimestampAscending',
        MaxDatapoints: DATAPOINTS_PER_PAGE,
        NextToken,
      }),
    );
    pages.push(answer.MetricDataResults ?? []);
    NextToken = answer.NextToken;
  } while (NextToken);
  requireComplete(pages);
  return pages.flat();
}

/** A query that the last page still calls partial, or that failed on any, would be read as quiet. */
function requireComplete(pages: readonly MetricDataResult[][]): void {
  const unfinished = [
    ...pages
      .flat()
      .filter(({ StatusCode }) => !['Complete', 'PartialData'].includes(StatusCode ?? 'Complete')),
    ...(pages.at(-1) ?? []).filter(({ StatusCode }) => StatusCode === 'PartialData'),
  ];
  const [first] = unfinished;
  if (first) throw new AwsNotAnswering(`GetMetricData answered ${first.StatusCode} for ${first.Id}`);
}

/** Query id → start of the period → value. */
function valuesOf(results: readonly MetricDataResult[]): Map<string, Map<number, number>> {
  const values = new Map<string, Map<number, number>>();
  for (const { Id = '', Timestamps = [], Values = [] } of results) {
    const known = values.get(Id) ?? new Map<number, number>();
    values.set(Id, known);
    for (const [index, timestamp] of Timestamps.entries()) {
      const value = Values[index];
      if (value !== undefined) known.set(timestamp.getTime(), value);
    }
  }
  return values;
}

function periodsOf(
  group: number,
  values: ReadonlyMap<string, ReadonlyMap<number, number>>,
  { fromMs, toMs, periodSeconds }: TargetGroupMetricsInput,
): TargetGroupPeriod[] {
  const periodMs = periodSeconds * 1000;
  const at = (figure: Figure, startMs: number) => values.get(queryId(group, figure))?.get(startMs);
  return Array.from({ length: Math.max(0, Math.ceil((toMs - fromMs) / periodMs)) }, (_, index) => {
    const startMs = fromMs + index * periodMs;
    const [p50, p90, p99] = [at('p50', startMs), at('p90', startMs), at('p99', startMs)];
    // A load balancer that had nothing to count publishes nothing.
    const [requests = 0, errors = 0] = [at('requests', startMs), at('errors', startMs)];
    return { startMs, requests, errors, p50, p90, p99 };
  });
}
