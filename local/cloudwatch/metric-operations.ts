/** The operations on metrics: putting, listing, and reading by period. */
import { pageOf } from '../page.ts';
import type { Platform } from '../platform.ts';
import { refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { CloudWatchApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { datapointsOf, requirePeriod, requireQueries } from './metric-query.ts';
import { dimensionList, dimensionsOf, type MetricStore, type Series } from './metric-store.ts';
import { type Distribution, distributionOf, requireStatistic, statistic } from './statistics.ts';

const LIST_PAGE = 500;
const DATAPOINTS_MAX = 1_440;
const DATA_MAX = 1_000;
/** What GetMetricData answers with at once. */
const MAX_DATAPOINTS = 100_800;

export function metricOperations(platform: Platform, store: MetricStore): Operations<typeof CloudWatchApi> {
  return {
    PutMetricData: (input) => {
      refuseMembers('PutMetricData', input, ['EntityMetricData']);
      const { Namespace = '', MetricData = [] } = input;
      if (MetricData.length > DATA_MAX)
        throw invalid(`MetricData has ${MetricData.length} members; at most ${DATA_MAX} are allowed`);
      const data = MetricData.map((datum) => ({ datum, samples: samplesIn(datum) }));
      for (const { datum, samples } of data) put(platform, store, Namespace, datum, samples);
      return {};
    },
    ListMetrics: (input) => {
      refuseMembers('ListMetrics', input, ['RecentlyActive', 'OwningAccount']);
      const listed = store.list().filter((series) => isAsked(series, input));
      const page = pageOf(listed, LIST_PAGE, input.NextToken, invalidToken);
      const Metrics = page.elements.map(({ namespace, name, dimensions }) => ({
        Namespace: namespace,
        MetricName: name,
        Dimensions: dimensionList(dimensions),
      }));
      return { Metrics, NextToken: page.nextToken };
    },
    GetMetricStatistics: (input) => getStatistics(store, input),
    GetMetricData: (input) => getData(store, input),
  };
}

function put(
  platform: Platform,
  store: MetricStore,
  namespace: string,
  datum: CloudWatchApi.MetricDatum,
  samples: Distribution,
): void {
  const metric = { namespace, name: datum.MetricName ?? '', dimensions: dimensionsOf(datum.Dimensions) };
  const atMs = datum.Timestamp?.getTime() ?? platform.clock.now();
  const resolutionMs = datum.StorageResolution === 1 ? 1_000 : 60_000;
  store.add(metric, Math.floor(atMs / resolutionMs) * resolutionMs, samples, datum.Unit);
}

function samplesIn({
  MetricName,
  Value,
  Values,
  Counts,
  StatisticValues,
}: CloudWatchApi.MetricDatum): Distribution {
  if ([Value, Values, StatisticValues].filter((one) => one !== undefined).length !== 1) {
    throw new AwsError(
      'InvalidParameterCombinationException',
      `metric ${MetricName} must have exactly one of Value, Values and StatisticValues`,
    );
  }
  if (StatisticValues) return fromStatisticSet(StatisticValues);
  const values = Values ?? [Value ?? 0];
  if (Counts && Counts.length !== values.length)
    throw invalid(`metric ${MetricName} has ${values.length} Values and ${Counts.length} Counts`);
  if (!values.every(Number.isFinite))
    throw invalid(`metric ${MetricName} has a value that is not a finite number`);
  return distributionOf(values, Counts);
}

/** The values behind a set are unknown, unless it is of one value only. */
function fromStatisticSet({
  SampleCount = 0,
  Sum = 0,
  Minimum = 0,
  Maximum = 0,
}: CloudWatchApi.StatisticSet): Distribution {
  const values = Minimum === Maximum ? new Map([[Minimum, SampleCount]]) : undefined;
  return { count: SampleCount, sum: Sum, minimum: Minimum, maximum: Maximum, values };
}

function isAsked(
  { namespace, name, dimensions }: Series,
  { Namespace, MetricName, Dimensions = [] }: CloudWatchApi.ListMetricsInput,
): boolean {
  if ((Namespace ?? namespace) !== namespace || (MetricName ?? name) !== name) return false;
  return Dimensions.every(
    ({ Name = '', Value }) =>
      Object.hasOwn(dimensions, Name) && (Value ?? dimensions[Name]) === dimensions[Name],
  );
}

function getStatistics(
  store: MetricStore,
  input: CloudWatchApi.GetMetricStatisticsInput,
): CloudWatchApi.GetMetricStatisticsOutput {
  const { Namespace = '', MetricName = '', Statistics = [], ExtendedStatistics = [], Unit } = input;
  const names = [...Statistics, ...ExtendedStatistics].map(requireStatistic);
  if (names.length === 0)
    throw new AwsError('MissingRequiredParameterException', 'Statistics or ExtendedStatistics is required');
  const periodMs = requirePeriod(input.Period) * 1_000;
  const [fromMs, toMs] = range(input);
  if ((toMs - fromMs) / periodMs > DATAPOINTS_MAX)
    throw new AwsError(
      'InvalidParameterCombinationException',
      `more than ${DATAPOINTS_MAX} datapoints are asked for`,
    );
  const metric = { namespace: Namespace, name: MetricName, dimensions: dimensionsOf(input.Dimensions) };
  const periods = store.periods(metric, Math.floor(fromMs / periodMs) * periodMs, toMs, periodMs, Unit);
  const unit = store.list().find((series) => isAsked(series, input))?.unit as
    | CloudWatchApi.StandardUnit
    | undefined;
  return {
    Label: MetricName,
    Datapoints: [...periods].map(([period, samples]) => ({
      Timestamp: new Date(period),
      Unit: unit ?? 'None',
      ...Object.fromEntries(Statistics.map((name) => [name, statistic(name, samples)])),
      ...(ExtendedStatistics.length > 0 && {
        ExtendedStatistics: Object.fromEntries(
          ExtendedStatistics.map((name) => [name, statistic(name, samples) ?? 0]),
        ),
      }),
    })),
  };
}

function getData(
  store: MetricStore,
  input: CloudWatchApi.GetMetricDataInput,
): CloudWatchApi.GetMetricDataOutput {
  refuseMembers('GetMetricData', input, ['LabelOptions']);
  const queries = input.MetricDataQueries ?? [];
  requireQueries(queries);
  const [fromMs, toMs] = range(input);
  const ascending = input.ScanBy === 'TimestampAscending';
  const returned = queries.filter(({ ReturnData = true }) => ReturnData);
  const datapoints = returned.flatMap((query) => {
    const points = [...datapointsOf(store, query, queries, fromMs, toMs)];
    return (ascending ? points : points.reverse()).map(([period, value]) => ({ query, period, value }));
  });
  const limit = requireMaxDatapoints(input.MaxDatapoints);
  const page = pageOf(datapoints, limit, input.NextToken, invalidToken);
  const last = page.nextToken === undefined ? undefined : page.elements.at(-1)?.query;
  return {
    Messages: [],
    NextToken: page.nextToken,
    MetricDataResults: returned.map((query) => {
      const points = page.elements.filter((point) => point.query === query);
      return {
        Id: query.Id,
        Label: query.Label ?? query.MetricStat?.Metric?.MetricName ?? query.Id,
        Timestamps: points.map(({ period }) => new Date(period)),
        Values: points.map(({ value }) => value),
        StatusCode: isComplete(returned, query, last) ? ('Complete' as const) : ('PartialData' as const),
      };
    }),
  };
}

/** The pages go through the queries in their order: those from `last` on may have more on the next. */
const isComplete = (queries: readonly object[], query: object, last: object | undefined): boolean =>
  last === undefined || queries.indexOf(query) < queries.indexOf(last);

function requireMaxDatapoints(limit = MAX_DATAPOINTS): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_DATAPOINTS) return limit;
  throw invalid(`MaxDatapoints is ${limit}; allowed are 1 to ${MAX_DATAPOINTS}`);
}

function range({
  StartTime,
  EndTime,
}: {
  StartTime: Date | undefined;
  EndTime: Date | undefined;
}): [number, number] {
  const [fromMs, toMs] = [StartTime?.getTime() ?? 0, EndTime?.getTime() ?? 0];
  if (fromMs < toMs) return [fromMs, toMs];
  throw invalid('The parameter StartTime must be less than the parameter EndTime.');
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValueException', message);
const invalidToken = (): AwsError => new AwsError('InvalidNextToken', 'Invalid token');
