/** Alarms on the clock: when they fire, whom they tell, and what they remember. */
import { describe, expect, it } from 'vitest';
import { createCloudWatch } from '../../local/cloudwatch/index.ts';
import { clientOf, testPlatform } from '../local-platform.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:alarms';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:wake-deployment';
const BASIC = {
  AlarmName: 'orders-5xx',
  Namespace: 'AWS/ApplicationELB',
  MetricName: 'HTTPCode_Target_5XX_Count',
  Dimensions: [{ Name: 'TargetGroup', Value: 'green' }],
  Statistic: 'Sum' as const,
  Period: 10,
  EvaluationPeriods: 2,
  Threshold: 5,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold' as const,
  TreatMissingData: 'notBreaching',
};

function alarms() {
  const platform = testPlatform();
  const delivered: { arn: string; payload: unknown }[] = [];
  const simulator = createCloudWatch(platform, {
    deliver: async (arn, payload) => {
      delivered.push({ arn, payload });
    },
  });
  const cloudwatch = clientOf(simulator.operations);
  const fail = (count: number) =>
    simulator.metrics.record(
      'AWS/ApplicationELB',
      'HTTPCode_Target_5XX_Count',
      { TargetGroup: 'green' },
      [count],
      'Count',
    );
  const pass = (seconds: number) =>
    platform.clock.run(() => false, seconds * 1_000).then(() => wait(platform, seconds));
  const state = async () =>
    (await cloudwatch.DescribeAlarms({ AlarmNames: ['orders-5xx'] })).MetricAlarms?.[0]?.StateValue;
  return { platform, simulator, cloudwatch, delivered, fail, pass, state };
}

/** A clock stops at its last timer: this brings it to the next multiple of the seconds. */
async function wait({ clock }: ReturnType<typeof testPlatform>, seconds: number): Promise<void> {
  const restMs = (seconds * 1_000 - (clock.now() % (seconds * 1_000))) % (seconds * 1_000);
  if (restMs === 0) return;
  let isOver = false;
  clock.setTimer(restMs, () => {
    isOver = true;
  });
  await clock.run(() => isOver, restMs);
}

