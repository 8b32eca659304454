/** The operations on alarms. */
import { pageOf } from '../page.ts';
import type { Platform } from '../platform.ts';
import { refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { CloudWatchApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { type Alarm, newAlarm, type StateValue } from './alarm.ts';
import type { Alarms, StateUpdate } from './alarms.ts';

const PAGE_DEFAULT = 50;
const STATES: readonly string[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

export function alarmOperations(platform: Platform, alarms: Alarms): Operations<typeof CloudWatchApi> {
  const enableActions = (names: readonly string[] = [], enabled: boolean): Record<string, never> => {
    for (const name of names) {
      const alarm = alarms.find(name);
      if (alarm) alarm.actionsEnabled = enabled;
    }
    return {};
  };
  return {
    PutMetricAlarm: (input) => {
      alarms.put(newAlarm(input, alarms.find(input.AlarmName ?? ''), platform.clock.now()));
      return {};
    },
    DescribeAlarms: (input) => {
      refuseMembers('DescribeAlarms', input, ['ChildrenOfAlarmName', 'ParentsOfAlarmName', 'ActionPrefix']);
      const page = pageOf(
        asked(alarms, input),
        input.MaxRecords ?? PAGE_DEFAULT,
        input.NextToken,
        invalidToken,
      );
      return { MetricAlarms: page.elements.map(described), CompositeAlarms: [], NextToken: page.nextToken };
    },
    DescribeAlarmHistory: (input) => {
      refuseMembers('DescribeAlarmHistory', input, ['AlarmContributorId']);
      const page = pageOf(
        history(alarms, input),
        input.MaxRecords ?? PAGE_DEFAULT,
        input.NextToken,
        invalidToken,
      );
      return { AlarmHistoryItems: page.elements.map(historyItem), NextToken: page.nextToken };
    },
    DeleteAlarms: ({ AlarmNames = [] }) => {
      alarms.remove(AlarmNames);
      return {};
    },
    SetAlarmState: ({ AlarmName = '', StateValue = '', StateReason = '', StateReasonData }) => {
      const alarm = alarms.find(AlarmName);
      if (!alarm) throw new AwsError('ResourceNotFound', `Alarm ${AlarmName} not found`);
      if (!STATES.includes(StateValue))
        throw new AwsError(
          'InvalidParameterValueException',
          `StateValue is ${StateValue}; allowed are ${STATES.join(', ')}`,
        );
      if (StateReasonData !== undefined) requireJson(StateReasonData);
      alarms.setState(alarm, {
        value: StateValue as StateValue,
        reason: StateReason,
        reasonData: StateReasonData,
        updatedAtMs: platform.clock.now(),
      });
      return {};
    },
    EnableAlarmActions: ({ AlarmNames }) => enableActions(AlarmNames, true),
    DisableAlarmActions: ({ AlarmNames }) => enableActions(AlarmNames, false),
  };
}

function asked(
  alarms: Alarms,
  {
    AlarmNames,
    AlarmNamePrefix = '',
    StateValue,
    AlarmTypes = ['MetricAlarm'],
  }: CloudWatchApi.DescribeAlarmsInput,
): Alarm[] {
  if (!AlarmTypes.includes('MetricAlarm')) return [];
  return alarms
    .list()
    .filter(
      ({ name, state }) =>
        (AlarmNames?.includes(name) ?? name.startsWith(AlarmNamePrefix)) &&
        (StateValue ?? state.value) === state.value,
    );
}

function described({ input, arn, state, actionsEnabled, configuredAtMs }: Alarm): CloudWatchApi.MetricAlarm {
  const { Tags: _, ...configuration } = input;
  return {
    OKActions: [],
    AlarmActions: [],
    InsufficientDataActions: [],
    ...(!input.Metrics && { Dimensions: [] }),
    ...structuredClone(configuration),
    AlarmArn: arn,
    ActionsEnabled: actionsEnabled,
    AlarmConfigurationUpdatedTimestamp: new Date(configuredAtMs),
    StateValue: state.value,
    StateReason: state.reason,
    StateReasonData: state.reasonData,
    StateUpdatedTimestamp: new Date(state.updatedAtMs),
    StateTransitionedTimestamp: new Date(state.updatedAtMs),
  };
}

function history(alarms: Alarms, input: CloudWatchApi.DescribeAlarmHistoryInput): StateUpdate[] {
  const { AlarmName, HistoryItemType, StartDate, EndDate, ScanBy } = input;
  if (HistoryItemType !== undefined && HistoryItemType !== 'StateUpdate') return [];
  const updates = alarms.history.filter(
    ({ alarm, state: { updatedAtMs } }) =>
      (AlarmName ?? alarm.name) === alarm.name &&
      updatedAtMs >= (StartDate?.getTime() ?? Number.NEGATIVE_INFINITY) &&
      updatedAtMs <= (EndDate?.getTime() ?? Number.POSITIVE_INFINITY),
  );
  return ScanBy === 'TimestampAscending' ? updates.reverse() : updates;
}

function historyItem({ alarm, previous, state }: StateUpdate): CloudWatchApi.AlarmHistoryItem {
  const told = ({ value, reason }: typeof state): object => ({ stateValue: value, stateReason: reason });
  return {
    AlarmName: alarm.name,
    AlarmType: 'MetricAlarm',
    Timestamp: new Date(state.updatedAtMs),
    HistoryItemType: 'StateUpdate',
    HistorySummary: `Alarm updated from ${previous.value} to ${state.value}`,
    HistoryData: JSON.stringify({ version: '1.0', oldState: told(previous), newState: told(state) }),
  };
}

function requireJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw new AwsError('InvalidFormatFault', 'StateReasonData is not well-formed JSON');
  }
}

const invalidToken = (): AwsError => new AwsError('InvalidNextToken', 'Invalid token');
