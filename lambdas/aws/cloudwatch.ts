/** CloudWatch: the state of alarms. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export interface AlarmState {
  readonly name: string;
  /** OK, ALARM or INSUFFICIENT_DATA. */
  readonly state: string;
  readonly reason: string;
}

export interface CloudWatch {
  /** Metric and composite alarms by name; those that do not exist are absent from the answer. */
  describeAlarms(names: readonly string[]): Promise<AlarmState[]>;
}

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
  };
}
