/** Topics: a message goes to every function and queue that subscribed. */
import { describe, expect, it } from 'vitest';
import { createSns } from '../../local/sns/index.ts';
import { clientOf, testPlatform } from '../local-platform.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:inbox';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:notify';
const TopicArn = 'arn:aws:sns:us-east-1:000000000000:alarms';

async function alarms(deliverable = true) {
  const platform = testPlatform();
  const delivered: { arn: string; payload: unknown }[] = [];
  const simulator = createSns(platform, {
    deliver: async (arn, payload) => {
      if (!deliverable) throw new Error('gone');
      delivered.push({ arn, payload });
    },
  });
  const sns = clientOf(simulator.operations);
  expect(await sns.CreateTopic({ Name: 'alarms' })).toEqual({ TopicArn });
  const subscribe = (Protocol: string, Endpoint: string, Attributes?: Record<string, string>) =>
    sns.Subscribe({ TopicArn, Protocol, Endpoint, Attributes });
  return { sns, subscribe, delivered, platform, publish: simulator.publish };
}

describe('a message', () => {
  it('reaches queues in an envelope or raw, functions as a record, and nobody by e-mail', async () => {
    const { sns, subscribe, delivered } = await alarms();
    await subscribe('sqs', QUEUE);
    await subscribe('sqs', `${QUEUE}-raw`, { RawMessageDelivery: 'true' });
    const { SubscriptionArn } = await subscribe('lambda', FUNCTION);
    expect(await subscribe('email', 'me@example.com')).toEqual({ SubscriptionArn: 'pending confirmation' });
    const MessageAttributes = { severity: { DataType: 'String', StringValue: 'high' } };
    const { MessageId } = await sns.Publish({
      TopicArn,
      Message: 'green fails',
      Subject: 'orders',
      MessageAttributes,
    });
    const envelope = {
      Type: 'Notification',
      MessageId,
      TopicArn,
      Subject: 'orders',
      Message: 'green fails',
      Timestamp: '2026-01-01T00:00:00.000Z',
      MessageAttributes: { severity: { Type: 'String', Value: 'high' } },
    };
    expect(delivered).toEqual([
      { arn: QUEUE, payload: envelope },
      { arn: `${QUEUE}-raw`, payload: 'green fails' },
      {
        arn: FUNCTION,
        payload: {
          Records: [
            {
              EventSource: 'aws:sns',
              EventVersion: '1.0',
              EventSubscriptionArn: SubscriptionArn,
              Sns: envelope,
            },
          ],
        },
      },
    ]);
  });

  it('that cannot be delivered is a fault of the cloud, not of who published it', async () => {
    const { subscribe, publish, platform } = await alarms(false);
    await subscribe('sqs', QUEUE);
    await publish(TopicArn, 'x');
    await platform.clock.run(() => platform.faults.length > 0, 1_000);
    expect(platform.faults).toMatchObject([{ message: `topic ${TopicArn} could not deliver to ${QUEUE}` }]);
  });
});

describe('a subscription', () => {
  it('is made once for each endpoint, listed, and ended', async () => {
    const { sns, subscribe, delivered, publish } = await alarms();
    const first = await subscribe('sqs', QUEUE);
    expect(await subscribe('sqs', QUEUE)).toEqual(first);
    await subscribe('email', 'me@example.com');
    const { Subscriptions } = await sns.ListSubscriptionsByTopic({ TopicArn });
    expect(Subscriptions).toMatchObject([
      { Protocol: 'sqs', Endpoint: QUEUE, SubscriptionArn: first.SubscriptionArn },
      { Protocol: 'email', SubscriptionArn: 'PendingConfirmation' },
    ]);
    expect((await sns.ListSubscriptions({})).Subscriptions).toEqual(Subscriptions);
    await sns.Unsubscribe(first as { SubscriptionArn: string });
    await publish(TopicArn, 'x');
    expect(delivered).toEqual([]);
  });

  it('that would be misunderstood is refused', async () => {
    const { subscribe } = await alarms();
    await expect(subscribe('sqs', QUEUE, { FilterPolicy: '{}' })).rejects.toMatchObject({
      code: 'NotImplemented',
    });
    await expect(subscribe('firehose', 'arn')).rejects.toMatchObject({ code: 'NotImplemented' });
  });
});

describe('a topic', () => {
  it('is listed with its attributes, and gone when deleted', async () => {
    const { sns, publish, subscribe } = await alarms();
    await subscribe('sqs', QUEUE);
    await sns.SetTopicAttributes({ TopicArn, AttributeName: 'DisplayName', AttributeValue: 'Alarms' });
    expect((await sns.GetTopicAttributes({ TopicArn })).Attributes).toEqual({
      TopicArn,
      DisplayName: 'Alarms',
      SubscriptionsConfirmed: '1',
      SubscriptionsPending: '0',
    });
    expect((await sns.ListTopics({})).Topics).toEqual([{ TopicArn }]);
    await sns.DeleteTopic({ TopicArn });
    await expect(publish(TopicArn, 'x')).rejects.toMatchObject({ code: 'NotFoundException' });
  });

  it.each<[string, object]>([
    ['an empty message', { Message: '' }],
    ['a message above 256 KB', { Message: 'x'.repeat(256 * 1024 + 1) }],
    ['a message for each protocol', { Message: '{}', MessageStructure: 'json' }],
  ])('refuses %s', async (_, input) => {
    const { sns } = await alarms();
    await expect(sns.Publish({ TopicArn, Message: 'x', ...input })).rejects.toMatchObject({
      code: expect.any(String),
    });
  });
});
