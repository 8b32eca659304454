/** SNS: topics that deliver to functions and queues; e-mail and the like are kept, and never sent. */
import { pageOf } from '../page.ts';
import type { Platform } from '../platform.ts';
import type { Deliver } from '../simulators.ts';
import { notImplemented, refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { SnsApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import {
  deliveryOf,
  isDelivered,
  newSubscription,
  newTopic,
  type Publication,
  shownSubscription,
  type Topic,
} from './topic.ts';

const PAGE_MAX = 100;
const MESSAGE_SIZE_MAX = 256 * 1024;

export interface SnsSimulator {
  readonly operations: Operations<typeof SnsApi>;
  /** Publishes to a topic and hands the message to each subscriber. @throws AwsError `NotFoundException` */
  publish(topicArn: string, message: string): Promise<void>;
}

/**
 * Weaker than AWS: no filter policies, FIFO, batches or confirmation, and a delivery that fails is reported, not tried again.
 */
export function createSns(platform: Platform, { deliver }: { deliver: Deliver }): SnsSimulator {
  const topics = new Map<string, Topic>();

  const requireTopic = (arn = ''): Topic => {
    const topic = topics.get(arn);
    if (!topic) throw new AwsError('NotFoundException', 'Topic does not exist');
    return topic;
  };
  const publish = (topic: Topic, publication: Publication): string => {
    const id = platform.random.uuid();
    for (const subscription of topic.subscriptions.filter(isDelivered)) {
      deliver(subscription.endpoint, deliveryOf(subscription, id, publication, platform.clock)).catch(
        (cause: unknown) =>
          platform.fault(
            new Error(`topic ${topic.arn} could not deliver to ${subscription.endpoint}`, { cause }),
          ),
      );
    }
    return id;
  };

  return {
    async publish(topicArn, message) {
      publish(requireTopic(topicArn), { message });
    },
    operations: {
      CreateTopic: ({ Name = '', Attributes = {} }) => {
        if (!/^[\w-]{1,256}$/.test(Name)) throw invalid('Invalid parameter: Topic Name');
        if (Attributes.FifoTopic === 'true') throw notImplemented('FIFO topics');
        const topic = newTopic(Name, Attributes);
        if (!topics.has(topic.arn)) topics.set(topic.arn, topic);
        return { TopicArn: topic.arn };
      },
      DeleteTopic: ({ TopicArn = '' }) => {
        topics.delete(TopicArn);
        return {};
      },
      ListTopics: ({ NextToken }) => {
        const page = pageOf([...topics.keys()], PAGE_MAX, NextToken, invalidToken);
        return { Topics: page.elements.map((TopicArn) => ({ TopicArn })), NextToken: page.nextToken };
      },
      GetTopicAttributes: ({ TopicArn }) => ({ Attributes: attributesOf(requireTopic(TopicArn)) }),
      SetTopicAttributes: ({ TopicArn, AttributeName = '', AttributeValue = '' }) => {
        requireTopic(TopicArn).attributes.set(AttributeName, AttributeValue);
        return {};
      },
      Subscribe: (input) => {
        const topic = requireTopic(input.TopicArn);
        const same = topic.subscriptions.find(
          ({ protocol, endpoint }) => protocol === input.Protocol && endpoint === input.Endpoint,
        );
        const subscription = same ?? newSubscription(topic, platform.random.uuid(), input);
        if (!same) topic.subscriptions.push(subscription);
        const isPending = !isDelivered(subscription) && !input.ReturnSubscriptionArn;
        return { SubscriptionArn: isPending ? 'pending confirmation' : subscription.arn };
      },
      Unsubscribe: ({ SubscriptionArn }) => {
        for (const { subscriptions } of topics.values()) {
          const at = subscriptions.findIndex(({ arn }) => arn === SubscriptionArn);
          if (at >= 0) subscriptions.splice(at, 1);
        }
        return {};
      },
      ListSubscriptions: ({ NextToken }) => {
        const all = [...topics.values()].flatMap(({ subscriptions }) => subscriptions);
        const page = pageOf(all, PAGE_MAX, NextToken, invalidToken);
        return { Subscriptions: page.elements.map(shownSubscription), NextToken: page.nextToken };
      },
      ListSubscriptionsByTopic: ({ TopicArn, NextToken }) => {
        const page = pageOf(requireTopic(TopicArn).subscriptions, PAGE_MAX, NextToken, invalidToken);
        return { Subscriptions: page.elements.map(shownSubscription), NextToken: page.nextToken };
      },
      Publish: (input) => {
        refuseMembers('Publish', input, [
          'MessageStructure',
          'MessageGroupId',
          'MessageDeduplicationId',
          'PhoneNumber',
        ]);
        const topic = requireTopic(input.TopicArn ?? input.TargetArn);
        const message = requireMessage(input.Message);
        return {
          MessageId: publish(topic, { message, subject: input.Subject, attributes: input.MessageAttributes }),
        };
      },
    },
  };
}

function attributesOf({ arn, attributes, subscriptions }: Topic): Record<string, string> {
  const confirmed = subscriptions.filter(isDelivered).length;
  return {
    ...Object.fromEntries(attributes),
    TopicArn: arn,
    SubscriptionsConfirmed: String(confirmed),
    SubscriptionsPending: String(subscriptions.length - confirmed),
  };
}

function requireMessage(message = ''): string {
  if (message === '') throw invalid('Invalid parameter: Empty message');
  if (Buffer.byteLength(message) > MESSAGE_SIZE_MAX) throw invalid('Invalid parameter: Message too long');
  return message;
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);
const invalidToken = (): AwsError => invalid('Invalid parameter: NextToken');
