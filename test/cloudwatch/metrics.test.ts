/** Metrics: samples in, statistics by period out. */
import { describe, expect, it } from 'vitest';
import { createCloudWatch } from '../../local/cloudwatch/index.ts';
import { clientOf, testPlatform } from '../local-platform.ts';

const START = new Date(Date.UTC(2026, 0, 1));
const at = (seconds: number) => new Date(START.getTime() + seconds * 1_000);

function metrics() {
  const platform = testPlatform();
  const simulator = createCloudWatch(platform, { deliver: async () => {} });
  const cloudwatch = clientOf(simulator.operations);
  const put = (seconds: number, more: object) =>
    cloudwatch.PutMetricData({
      Namespace: 'App',
      MetricData: [{ MetricName: 'Latency', Timestamp: at(seconds), StorageResolution: 1, ...more }],
    });
  const get = (Period: number, more: object = {}) =>
    cloudwatch.GetMetricStatistics({
      Namespace: 'App',
      MetricName: 'Latency',
      StartTime: START,
      EndTime: at(600),
      Period,
      Statistics: ['Sum'],
      ...more,
    });
  return { cloudwatch, platform, sink: simulator.metrics, put, get };
}

describe('statistics', () => {
  it('are taken of whole periods, aligned to the period', async () => {
    const { put, get } = metrics();
    for (const [seconds, Value] of [
      [0, 1],
      [9, 2],
      [10, 4],
      [61, 8],
    ] as const)
      await put(seconds, { Value });
    const sums = async (period: number) =>
      (await get(period)).Datapoints?.map(({ Timestamp, Sum }) => [
        ((Timestamp?.getTime() ?? 0) - START.getTime()) / 1_000,
        Sum,
      ]);
    expect(await sums(10)).toEqual([
      [0, 3],
      [10, 4],
      [60, 8],
    ]);
    expect(await sums(60)).toEqual([
      [0, 7],
      [60, 8],
    ]);
    const late = await get(60, { StartTime: at(30), EndTime: at(60) });
    expect(late.Datapoints?.map(({ Sum }) => Sum)).toEqual([7]);
  });

  it('are all of CloudWatch’s, with percentiles', async () => {
    const { put, get } = metrics();
    await put(0, { Values: [1, 2, 3, 10], Counts: [1, 1, 1, 97], Unit: 'Seconds' });
    const { Datapoints } = await get(60, {
      Statistics: ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'],
      ExtendedStatistics: ['p1', 'p2.5', 'p50', 'p100'],
    });
    expect(Datapoints).toEqual([
      {
        Timestamp: START,
        Unit: 'Seconds',
        SampleCount: 100,
        Average: 9.76,
        Sum: 976,
        Minimum: 1,
        Maximum: 10,
        ExtendedStatistics: { p1: 1, 'p2.5': 3, p50: 10, p100: 10 },
      },
    ]);
    expect((await get(60, { Unit: 'Count' })).Datapoints).toEqual([]);
  });

  it('are of the minute where a metric has standard resolution', async () => {
    const { put, get } = metrics();
    await put(59, { Value: 1, StorageResolution: 60 });
    expect((await get(10)).Datapoints).toMatchObject([{ Timestamp: START, Sum: 1 }]);
  });

  it('take the statistics of others as they are', async () => {
    const { put, get } = metrics();
    await put(0, { StatisticValues: { SampleCount: 2, Sum: 5, Minimum: 2, Maximum: 3 } });
    expect((await get(60, { Statistics: ['Average', 'Maximum'] })).Datapoints).toMatchObject([
      { Average: 2.5, Maximum: 3 },
    ]);
  });

  it.each<[string, object, string]>([
    ['a period of 7 s', { Period: 7 }, 'InvalidParameterValueException'],
    ['an unknown statistic', { ExtendedStatistics: ['q50'] }, 'InvalidParameterValueException'],
    ['a trimmed mean', { ExtendedStatistics: ['tm90'] }, 'NotImplemented'],
    ['no statistic', { Statistics: [] }, 'MissingRequiredParameterException'],
    ['an end before the start', { EndTime: START }, 'InvalidParameterValueException'],
  ])('are refused for %s', async (_, input, code) => {
    await expect(metrics().get(60, input)).rejects.toMatchObject({ code });
  });

  it('come also from the other simulators’ sink', async () => {
    const { sink, cloudwatch } = metrics();
    sink.record(
      'AWS/ApplicationELB',
      'HTTPCode_Target_5XX_Count',
      { LoadBalancer: 'app/web/1' },
      [3, 4],
      'Count',
    );
    const { Metrics } = await cloudwatch.ListMetrics({
      Namespace: 'AWS/ApplicationELB',
      Dimensions: [{ Name: 'LoadBalancer' }],
    });
    expect(Metrics).toEqual([
      {
        Namespace: 'AWS/ApplicationELB',
        MetricName: 'HTTPCode_Target_5XX_Count',
        Dimensions: [{ Name: 'LoadBalancer', Value: 'app/web/1' }],
      },
    ]);
    const { Datapoints } = await cloudwatch.GetMetricStatistics({
      ...Metrics?.[0],
      Namespace: 'AWS/ApplicationELB',
      MetricName: 'HTTPCode_Target_5XX_Count',
      StartTime: START,
      EndTime: at(60),
      Period: 10,
      Statistics: ['Sum'],
    });
    expect(Datapoints).toMatchObject([{ Sum: 7, Unit: 'Count' }]);
  });
});

