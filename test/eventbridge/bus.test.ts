/** The bus: from an event to its targets, through retries, schedules and disturbances. */
import { describe, expect, it } from 'vitest';
import { createEventBridge } from '../../local/eventbridge/index.ts';
import { AwsError } from '../../local/wire/aws-error.ts';
import { clientOf, testPlatform } from '../local-platform.ts';

const LAMBDA = 'arn:aws:lambda:us-east-1:000000000000:function:start-deployment';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:dead-letters';
const PATTERN = JSON.stringify({ source: ['aws.ecr'] });
const MINUTE_MS = 60_000;

function createBus(fail: (arn: string, attempt: number) => Error | undefined = () => undefined) {
  const platform = testPlatform();
  const delivered: { arn: string; payload: unknown; atMs: number }[] = [];
  let attempts = 0;
  const bus = createEventBridge(platform, {
    deliver: async (arn, payload) => {
      attempts += 1;
      const error = fail(arn, attempts);
      if (error) throw error;
      delivered.push({ arn, payload, atMs: platform.clock.now() });
    },
  });
  const push = (tag = 'v1') =>
    bus.emit({
      source: 'aws.ecr',
      detailType: 'ECR Image Action',
      resources: [],
      detail: { 'image-tag': tag },
    });
  const rest = () => platform.clock.run(() => false, 2 * 86_400_000);
  return { bus, events: clientOf(bus.operations), platform, delivered, push, rest, attempts: () => attempts };
}

async function withRule(parts: ReturnType<typeof createBus>, target: object = {}) {
  await parts.events.PutRule({ Name: 'pushes', EventPattern: PATTERN });
  await parts.events.PutTargets({ Rule: 'pushes', Targets: [{ Id: 'start', Arn: LAMBDA, ...target }] });
  return parts;
}

describe('an event', () => {
  it('reaches the targets of the rules that match it, in an envelope, after the latency', async () => {
    const { delivered, push, rest, platform, bus } = await withRule(createBus());
    const startMs = platform.clock.now();
    push();
    bus.emit({ source: 'aws.ecs', detailType: 'ECS Task State Change', resources: [], detail: {} });
    await rest();
    expect(delivered).toEqual([
      {
        arn: LAMBDA,
        atMs: startMs + platform.latencies.eventMs,
        payload: {
          version: '0',
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          'detail-type': 'ECR Image Action',
          source: 'aws.ecr',
          account: '000000000000',
          time: '2026-01-01T00:00:00Z',
          region: 'us-east-1',
          resources: [],
          detail: { 'image-tag': 'v1' },
        },
      },
    ]);
  });

  it('passes by a disabled rule, and one whose targets are gone', async () => {
    const { delivered, push, rest, events } = await withRule(createBus());
    await events.DisableRule({ Name: 'pushes' });
    push();
    await rest();
    await events.EnableRule({ Name: 'pushes' });
    await events.RemoveTargets({ Rule: 'pushes', Ids: ['start'] });
    push();
    await rest();
    expect(delivered).toEqual([]);
  });

  it('is doubled, delayed or lost on request, with the same id', async () => {
    const { delivered, push, rest, bus, platform } = await withRule(createBus());
    bus.disturb(() => [
      { copies: 2, delayMs: 0 },
      { copies: 1, delayMs: MINUTE_MS },
    ]);
    push();
    const startMs = platform.clock.now();
    await rest();
    expect(new Set(delivered.map(({ payload }) => (payload as { id: string }).id)).size).toBe(1);
    expect(delivered.map(({ atMs }) => atMs - startMs - platform.latencies.eventMs)).toEqual([
      0,
      0,
      MINUTE_MS,
    ]);
    bus.disturb(() => []);
    push();
    bus.disturb(undefined);
    push('v2');
    await rest();
    expect(delivered.slice(3)).toMatchObject([{ payload: { detail: { 'image-tag': 'v2' } } }]);
  });
});

