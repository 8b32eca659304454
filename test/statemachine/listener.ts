/** Whoever listens to Sidestep: a rule on the bus and a subscription to the topic, each with a queue. */
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { ListTopicsCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { localArn } from '../../local/arns.ts';
import type { VirtualCloud } from '../../local/virtual.ts';

export interface HeardEvent {
  readonly 'detail-type': string;
  readonly source: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Listener {
  /** Everything since the last call, in the order in which it came. */
  events(): Promise<HeardEvent[]>;
  messages(): Promise<Record<string, unknown>[]>;
}

export async function listen(cloud: VirtualCloud): Promise<Listener> {
  const bus = new EventBridgeClient(cloud.clientConfiguration('listener'));
  const sns = new SNSClient(cloud.clientConfiguration('listener'));
  const sqs = new SQSClient(cloud.clientConfiguration('listener'));
  const queues = new Map<string, string>();
  for (const QueueName of ['events', 'messages']) {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName }));
    queues.set(QueueName, QueueUrl);
  }
  await bus.send(new PutRuleCommand({ Name: 'listener', EventPattern: '{"source":["sidestep"]}' }));
  const Targets = [{ Id: 'queue', Arn: localArn('sqs', 'events') }];
  await bus.send(new PutTargetsCommand({ Rule: 'listener', Targets }));
  const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
  await sns.send(
    new SubscribeCommand({
      TopicArn: Topics[0]?.TopicArn,
      Protocol: 'sqs',
      Endpoint: localArn('sqs', 'messages'),
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );

  async function drain<T>(name: string): Promise<T[]> {
    const QueueUrl = queues.get(name);
    const bodies: T[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return bodies;
      for (const { Body = '', ReceiptHandle } of Messages) {
        bodies.push(JSON.parse(Body) as T);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  }
  return { events: () => drain('events'), messages: () => drain('messages') };
}