describe('GetMetricData', () => {
  const stat = (Id: string, MetricName: string, ReturnData = false) => ({
    Id,
    MetricStat: { Metric: { Namespace: 'App', MetricName }, Period: 60, Stat: 'Sum' },
    ReturnData,
  });

  it('computes ratios where both metrics have values, newest first', async () => {
    const { put, cloudwatch } = metrics();
    for (const [seconds, MetricName, Value] of [
      [0, 'Errors', 1],
      [0, 'Requests', 4],
      [60, 'Requests', 5],
      [120, 'Errors', 2],
      [120, 'Requests', 0],
      [180, 'Errors', 3],
      [180, 'Requests', 3],
    ] as const) {
      await put(seconds, { MetricName, Value });
    }
    const { MetricDataResults } = await cloudwatch.GetMetricData({
      StartTime: START,
      EndTime: at(600),
      MetricDataQueries: [
        stat('m1', 'Errors'),
        stat('m2', 'Requests'),
        { Id: 'rate', Expression: '100 * m1 / (m2 + 0)', Label: 'rate' },
      ],
    });
    expect(MetricDataResults).toEqual([
      { Id: 'rate', Label: 'rate', Timestamps: [at(180), START], Values: [100, 25], StatusCode: 'Complete' },
    ]);
  });

  it('gives its datapoints in pages, and says which queries are not complete yet', async () => {
    const { put, cloudwatch } = metrics();
    for (const [seconds, MetricName, Value] of [
      [0, 'A', 1],
      [60, 'A', 2],
      [0, 'B', 3],
      [60, 'B', 4],
    ] as const)
      await put(seconds, { MetricName, Value });
    const get = (NextToken?: string) =>
      cloudwatch.GetMetricData({
        StartTime: START,
        EndTime: at(600),
        MetricDataQueries: [stat('a', 'A', true), stat('b', 'B', true)],
        ScanBy: 'TimestampAscending',
        MaxDatapoints: 3,
        NextToken,
      });
    const first = await get();
    expect(first.MetricDataResults).toMatchObject([
      { Id: 'a', Values: [1, 2], StatusCode: 'Complete' },
      { Id: 'b', Values: [3], Timestamps: [START], StatusCode: 'PartialData' },
    ]);
    const second = await get(first.NextToken);
    expect(second.MetricDataResults).toMatchObject([
      { Id: 'a', Values: [], StatusCode: 'Complete' },
      { Id: 'b', Values: [4], Timestamps: [at(60)], StatusCode: 'Complete' },
    ]);
    expect(second.NextToken).toBeUndefined();
    await expect(get('no token')).rejects.toMatchObject({ code: 'InvalidNextToken' });
  });

  it.each<[string, object[], string]>([
    ['a function', [stat('m1', 'A'), { Id: 'e', Expression: 'FILL(m1, 0)' }], 'NotImplemented'],
    ['an unknown id', [stat('m1', 'A'), { Id: 'e', Expression: 'm1 / m2' }], 'ValidationException'],
    ['a malformed expression', [stat('m1', 'A'), { Id: 'e', Expression: 'm1 / (1' }], 'ValidationException'],
    ['an expression of nothing', [{ Id: 'e', Expression: '1 + 1' }], 'ValidationException'],
    ['ids twice', [stat('m1', 'A'), stat('m1', 'B')], 'ValidationException'],
  ])('refuses %s', async (_, queries, code) => {
    const { cloudwatch } = metrics();
    const get = cloudwatch.GetMetricData({
      StartTime: START,
      EndTime: at(60),
      MetricDataQueries: queries as never,
    });
    await expect(get).rejects.toMatchObject({ code });
  });
});
