/** AWS::CloudWatch: alarms on one metric, and dashboards. */
import { z } from 'zod';
import { localArn } from '../../arns.ts';
import type { CloudWatchApi } from '../../wire/models.ts';
import { asGiven, flag, kind, number, perform, withoutEffect } from '../resource-kind.ts';

const ALARM_NAME_MAX = 255;

export const cloudwatchAlarm = kind(
  {
    AlarmName: z.string().optional(),
    AlarmDescription: z.string().optional(),
    ActionsEnabled: flag.optional(),
    AlarmActions: z.array(z.string()).optional(),
    OKActions: z.array(z.string()).optional(),
    InsufficientDataActions: z.array(z.string()).optional(),
    Namespace: z.string(),
    MetricName: z.string(),
    Dimensions: z.array(z.strictObject({ Name: z.string(), Value: z.string() })).optional(),
    Statistic: asGiven<CloudWatchApi.Statistic>(),
    ExtendedStatistic: z.string().optional(),
    Unit: asGiven<CloudWatchApi.StandardUnit>(),
    Period: number,
    EvaluationPeriods: number,
    DatapointsToAlarm: number.optional(),
    Threshold: number,
    ComparisonOperator: asGiven<CloudWatchApi.ComparisonOperator>(),
    TreatMissingData: z.string().optional(),
    Tags: withoutEffect,
  },
  async ({ Tags: _, ...properties }, identity, { monitoring }) => {
    const AlarmName = properties.AlarmName ?? identity.physicalName(ALARM_NAME_MAX);
    await perform(monitoring.PutMetricAlarm, { ...properties, AlarmName });
    return { ref: AlarmName, attributes: { Arn: localArn('cloudwatch', `alarm:${AlarmName}`) } };
  },
);

export const cloudwatchDashboard = kind(
  { DashboardName: z.string().optional(), DashboardBody: z.string() },
  async (properties, identity, { monitoring }) => {
    const DashboardName = properties.DashboardName ?? identity.physicalName(ALARM_NAME_MAX);
    await perform(monitoring.PutDashboard, { DashboardName, DashboardBody: properties.DashboardBody });
    return { ref: DashboardName };
  },
);
