/** Metric data queries: one metric's statistic, or an expression over others. */
import { refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { CloudWatchApi } from '../wire/models.ts';
import { type Datapoints, parseExpression } from './metric-math.ts';
import { dimensionsOf, type MetricStore } from './metric-store.ts';
import { requireStatistic, statistic } from './statistics.ts';

type Query = CloudWatchApi.MetricDataQuery;

/**
 * Checks queries that belong together.
 * @throws AwsError `ValidationException`, `InvalidParameterValueException`, `NotImplemented`
 */
export function requireQueries(queries: readonly Query[]): void {
  const ids = queries.map(({ Id = '' }) => Id);
  if (new Set(ids).size < ids.length) throw invalid(`query ids must be unique: ${ids.join(', ')}`);
  for (const query of queries) requireQuery(query, ids);
}

function requireQuery(query: Query, ids: readonly string[]): void {
  refuseMembers('a metric data query', query, ['AccountId']);
  if (!/^[a-z]\w*$/.test(query.Id ?? ''))
    throw invalid(`query id ${JSON.stringify(query.Id)} must begin with a lower-case letter`);
  if ((query.MetricStat === undefined) === (query.Expression === undefined))
    throw invalid(`query ${query.Id} must have MetricStat or Expression, and not both`);
  if (query.MetricStat) {
    requirePeriod(query.MetricStat.Period);
    requireStatistic(query.MetricStat.Stat ?? '');
  }
  const unknown =
    query.Expression === undefined
      ? undefined
      : parseExpression(query.Expression).ids.find((id) => !ids.includes(id) || id === query.Id);
  if (unknown !== undefined)
    throw invalid(`query ${query.Id} reads ${unknown}, which is no other query's id`);
}

/** @throws AwsError `InvalidParameterValueException` */
export function requirePeriod(seconds: number | undefined): number {
  if (seconds !== undefined && seconds > 0 && (seconds % 60 === 0 || [1, 5, 10, 20, 30].includes(seconds)))
    return seconds;
  throw new AwsError(
    'InvalidParameterValueException',
    `Period is ${seconds}; it must be 1, 5, 10, 20, 30, or a multiple of 60`,
  );
}

/** The period of a query in milliseconds; an expression's is the longest of what it reads. */
export function periodMsOf(query: Query, queries: readonly Query[], depth = 0): number {
  if (query.MetricStat) return (query.MetricStat.Period ?? 60) * 1_000;
  if (depth > queries.length) throw invalid(`query ${query.Id} reads itself`);
  return Math.max(...inputsOf(query, queries).map((input) => periodMsOf(input, queries, depth + 1)));
}

/** The values of one of the queries, by the start of their period. */
export function datapointsOf(
  store: MetricStore,
  query: Query,
  queries: readonly Query[],
  fromMs: number,
  toMs: number,
): Datapoints {
  if (query.MetricStat) return statisticsOf(store, query.MetricStat, fromMs, toMs);
  const inputs = inputsOf(query, queries).map((input): [string, Datapoints] => [
    input.Id ?? '',
    datapointsOf(store, input, queries, fromMs, toMs),
  ]);
  return parseExpression(query.Expression ?? '').evaluate(new Map(inputs));
}

const inputsOf = (query: Query, queries: readonly Query[]): Query[] => {
  const { ids } = parseExpression(query.Expression ?? '');
  return queries.filter(({ Id = '' }) => ids.includes(Id));
};

function statisticsOf(
  store: MetricStore,
  { Metric, Period = 60, Stat = '', Unit }: CloudWatchApi.MetricStat,
  fromMs: number,
  toMs: number,
): Datapoints {
  const metric = {
    namespace: Metric?.Namespace ?? '',
    name: Metric?.MetricName ?? '',
    dimensions: dimensionsOf(Metric?.Dimensions),
  };
  const periodMs = Period * 1_000;
  const periods = store.periods(metric, Math.floor(fromMs / periodMs) * periodMs, toMs, periodMs, Unit);
  const values = [...periods].map(([period, samples]): [number, number | undefined] => [
    period,
    statistic(Stat, samples),
  ]);
  return new Map(values.filter((entry): entry is [number, number] => entry[1] !== undefined));
}

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
