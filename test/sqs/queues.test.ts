/** Queues: a message is seen, hidden, seen again, deleted. */
import { describe, expect, it } from 'vitest';
import { createSqs } from '../../local/sqs/index.ts';
import { clientOf, testPlatform } from '../local-platform.ts';

const ARN = 'arn:aws:sqs:us-east-1:000000000000:dead-letters';

async function deadLetters(Attributes: Record<string, string> = {}) {
  const { clock, ...platform } = testPlatform();
  const simulator = createSqs({ clock, ...platform });
  const sqs = clientOf(simulator.operations);
  const { QueueUrl } = await sqs.CreateQueue({ QueueName: 'dead-letters', Attributes });
  const receive = async (more: object = {}) =>
    (await sqs.ReceiveMessage({ QueueUrl, ...more })).Messages ?? [];
  const later = async (seconds: number) => {
    let isOver = false;
    clock.setTimer(seconds * 1_000, () => {
      isOver = true;
    });
    await clock.run(() => isOver, seconds * 1_000);
  };
  return { sqs, QueueUrl, send: simulator.send, receive, later, clock };
}

describe('a message', () => {
  it('is hidden while somebody works on it, and comes back if it is not deleted', async () => {
    const { send, receive, later, sqs, QueueUrl } = await deadLetters();
    await send(ARN, '{"lost":true}');
    expect(await receive()).toMatchObject([{ Body: '{"lost":true}' }]);
    expect(await receive()).toEqual([]);
    await later(30);
    const [again] = await receive({ MessageSystemAttributeNames: ['All'] });
    expect(again?.Attributes?.ApproximateReceiveCount).toBe('2');
    await sqs.DeleteMessage({ QueueUrl, ReceiptHandle: again?.ReceiptHandle });
    await later(30);
    expect(await receive()).toEqual([]);
  });

  it('is waited for as long as the receiver asks', async () => {
    const { send, receive, clock } = await deadLetters();
    let received: unknown[] | undefined;
    const polled = receive({ WaitTimeSeconds: 20 }).then((messages) => {
      received = messages;
    });
    clock.setTimer(5_500, () => void send(ARN, 'late'));
    await clock.run(() => received !== undefined, 20_000);
    await polled;
    expect(received).toMatchObject([{ Body: 'late' }]);
    let nothing: unknown[] | undefined;
    void receive({ WaitTimeSeconds: 3 }).then((messages) => {
      nothing = messages;
    });
    await clock.run(() => nothing !== undefined, 10_000);
    expect(nothing).toEqual([]);
  });

  it('carries its attributes, can be delayed, and is forgotten after the retention period', async () => {
    const { sqs, QueueUrl, receive, later } = await deadLetters({
      MessageRetentionPeriod: '60',
      VisibilityTimeout: '0',
    });
    const MessageAttributes = { ERROR_CODE: { DataType: 'String', StringValue: 'NO_TARGET' } };
    await sqs.SendMessage({ QueueUrl, MessageBody: 'x', DelaySeconds: 10, MessageAttributes });
    expect(await receive()).toEqual([]);
    await later(10);
    expect(await receive({ MessageAttributeNames: ['All'] })).toMatchObject([{ MessageAttributes }]);
    expect((await receive())[0]).not.toHaveProperty('MessageAttributes');
    await later(60);
    expect(await receive()).toEqual([]);
  });
});

describe('a queue', () => {
  it('is found, listed, described and purged', async () => {
    const { sqs, QueueUrl, send, receive } = await deadLetters();
    expect(await sqs.GetQueueUrl({ QueueName: 'dead-letters' })).toEqual({ QueueUrl });
    expect((await sqs.ListQueues({ QueueNamePrefix: 'dead' })).QueueUrls).toEqual([QueueUrl]);
    for (const body of ['a', 'b', 'c']) await send(ARN, body);
    expect(await receive({ MaxNumberOfMessages: 2 })).toHaveLength(2);
    const { Attributes } = await sqs.GetQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
    expect(Attributes).toMatchObject({
      QueueArn: ARN,
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '2',
    });
    await sqs.PurgeQueue({ QueueUrl });
    const named = await sqs.GetQueueAttributes({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
    expect(named.Attributes).toEqual({ ApproximateNumberOfMessages: '0' });
  });

  it('is made twice only if it is the same', async () => {
    const { sqs, QueueUrl } = await deadLetters({ VisibilityTimeout: '10' });
    expect(
      await sqs.CreateQueue({ QueueName: 'dead-letters', Attributes: { VisibilityTimeout: '10' } }),
    ).toEqual({ QueueUrl });
    const other = sqs.CreateQueue({ QueueName: 'dead-letters', Attributes: { VisibilityTimeout: '20' } });
    await expect(other).rejects.toMatchObject({ code: 'QueueNameExists' });
    await sqs.SetQueueAttributes({ QueueUrl, Attributes: { VisibilityTimeout: '20' } });
    await sqs.CreateQueue({ QueueName: 'dead-letters', Attributes: { VisibilityTimeout: '20' } });
  });

  it('that is not there, or cannot be emulated, is refused', async () => {
    const { sqs, send, QueueUrl, receive } = await deadLetters();
    await expect(send(`${ARN}-x`, 'x')).rejects.toMatchObject({ code: 'QueueDoesNotExist' });
    await expect(receive({ MaxNumberOfMessages: 11 })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
    await expect(sqs.SendMessage({ QueueUrl, MessageBody: '' })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
    await expect(sqs.CreateQueue({ QueueName: 'a.fifo' })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
    const redrive = sqs.CreateQueue({ QueueName: 'a', Attributes: { RedrivePolicy: '{}' } });
    await expect(redrive).rejects.toMatchObject({ code: 'NotImplemented' });
  });
});
