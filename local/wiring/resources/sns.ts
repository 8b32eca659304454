/** AWS::SNS: topics and their subscriptions. */
import { z } from 'zod';
import { kind, perform, withoutEffect } from '../resource-kind.ts';

const TOPIC_NAME_MAX = 256;

const subscriptionSchema = z.strictObject({ Protocol: z.string(), Endpoint: z.string() });

export const snsTopic = kind(
  {
    TopicName: z.string().optional(),
    Subscription: z.array(subscriptionSchema).default([]),
    DisplayName: withoutEffect,
    KmsMasterKeyId: withoutEffect,
    Tags: withoutEffect,
  },
  async ({ TopicName, Subscription }, identity, { sns }) => {
    const name = TopicName ?? identity.physicalName(TOPIC_NAME_MAX);
    const { TopicArn = '' } = await perform(sns.CreateTopic, { Name: name });
    for (const one of Subscription) await perform(sns.Subscribe, { TopicArn, ...one });
    return { ref: TopicArn, attributes: { TopicArn, TopicName: name } };
  },
);

export const snsSubscription = kind(
  {
    TopicArn: z.string(),
    Protocol: z.string(),
    Endpoint: z.string(),
    RawMessageDelivery: z.coerce.string().optional(),
    FilterPolicy: z.record(z.string(), z.unknown()).optional(),
  },
  async ({ RawMessageDelivery, FilterPolicy, ...properties }, _identity, { sns }) => {
    const Attributes = {
      ...(RawMessageDelivery !== undefined && { RawMessageDelivery }),
      ...(FilterPolicy && { FilterPolicy: JSON.stringify(FilterPolicy) }),
    };
    const { SubscriptionArn = '' } = await perform(sns.Subscribe, { ...properties, Attributes });
    return { ref: SubscriptionArn };
  },
);

/** Who may publish: the local cloud's own services always may. */
export const snsTopicPolicy = kind(
  { PolicyDocument: z.unknown(), Topics: z.array(z.string()) },
  (_properties, { logicalId }) => ({ ref: logicalId }),
);
