/** AWS::Events: rules on the default bus, with their targets. */
import { z } from 'zod';
import { kind, number, perform, withoutEffect } from '../resource-kind.ts';

const RULE_NAME_MAX = 64;

const target = z.strictObject({
  Id: z.string(),
  Arn: z.string(),
  RoleArn: z.string().optional(),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .strictObject({ InputPathsMap: z.record(z.string(), z.string()).optional(), InputTemplate: z.string() })
    .optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  RetryPolicy: z
    .strictObject({ MaximumRetryAttempts: number.optional(), MaximumEventAgeInSeconds: number.optional() })
    .optional(),
});

export const eventsRule = kind(
  {
    Name: z.string().optional(),
    EventBusName: z.literal('default').optional(),
    EventPattern: z.record(z.string(), z.unknown()).optional(),
    ScheduleExpression: z.string().optional(),
    State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
    Targets: z.array(target).default([]),
    Description: z.string().optional(),
    Tags: withoutEffect,
  },
  async (properties, identity, { events }) => {
    const Name = properties.Name ?? identity.physicalName(RULE_NAME_MAX);
    const { EventPattern, ScheduleExpression, State, Description } = properties;
    const { RuleArn = '' } = await perform(events.PutRule, {
      Name,
      State,
      ScheduleExpression,
      Description,
      EventPattern: EventPattern && JSON.stringify(EventPattern),
    });
    if (properties.Targets.length > 0) {
      const { FailedEntries = [] } = await perform(events.PutTargets, {
        Rule: Name,
        Targets: properties.Targets,
      });
      const [failed] = FailedEntries;
      if (failed) throw new Error(`property Targets: ${failed.TargetId}: ${failed.ErrorMessage}`);
    }
    return { ref: Name, attributes: { Arn: RuleArn } };
  },
);
