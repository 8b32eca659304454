/** SQS: standard queues. Weaker than AWS: no FIFO, no redrive, no batches, one order, and each message once. */
import { createHash } from 'node:crypto';
import type { Clock } from '../clock/clock.ts';
import { LOCAL_ACCOUNT, type Platform } from '../platform.ts';
import { refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { SqsApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { Queue, type QueuedMessage } from './queue.ts';

const RECEIVED_MAX = 10;
const WAIT_SECONDS_MAX = 20;
const BODY_SIZE_MAX = 1024 * 1024;

export interface SqsSimulator {
  readonly operations: Operations<typeof SqsApi>;
  /** Sends a message to the queue of an ARN. @throws AwsError `QueueDoesNotExist` */
  send(queueArn: string, body: string): Promise<void>;
}

export function createSqs({ clock, random }: Platform): SqsSimulator {
  const queues = new Map<string, Queue>();

  function requireQueue(urlOrArn = ''): Queue {
    const queue = queues.get(urlOrArn.split(/[/:]/).at(-1) ?? '');
    if (!queue) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  }

  return {
    async send(queueArn, body) {
      requireQueue(queueArn).send(body);
    },
    operations: {
      CreateQueue: ({ QueueName = '', Attributes = {} }) => {
        requireName(QueueName);
        const queue = queues.get(QueueName) ?? new Queue(QueueName, Attributes, clock, random);
        if (!queue.has(Attributes)) {
          throw new AwsError(
            'QueueNameExists',
            `A queue named ${QueueName} already exists with other attributes`,
          );
        }
        queues.set(QueueName, queue);
        return { QueueUrl: urlOf(QueueName) };
      },
      GetQueueUrl: ({ QueueName }) => ({ QueueUrl: urlOf(requireQueue(QueueName).name) }),
      ListQueues: ({ QueueNamePrefix = '' }) => ({
        QueueUrls: [...queues.keys()].filter((name) => name.startsWith(QueueNamePrefix)).map(urlOf),
      }),
      DeleteQueue: ({ QueueUrl }) => {
        queues.delete(requireQueue(QueueUrl).name);
        return {};
      },
      GetQueueAttributes: ({ QueueUrl, AttributeNames = [] }) => ({
        Attributes: asked(requireQueue(QueueUrl).attributes, AttributeNames),
      }),
      SetQueueAttributes: ({ QueueUrl, Attributes = {} }) => {
        requireQueue(QueueUrl).set(Attributes);
        return {};
      },
      SendMessage: (input) => {
        refuseMembers('SendMessage', input, [
          'MessageGroupId',
          'MessageDeduplicationId',
          'MessageSystemAttributes',
        ]);
        const body = requireBody(input.MessageBody);
        const { id } = requireQueue(input.QueueUrl).send(body, input.MessageAttributes, input.DelaySeconds);
        return { MessageId: id, MD5OfMessageBody: md5(body) };
      },
      ReceiveMessage: async (input) => {
        const messages = await receive(clock, requireQueue(input.QueueUrl), input);
        return messages.length > 0 ? { Messages: messages.map((message) => shown(message, input)) } : {};
      },
      DeleteMessage: ({ QueueUrl, ReceiptHandle }) => {
        if (!ReceiptHandle)
          throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
        requireQueue(QueueUrl).delete(ReceiptHandle);
        return {};
      },
      PurgeQueue: ({ QueueUrl }) => {
        requireQueue(QueueUrl).purge();
        return {};
      },
    },
  };
}

/** A long poll looks again each second of cloud time. */
async function receive(
  clock: Clock,
  queue: Queue,
  input: SqsApi.ReceiveMessageCommandInput,
): Promise<QueuedMessage[]> {
  const max = input.MaxNumberOfMessages ?? 1;
  if (max < 1 || max > RECEIVED_MAX)
    throw invalid(`MaxNumberOfMessages is ${max}; 1 to ${RECEIVED_MAX} are allowed`);
  const waitSeconds = Math.min(
    input.WaitTimeSeconds ?? queue.seconds('ReceiveMessageWaitTimeSeconds'),
    WAIT_SECONDS_MAX,
  );
  for (let waited = 0; ; waited += 1) {
    const messages = queue.receive(max, input.VisibilityTimeout);
    if (messages.length > 0 || waited >= waitSeconds) return messages;
    await clock.sleep(1_000);
  }
}

function shown(message: QueuedMessage, input: SqsApi.ReceiveMessageCommandInput): SqsApi.Message {
  const { id, body, receiptHandle, receivedCount, firstReceivedAtMs, sentAtMs, attributes } = message;
  const system = {
    ApproximateReceiveCount: String(receivedCount),
    SentTimestamp: String(sentAtMs),
    ApproximateFirstReceiveTimestamp: String(firstReceivedAtMs),
    SenderId: LOCAL_ACCOUNT,
  };
  const names = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
  const own = attributes && asked(attributes, input.MessageAttributeNames ?? []);
  return {
    MessageId: id,
    Body: body,
    MD5OfBody: md5(body),
    ReceiptHandle: receiptHandle,
    ...(names.length > 0 && { Attributes: asked(system, names) }),
    ...(own && Object.keys(own).length > 0 && { MessageAttributes: own }),
  };
}

function asked<Value>(all: Record<string, Value>, names: readonly string[]): Record<string, Value> {
  const isAsked = (name: string): boolean =>
    names.some((one) => one === 'All' || one === '.*' || one === name);
  return Object.fromEntries(Object.entries(all).filter(([name]) => isAsked(name)));
}

function requireName(name: string): void {
  if (/^[\w-]{1,80}$/.test(name)) return;
  throw invalid(
    `Queue name ${JSON.stringify(name)} can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length`,
  );
}

function requireBody(body = ''): string {
  const size = Buffer.byteLength(body);
  if (size >= 1 && size <= BODY_SIZE_MAX) return body;
  throw invalid(`MessageBody has ${size} bytes; 1 to ${BODY_SIZE_MAX} are allowed`);
}

const urlOf = (name: string): string => `http://127.0.0.1/${LOCAL_ACCOUNT}/${name}`;
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);
