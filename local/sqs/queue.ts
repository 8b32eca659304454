/** One queue: its messages, visible, hidden or gone. */
import { localArn } from '../arns.ts';
import type { Clock } from '../clock/clock.ts';
import type { Random } from '../random.ts';
import { notImplemented } from '../unsupported.ts';
import type { SqsApi } from '../wire/models.ts';

/** AWS's defaults, in seconds. */
const DEFAULTS = {
  VisibilityTimeout: '30',
  MessageRetentionPeriod: '345600',
  DelaySeconds: '0',
  ReceiveMessageWaitTimeSeconds: '0',
};
/** Attributes that would change what becomes of messages, and are not emulated. */
const UNSUPPORTED = ['FifoQueue', 'RedrivePolicy', 'ContentBasedDeduplication'];

export interface QueuedMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Record<string, SqsApi.MessageAttributeValue> | undefined;
  readonly sentAtMs: number;
  receiptHandle: string | undefined;
  receivedCount: number;
  firstReceivedAtMs: number | undefined;
  hiddenUntilMs: number;
}

export class Queue {
  readonly name: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #attributes: Map<string, string>;
  readonly #createdAtMs: number;
  #messages: QueuedMessage[] = [];

  constructor(name: string, attributes: Record<string, string>, clock: Clock, random: Random) {
    requireSupported(attributes);
    this.name = name;
    this.#clock = clock;
    this.#random = random;
    this.#attributes = new Map(Object.entries({ ...DEFAULTS, ...attributes }));
    this.#createdAtMs = clock.now();
  }

  get attributes(): Record<string, string> {
    const kept = this.#kept();
    const hidden = kept.filter((message) => this.#isHidden(message)).length;
    return {
      ...Object.fromEntries(this.#attributes),
      QueueArn: localArn('sqs', this.name),
      CreatedTimestamp: String(Math.floor(this.#createdAtMs / 1_000)),
      ApproximateNumberOfMessages: String(kept.length - hidden),
      ApproximateNumberOfMessagesNotVisible: String(hidden),
    };
  }

  /** A number of seconds among the attributes. */
  seconds(name: keyof typeof DEFAULTS): number {
    return Number(this.#attributes.get(name));
  }

  set(attributes: Record<string, string>): void {
    requireSupported(attributes);
    for (const [name, value] of Object.entries(attributes)) this.#attributes.set(name, value);
  }

  /** Whether these attributes are the queue's own. */
  has(attributes: Record<string, string>): boolean {
    return Object.entries(attributes).every(([name, value]) => this.#attributes.get(name) === value);
  }

  send(
    body: string,
    attributes?: Record<string, SqsApi.MessageAttributeValue>,
    delaySeconds = this.seconds('DelaySeconds'),
  ): QueuedMessage {
    const sentAtMs = this.#clock.now();
    const message: QueuedMessage = {
      id: this.#random.uuid(),
      body,
      attributes,
      sentAtMs,
      receiptHandle: undefined,
      receivedCount: 0,
      firstReceivedAtMs: undefined,
      hiddenUntilMs: sentAtMs + delaySeconds * 1_000,
    };
    this.#messages.push(message);
    return message;
  }

  /** Takes up to `max` visible messages, oldest first, and hides them from others. */
  receive(max: number, visibilitySeconds = this.seconds('VisibilityTimeout')): QueuedMessage[] {
    const nowMs = this.#clock.now();
    const taken = this.#kept()
      .filter((message) => !this.#isHidden(message))
      .slice(0, max);
    for (const message of taken) {
      message.receiptHandle = this.#random.uuid();
      message.receivedCount += 1;
      message.firstReceivedAtMs ??= nowMs;
      message.hiddenUntilMs = nowMs + visibilitySeconds * 1_000;
    }
    return taken;
  }

  delete(receiptHandle: string): void {
    this.#messages = this.#messages.filter((message) => message.receiptHandle !== receiptHandle);
  }

  purge(): void {
    this.#messages = [];
  }

  /** What the retention period has left. */
  #kept(): QueuedMessage[] {
    const oldestMs = this.#clock.now() - this.seconds('MessageRetentionPeriod') * 1_000;
    this.#messages = this.#messages.filter(({ sentAtMs }) => sentAtMs > oldestMs);
    return this.#messages;
  }

  #isHidden({ hiddenUntilMs }: QueuedMessage): boolean {
    return hiddenUntilMs > this.#clock.now();
  }
}

function requireSupported(attributes: Record<string, string>): void {
  const unsupported = UNSUPPORTED.find(
    (name) => attributes[name] !== undefined && attributes[name] !== 'false',
  );
  if (unsupported !== undefined) throw notImplemented(`an SQS queue with ${unsupported}`);
}
