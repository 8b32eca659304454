/** AWS::Logs: log groups. */
import { z } from 'zod';
import { localArn } from '../../arns.ts';
import { kind, number, perform, withoutEffect } from '../resource-kind.ts';

const LOG_GROUP_NAME_MAX = 512;

export const logGroup = kind(
  {
    LogGroupName: z.string().optional(),
    RetentionInDays: number.optional(),
    KmsKeyId: withoutEffect,
    Tags: withoutEffect,
  },
  async ({ LogGroupName, RetentionInDays }, identity, { logs }) => {
    const logGroupName = LogGroupName ?? identity.physicalName(LOG_GROUP_NAME_MAX);
    await perform(logs.CreateLogGroup, { logGroupName });
    if (RetentionInDays !== undefined && logs.PutRetentionPolicy) {
      await perform(logs.PutRetentionPolicy, { logGroupName, retentionInDays: RetentionInDays });
    }
    return { ref: logGroupName, attributes: { Arn: localArn('logs', `log-group:${logGroupName}:*`) } };
  },
);
