/** AWS::SQS: queues. */
import { z } from 'zod';
import { localArn } from '../../arns.ts';
import { kind, number, perform, withoutEffect } from '../resource-kind.ts';

const QUEUE_NAME_MAX = 80;

export const sqsQueue = kind(
  {
    QueueName: z.string().optional(),
    MessageRetentionPeriod: number.optional(),
    VisibilityTimeout: number.optional(),
    SqsManagedSseEnabled: withoutEffect,
    KmsMasterKeyId: withoutEffect,
    Tags: withoutEffect,
  },
  async ({ QueueName, MessageRetentionPeriod, VisibilityTimeout }, identity, { sqs }) => {
    const name = QueueName ?? identity.physicalName(QUEUE_NAME_MAX);
    const { QueueUrl = '' } = await perform(sqs.CreateQueue, {
      QueueName: name,
      Attributes: {
        ...(MessageRetentionPeriod !== undefined && {
          MessageRetentionPeriod: String(MessageRetentionPeriod),
        }),
        ...(VisibilityTimeout !== undefined && { VisibilityTimeout: String(VisibilityTimeout) }),
      },
    });
    return { ref: QueueUrl, attributes: { Arn: localArn('sqs', name), QueueName: name, QueueUrl } };
  },
);

/** Who may send: the local cloud's own services always may. */
export const sqsQueuePolicy = kind(
  { PolicyDocument: z.unknown(), Queues: z.array(z.string()) },
  (_properties, { logicalId }) => ({ ref: logicalId }),
);
