/** One topic and its subscriptions: who is told, and in which words. */
import { localArn } from '../arns.ts';
import { type Clock, isoNow } from '../clock/clock.ts';
import { LOCAL_ACCOUNT } from '../platform.ts';
import { notImplemented } from '../unsupported.ts';
import type { SnsApi } from '../wire/models.ts';

/** Protocols that deliver, and those that are kept and never sent. */
const DELIVERED = ['lambda', 'sqs'];
const KEPT = ['email', 'email-json', 'sms', 'http', 'https'];

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  /** The message as it is, instead of in an envelope. */
  readonly raw: boolean;
}

export interface Topic {
  readonly arn: string;
  readonly attributes: Map<string, string>;
  readonly subscriptions: Subscription[];
}

/** A message as Publish is given it. */
export interface Publication {
  message: string;
  subject?: string | undefined;
  attributes?: Record<string, SnsApi.MessageAttributeValue> | undefined;
}

export function newTopic(name: string, attributes: Record<string, string>): Topic {
  return { arn: localArn('sns', name), attributes: new Map(Object.entries(attributes)), subscriptions: [] };
}

/** @throws AwsError `NotImplemented` */
export function newSubscription(topic: Topic, id: string, input: SnsApi.SubscribeCommandInput): Subscription {
  const { Protocol = '', Endpoint = '', Attributes = {} } = input;
  if (![...DELIVERED, ...KEPT].includes(Protocol)) throw notImplemented(`SNS protocol ${Protocol}`);
  const unsupported = Object.keys(Attributes).find((name) => name !== 'RawMessageDelivery');
  if (unsupported !== undefined) throw notImplemented(`SNS subscription attribute ${unsupported}`);
  return {
    arn: `${topic.arn}:${id}`,
    topicArn: topic.arn,
    protocol: Protocol,
    endpoint: Endpoint,
    raw: Attributes.RawMessageDelivery === 'true',
  };
}

export const isDelivered = ({ protocol }: Subscription): boolean => DELIVERED.includes(protocol);

/** What a subscriber is given. */
export function deliveryOf(
  subscription: Subscription,
  id: string,
  publication: Publication,
  clock: Clock,
): unknown {
  const envelope = {
    Type: 'Notification',
    MessageId: id,
    TopicArn: subscription.topicArn,
    Subject: publication.subject ?? (subscription.protocol === 'lambda' ? null : undefined),
    Message: publication.message,
    Timestamp: isoNow(clock),
    MessageAttributes: attributesOf(publication),
  };
  if (subscription.protocol === 'lambda') {
    return {
      Records: [
        {
          EventSource: 'aws:sns',
          EventVersion: '1.0',
          EventSubscriptionArn: subscription.arn,
          Sns: envelope,
        },
      ],
    };
  }
  return subscription.raw ? publication.message : envelope;
}

function attributesOf({
  attributes = {},
}: Publication): Record<string, { Type: string | undefined; Value: string | undefined }> {
  const entries = Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => {
    const Value = StringValue ?? (BinaryValue && Buffer.from(BinaryValue).toString('base64'));
    return [name, { Type: DataType, Value }] as const;
  });
  return Object.fromEntries(entries);
}

/** As the list operations show it; one that nobody can confirm here stays unconfirmed. */
export function shownSubscription(subscription: Subscription): SnsApi.Subscription {
  return {
    SubscriptionArn: isDelivered(subscription) ? subscription.arn : 'PendingConfirmation',
    Owner: LOCAL_ACCOUNT,
    TopicArn: subscription.topicArn,
    Protocol: subscription.protocol,
    Endpoint: subscription.endpoint,
  };
}