describe('a failing target', () => {
  it('is tried again, with growing pauses, until it works', async () => {
    const { delivered, push, rest, platform } = await withRule(
      createBus((_, attempt) => (attempt < 4 ? new Error('busy') : undefined)),
    );
    const startMs = platform.clock.now();
    push();
    await rest();
    expect(delivered).toHaveLength(1);
    expect(delivered[0]?.atMs).toBeGreaterThan(startMs + 3_000);
  });

  it('loses the event to the dead-letter queue when the retries end', async () => {
    const policy = { RetryPolicy: { MaximumRetryAttempts: 2 }, DeadLetterConfig: { Arn: QUEUE } };
    const { delivered, push, rest, attempts } = await withRule(
      createBus((arn) => (arn === LAMBDA ? new Error('down') : undefined)),
      policy,
    );
    push();
    await rest();
    expect(delivered).toMatchObject([{ arn: QUEUE, payload: { source: 'aws.ecr' } }]);
    expect(attempts()).toBe(3 + 1);
  });

  it('gives up after a day, and says so where there is no queue', async () => {
    const { push, rest, platform, attempts } = await withRule(createBus(() => new Error('down')));
    push();
    await rest();
    expect(platform.faults).toMatchObject([{ message: `event could not be delivered to ${LAMBDA}` }]);
    expect(attempts()).toBeGreaterThan(100);
    expect(attempts()).toBeLessThanOrEqual(186);
    expect(platform.clock.pendingCount).toBe(0);
  });

  it('that does not exist is not tried again', async () => {
    const gone = new AwsError('ResourceNotFoundException', 'Function not found');
    const { push, rest, delivered, attempts } = await withRule(
      createBus((arn) => (arn === LAMBDA ? gone : undefined)),
      { DeadLetterConfig: { Arn: QUEUE } },
    );
    push();
    await rest();
    expect([delivered.length, attempts()]).toEqual([1, 2]);
  });
});

describe('a schedule', () => {
  it('fires at its rate, for its own rule only, until it is disabled', async () => {
    const { delivered, events, platform } = createBus();
    await events.PutRule({ Name: 'sweep', ScheduleExpression: 'rate(1 minute)' });
    await events.PutTargets({
      Rule: 'sweep',
      Targets: [{ Id: 'sweep', Arn: LAMBDA, Input: '{"sweep":true}' }],
    });
    await events.PutRule({ Name: 'all', EventPattern: JSON.stringify({ source: ['aws.events'] }) });
    await events.PutTargets({ Rule: 'all', Targets: [{ Id: 'all', Arn: QUEUE }] });
    await platform.clock.run(() => delivered.length === 3, 10 * MINUTE_MS);
    expect(delivered.map(({ arn, payload }) => ({ arn, payload }))).toEqual(
      Array(3).fill({ arn: LAMBDA, payload: { sweep: true } }),
    );
    await events.DisableRule({ Name: 'sweep' });
    await platform.clock.run(() => false, 10 * MINUTE_MS);
    expect([delivered.length, platform.clock.pendingCount]).toEqual([3, 0]);
  });

  it('gives its target the time at which it was due', async () => {
    const { delivered, events, platform } = createBus();
    const { RuleArn } = await events.PutRule({ Name: 'noon', ScheduleExpression: 'cron(0 12 * * ? *)' });
    await events.PutTargets({ Rule: 'noon', Targets: [{ Id: 't', Arn: LAMBDA }] });
    await platform.clock.run(() => delivered.length === 1, 86_400_000);
    expect(delivered[0]?.payload).toMatchObject({
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      time: '2026-01-01T12:00:00Z',
      resources: [RuleArn],
      detail: {},
    });
  });

  it('ends when the simulator is closed', async () => {
    const { bus, events, platform, rest } = createBus();
    await events.PutRule({ Name: 'sweep', ScheduleExpression: 'rate(1 minute)' });
    bus.close();
    await rest();
    expect(platform.clock.pendingCount).toBe(0);
  });
});

