/** AWS::Scheduler: schedules in the default group. */
import { z } from 'zod';
import { kind, number, perform } from '../resource-kind.ts';

const SCHEDULE_NAME_MAX = 64;

const target = z.strictObject({
  Arn: z.string(),
  RoleArn: z.string(),
  Input: z.string().optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  RetryPolicy: z
    .strictObject({ MaximumRetryAttempts: number.optional(), MaximumEventAgeInSeconds: number.optional() })
    .optional(),
});

export const schedule = kind(
  {
    Name: z.string().optional(),
    GroupName: z.literal('default').optional(),
    Description: z.string().optional(),
    FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF') }),
    ScheduleExpression: z.string(),
    ScheduleExpressionTimezone: z.string().optional(),
    State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
    Target: target,
  },
  async (properties, identity, { scheduler }) => {
    const Name = properties.Name ?? identity.physicalName(SCHEDULE_NAME_MAX);
    const { ScheduleArn = '' } = await perform(scheduler.CreateSchedule, { ...properties, Name });
    return { ref: Name, attributes: { Arn: ScheduleArn } };
  },
);
