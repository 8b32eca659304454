/** How a change of state is told: the event, and what an action's target is given. */
import { LOCAL_ACCOUNT, LOCAL_REGION, type ServiceEvent } from '../platform.ts';
import { type Alarm, type AlarmState, wordsOf } from './alarm.ts';
import { dimensionsOf } from './metric-store.ts';

/** `2026-01-01T00:00:00.000+0000`: CloudWatch's own spelling of UTC. */
const timestamp = (ms: number): string => new Date(ms).toISOString().replace('Z', '+0000');

const stateDetail = ({ value, reason, reasonData, updatedAtMs }: AlarmState): Record<string, unknown> => ({
  value,
  reason,
  ...(reasonData !== undefined && { reasonData }),
  timestamp: timestamp(updatedAtMs),
});

export function stateChangeEvent(alarm: Alarm, previous: AlarmState): ServiceEvent {
  return {
    source: 'aws.cloudwatch',
    detailType: 'CloudWatch Alarm State Change',
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      state: stateDetail(alarm.state),
      previousState: stateDetail(previous),
      configuration: configurationDetail(alarm),
    },
  };
}

function configurationDetail({ input, queries }: Alarm): Record<string, unknown> {
  return {
    ...(input.AlarmDescription !== undefined && { description: input.AlarmDescription }),
    metrics: queries.map(({ Id, MetricStat, Expression, Label, ReturnData = true }) => ({
      id: Id,
      ...(MetricStat && {
        metricStat: {
          metric: {
            namespace: MetricStat.Metric?.Namespace,
            name: MetricStat.Metric?.MetricName,
            dimensions: dimensionsOf(MetricStat.Metric?.Dimensions),
          },
          period: MetricStat.Period,
          stat: MetricStat.Stat,
        },
      }),
      ...(Expression !== undefined && { expression: Expression }),
      ...(Label !== undefined && { label: Label }),
      returnData: ReturnData,
    })),
  };
}

/** A topic is given CloudWatch's notification, anything else (a function) the alarm's data. */
export function actionPayload(actionArn: string, alarm: Alarm, previous: AlarmState): unknown {
  if (actionArn.startsWith('arn:aws:sns:')) return topicMessage(alarm, previous);
  const { state } = alarm;
  return {
    source: 'aws.cloudwatch',
    alarmArn: alarm.arn,
    accountId: LOCAL_ACCOUNT,
    time: timestamp(state.updatedAtMs),
    region: LOCAL_REGION,
    alarmData: {
      alarmName: alarm.name,
      state: stateDetail(state),
      previousState: stateDetail(previous),
      configuration: configurationDetail(alarm),
    },
  };
}

function topicMessage(
  { input, name, arn, state, configuredAtMs, operator, threshold }: Alarm,
  previous: AlarmState,
): Record<string, unknown> {
  return {
    AlarmName: name,
    AlarmDescription: input.AlarmDescription ?? null,
    AWSAccountId: LOCAL_ACCOUNT,
    AlarmConfigurationUpdatedTimestamp: timestamp(configuredAtMs),
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: timestamp(state.updatedAtMs),
    Region: LOCAL_REGION,
    AlarmArn: arn,
    OldStateValue: previous.value,
    Trigger: {
      MetricName: input.MetricName,
      Namespace: input.Namespace,
      Period: input.Period,
      EvaluationPeriods: input.EvaluationPeriods,
      ComparisonOperator: operator,
      Threshold: threshold,
    },
  };
}

/** The words that a person reads first. */
export function reasonText(
  alarm: Alarm,
  used: readonly { periodStartMs: number; value: number }[],
  isBreaching: boolean,
): string {
  if (used.length === 0) return reasonWithoutData(alarm);
  const points = used
    .map(({ value, periodStartMs }) => `${value} (${new Date(periodStartMs).toISOString()})`)
    .join(', ');
  const count = used.length === 1 ? '1 datapoint' : `${used.length} datapoints`;
  const verb = `${used.length === 1 ? 'was' : 'were'}${isBreaching ? '' : ' not all'}`;
  return `Threshold Crossed: ${count} [${points}] ${verb} ${wordsOf(alarm.operator)} the threshold (${alarm.threshold}).`;
}

function reasonWithoutData({ evaluationPeriods, treatMissingData }: Alarm): string {
  const [periods, points] =
    evaluationPeriods === 1
      ? ['1 period', '1 missing datapoint was']
      : [`${evaluationPeriods} periods`, `${evaluationPeriods} missing datapoints were`];
  if (treatMissingData === 'breaching' || treatMissingData === 'notBreaching') {
    const treatment = treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching';
    return `Threshold Crossed: no datapoints were received for ${periods} and ${points} treated as [${treatment}].`;
  }
  return `Insufficient Data: ${evaluationPeriods} ${evaluationPeriods === 1 ? 'datapoint was' : 'datapoints were'} unknown.`;
}

export function reasonJson(
  alarm: Alarm,
  used: readonly { periodStartMs: number; value: number }[],
  queryMs: number,
): string {
  const oldest = used.at(-1);
  return JSON.stringify({
    version: '1.0',
    queryDate: timestamp(queryMs),
    ...(oldest && { startDate: timestamp(oldest.periodStartMs) }),
    statistic: alarm.watched.MetricStat?.Stat,
    period: alarm.periodMs / 1_000,
    recentDatapoints: used.map(({ value }) => value).reverse(),
    threshold: alarm.threshold,
    evaluatedDatapoints: used.map(({ periodStartMs, value }) => ({
      timestamp: timestamp(periodStartMs),
      value,
    })),
  });
}