describe('rules', () => {
  it('are described, listed and found by their targets', async () => {
    const { events } = await withRule(createBus());
    expect(await events.DescribeRule({ Name: 'pushes' })).toMatchObject({
      Arn: 'arn:aws:events:us-east-1:000000000000:rule/pushes',
      EventPattern: PATTERN,
      State: 'ENABLED',
    });
    await events.PutRule({ Name: 'other', EventPattern: PATTERN });
    expect((await events.ListRules({ NamePrefix: 'p' })).Rules).toHaveLength(1);
    const first = await events.ListRules({ Limit: 1 });
    expect((await events.ListRules({ Limit: 1, NextToken: first.NextToken })).Rules).toMatchObject([
      { Name: 'pushes' },
    ]);
    expect((await events.ListTargetsByRule({ Rule: 'pushes' })).Targets).toMatchObject([
      { Id: 'start', Arn: LAMBDA },
    ]);
    expect((await events.ListRuleNamesByTarget({ TargetArn: LAMBDA })).RuleNames).toEqual(['pushes']);
  });

  it('keep their targets when changed, and are deleted only without them', async () => {
    const { events } = await withRule(createBus());
    await events.PutRule({ Name: 'pushes', EventPattern: PATTERN, Description: 'new' });
    await expect(events.DeleteRule({ Name: 'pushes' })).rejects.toThrow(/has targets/);
    expect(await events.RemoveTargets({ Rule: 'pushes', Ids: ['start', 'none'] })).toMatchObject({
      FailedEntryCount: 1,
    });
    await events.DeleteRule({ Name: 'pushes' });
    await expect(events.DescribeRule({ Name: 'pushes' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });

  it('stay within the quotas of the bus', async () => {
    const { events } = createBus();
    const wildcard = JSON.stringify({ source: [{ wildcard: 'a*' }] });
    for (let n = 0; n < 30; n += 1) await events.PutRule({ Name: `r${n}`, EventPattern: wildcard });
    await expect(events.PutRule({ Name: 'r30', EventPattern: wildcard })).rejects.toMatchObject({
      code: 'LimitExceededException',
    });
    await events.PutRule({ Name: 'r0', EventPattern: wildcard, Description: 'again' });
    const Targets = Array.from({ length: 6 }, (_, n) => ({ Id: `t${n}`, Arn: LAMBDA }));
    await expect(events.PutTargets({ Rule: 'r0', Targets })).rejects.toMatchObject({
      code: 'LimitExceededException',
    });
  });

  it.each<[string, object]>([
    ['of another bus', { EventBusName: 'other', EventPattern: PATTERN }],
    ['without pattern or schedule', {}],
    ['with a bad pattern', { EventPattern: '{"source": "x"}' }],
    ['with a bad schedule', { ScheduleExpression: 'rate(1 minutes)' }],
  ])('are refused %s', async (_, input) => {
    await expect(createBus().events.PutRule({ Name: 'r', ...input })).rejects.toBeInstanceOf(AwsError);
  });
});

describe('PutEvents', () => {
  it('puts custom events on the bus, and refuses the others one by one', async () => {
    const { events, delivered, rest } = createBus();
    await events.PutRule({ Name: 'ours', EventPattern: JSON.stringify({ source: ['dev.sidestep'] }) });
    await events.PutTargets({ Rule: 'ours', Targets: [{ Id: 't', Arn: QUEUE }] });
    const entry = { Source: 'dev.sidestep', DetailType: 'Deployment', Detail: '{"outcome":"SUCCESSFUL"}' };
    const { Entries, FailedEntryCount } = await events.PutEvents({
      Entries: [
        entry,
        { ...entry, Source: 'aws.ecr' },
        { ...entry, Detail: 'x' },
        { ...entry, DetailType: '' },
      ],
    });
    await rest();
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'NotAuthorizedForSourceException',
      'MalformedDetail',
      'InvalidArgument',
    ]);
    expect(FailedEntryCount).toBe(3);
    expect(delivered).toMatchObject([
      { payload: { id: Entries?.[0]?.EventId, detail: { outcome: 'SUCCESSFUL' } } },
    ]);
  });
});

describe('TestEventPattern', () => {
  it('says whether an event would match', async () => {
    const { events } = createBus();
    const event = {
      id: '1',
      account: '0',
      source: 'aws.ecr',
      time: 'now',
      region: 'r',
      resources: [],
      'detail-type': 'x',
    };
    const Event = JSON.stringify(event);
    expect(await events.TestEventPattern({ EventPattern: PATTERN, Event })).toEqual({ Result: true });
    await expect(events.TestEventPattern({ EventPattern: PATTERN, Event: '{}' })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });
});