describe('an alarm', () => {
  it('fires after as many breaching periods as it must, and recovers', async () => {
    const { cloudwatch, fail, pass, state, platform } = alarms();
    await cloudwatch.PutMetricAlarm(BASIC);
    expect(await state()).toBe('INSUFFICIENT_DATA');
    await pass(10);
    expect(await state()).toBe('OK');
    fail(5);
    await pass(10);
    expect(await state()).toBe('OK');
    fail(2);
    fail(4);
    await pass(10);
    expect(await state()).toBe('ALARM');
    await pass(40);
    expect(await state()).toBe('OK');
    expect(platform.events.map(({ detail }) => (detail.state as { value: string }).value)).toEqual([
      'OK',
      'ALARM',
      'OK',
    ]);
  });

  it('tells the bus as CloudWatch does', async () => {
    const { cloudwatch, fail, pass, platform } = alarms();
    await cloudwatch.PutMetricAlarm({ ...BASIC, EvaluationPeriods: 1, AlarmDescription: 'green fails' });
    fail(7);
    await pass(10);
    const [{ resources, detail } = { resources: [], detail: { state: {} } }] = platform.events;
    expect(resources).toEqual(['arn:aws:cloudwatch:us-east-1:000000000000:alarm:orders-5xx']);
    expect(detail).toMatchObject({
      alarmName: 'orders-5xx',
      state: {
        value: 'ALARM',
        reason:
          'Threshold Crossed: 1 datapoint [7 (2026-01-01T00:00:00.000Z)] was greater than or equal to the threshold (5).',
        timestamp: '2026-01-01T00:00:10.000+0000',
      },
      previousState: { value: 'INSUFFICIENT_DATA' },
      configuration: {
        description: 'green fails',
        metrics: [
          {
            id: 'm1',
            metricStat: { metric: { dimensions: { TargetGroup: 'green' } }, period: 10, stat: 'Sum' },
            returnData: true,
          },
        ],
      },
    });
    const { reasonData } = detail.state as { reasonData: string };
    expect(JSON.parse(reasonData)).toMatchObject({ recentDatapoints: [7], threshold: 5, period: 10 });
  });

  const treated = (as: string) =>
    `Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [${as}].`;
  it.each([
    ['missing', 'OK', 'INSUFFICIENT_DATA', 'Insufficient Data: 2 datapoints were unknown.'],
    ['notBreaching', 'ALARM', 'OK', treated('NonBreaching')],
    ['breaching', 'OK', 'ALARM', treated('Breaching')],
  ] as const)(
    'without any data, which it treats as %s, goes from %s to %s and says why',
    async (TreatMissingData, was, StateValue, StateReason) => {
      const { cloudwatch, pass } = alarms();
      await cloudwatch.PutMetricAlarm({ ...BASIC, TreatMissingData });
      await cloudwatch.SetAlarmState({ AlarmName: 'orders-5xx', StateValue: was, StateReason: 'by hand' });
      await pass(20);

      const { MetricAlarms } = await cloudwatch.DescribeAlarms({ AlarmNames: ['orders-5xx'] });
      expect(MetricAlarms?.[0]).toMatchObject({ StateValue, StateReason });
    },
  );

  it('acts on its topics and functions, unless its actions are disabled', async () => {
    const { cloudwatch, delivered } = alarms();
    await cloudwatch.PutMetricAlarm({ ...BASIC, AlarmActions: [TOPIC, FUNCTION], OKActions: [TOPIC] });
    const set = (StateValue: 'OK' | 'ALARM') =>
      cloudwatch.SetAlarmState({ AlarmName: 'orders-5xx', StateValue, StateReason: 'test' });
    await set('ALARM');
    expect(delivered).toMatchObject([
      {
        arn: TOPIC,
        payload: { AlarmName: 'orders-5xx', NewStateValue: 'ALARM', OldStateValue: 'INSUFFICIENT_DATA' },
      },
      {
        arn: FUNCTION,
        payload: {
          source: 'aws.cloudwatch',
          alarmData: { alarmName: 'orders-5xx', state: { value: 'ALARM' } },
        },
      },
    ]);
    await set('ALARM');
    await cloudwatch.DisableAlarmActions({ AlarmNames: ['orders-5xx'] });
    await set('OK');
    expect(delivered).toHaveLength(2);
  });

  it('set by hand returns to what its metric says', async () => {
    const { cloudwatch, pass, state } = alarms();
    await cloudwatch.PutMetricAlarm(BASIC);
    await cloudwatch.SetAlarmState({ AlarmName: 'orders-5xx', StateValue: 'ALARM', StateReason: 'drill' });
    expect(await state()).toBe('ALARM');
    await pass(10);
    expect(await state()).toBe('OK');
    const { AlarmHistoryItems } = await cloudwatch.DescribeAlarmHistory({ AlarmName: 'orders-5xx' });
    expect(AlarmHistoryItems?.map(({ HistorySummary }) => HistorySummary)).toEqual([
      'Alarm updated from ALARM to OK',
      'Alarm updated from INSUFFICIENT_DATA to ALARM',
    ]);
  });

  it('of a minute is evaluated each minute, one of a ratio by its expression', async () => {
    const { cloudwatch, platform, simulator, pass } = alarms();
    const stat = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: { Metric: { Namespace: 'App', MetricName }, Period: 60, Stat: 'Sum' },
    });
    await cloudwatch.PutMetricAlarm({
      AlarmName: 'rate',
      Metrics: [
        stat('errors', 'Errors'),
        stat('all', 'Requests'),
        { Id: 'rate', Expression: 'errors / all * 100' },
      ],
      EvaluationPeriods: 1,
      Threshold: 10,
      ComparisonOperator: 'GreaterThanThreshold',
    });
    simulator.metrics.record('App', 'Errors', {}, [2]);
    simulator.metrics.record('App', 'Requests', {}, [10]);
    await pass(60);
    expect(platform.events).toMatchObject([{ detail: { alarmName: 'rate', state: { value: 'ALARM' } } }]);
    expect(platform.clock.now()).toBe(Date.UTC(2026, 0, 1, 0, 1));
  });

  it('keeps its state when changed, and leaves no timer behind when deleted', async () => {
    const { cloudwatch, platform, state } = alarms();
    await cloudwatch.PutMetricAlarm(BASIC);
    await cloudwatch.SetAlarmState({ AlarmName: 'orders-5xx', StateValue: 'ALARM', StateReason: 'test' });
    await cloudwatch.PutMetricAlarm({ ...BASIC, Threshold: 1 });
    expect(await state()).toBe('ALARM');
    await cloudwatch.DeleteAlarms({ AlarmNames: ['orders-5xx'] });
    await platform.clock.run(() => false, 3_600_000);
    expect(platform.clock.pendingCount).toBe(0);
    await expect(cloudwatch.DeleteAlarms({ AlarmNames: ['orders-5xx'] })).rejects.toMatchObject({
      code: 'ResourceNotFound',
    });
  });

  it('reports an action that fails as a fault', async () => {
    const platform = testPlatform();
    const { operations } = createCloudWatch(platform, {
      deliver: () => Promise.reject(new Error('no such topic')),
    });
    const cloudwatch = clientOf(operations);
    await cloudwatch.PutMetricAlarm({ ...BASIC, AlarmActions: [TOPIC] });
    await cloudwatch.SetAlarmState({ AlarmName: 'orders-5xx', StateValue: 'ALARM', StateReason: 'test' });
    await platform.clock.run(() => platform.faults.length > 0, 1_000);
    expect(platform.faults).toMatchObject([{ message: `alarm orders-5xx could not act on ${TOPIC}` }]);
  });
});

describe('an alarm is refused', () => {
  it.each<[string, object, string]>([
    ['with a period of 15 s', { Period: 15 }, 'InvalidParameterValueException'],
    ['with both kinds of statistic', { ExtendedStatistic: 'p99' }, 'InvalidParameterCombinationException'],
    [
      'that needs more datapoints than it evaluates',
      { DatapointsToAlarm: 3 },
      'InvalidParameterValueException',
    ],
    [
      'that spans more than a week',
      { Period: 86_400, EvaluationPeriods: 8 },
      'InvalidParameterValueException',
    ],
    [
      'with an unknown treatment of missing data',
      { TreatMissingData: 'guess' },
      'InvalidParameterValueException',
    ],
    ['of an anomaly', { ComparisonOperator: 'GreaterThanUpperThreshold' }, 'NotImplemented'],
    ['without a threshold', { Threshold: undefined }, 'InvalidParameterValueException'],
    [
      'of two metrics that both return data',
      {
        MetricName: undefined,
        Metrics: [
          { Id: 'a', MetricStat: { Metric: { Namespace: 'A', MetricName: 'A' }, Period: 60, Stat: 'Sum' } },
          { Id: 'b', Expression: 'a * 1' },
        ],
      },
      'ValidationException',
    ],
  ])('%s', async (_, input, code) => {
    await expect(alarms().cloudwatch.PutMetricAlarm({ ...BASIC, ...input })).rejects.toMatchObject({ code });
  });
});
