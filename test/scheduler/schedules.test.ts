/** EventBridge Scheduler as its client sees it: times in a zone, context in the input, a role that has to allow the target. */
import {
  ConflictException,
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  ResourceNotFoundException,
  SchedulerClient,
  UpdateScheduleCommand,
  ValidationException,
} from '@aws-sdk/client-scheduler';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it, onTestFinished } from 'vitest';
import { localArn } from '../../local/arns.ts';
import { parseTimes } from '../../local/scheduler/expression.ts';
import { createVirtualCloud } from '../../local/virtual.ts';

const TARGET = localArn('sqs', 'target');
const DEAD = localArn('sqs', 'dead');

/** A cloud at a time, with two queues, and a role that may send to those that are named. */
async function start(now: string, ...allowed: string[]) {
  const cloud = await createVirtualCloud({ seed: 'scheduler', startMs: Date.parse(now) });
  onTestFinished(() => cloud.close());
  const scheduler = new SchedulerClient(cloud.clientConfiguration('person'));
  const sqs = new SQSClient(cloud.clientConfiguration('person'));
  for (const QueueName of ['target', 'dead']) await sqs.send(new CreateQueueCommand({ QueueName }));
  const RoleArn = cloud.roles.create('scheduler');
  const statement = {
    Effect: 'Allow',
    Action: ['sqs:SendMessage'],
    Resource: allowed,
    Condition: {},
  } as const;
  cloud.roles.grant('scheduler', [{ ...statement, Action: [...statement.Action] }]);
  return {
    cloud,
    scheduler,
    RoleArn,
    create: (more: Partial<CreateScheduleCommandInput> & { ScheduleExpression: string }) =>
      scheduler.send(
        new CreateScheduleCommand({
          Name: 'nightly',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: { Arn: TARGET, RoleArn, Input: '{"at":"<aws.scheduler.scheduled-time>"}' },
          ...more,
        }),
      ),
    /** What the queue has received by the given time, oldest first. */
    async receivedBy(time: string, queue = 'target'): Promise<string[]> {
      let isOver = false;
      cloud.clock.setTimer(Date.parse(time) - cloud.clock.now(), () => {
        isOver = true;
      });
      await cloud.clock.run(() => isOver, 400 * 86_400_000);
      const QueueUrl = `http://sqs.us-east-1.localhost/000000000000/${queue}`;
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 }),
      );
      return Messages.map(({ Body = '' }) => Body);
    },
  };
}

const told = (...times: string[]) => times.map((at) => JSON.stringify({ at }));

it('starts its target at the times of its zone, and tells it which', async () => {
  const { create, receivedBy } = await start('2026-03-27T12:00:00Z', TARGET);
  await create({ ScheduleExpression: 'cron(30 3 * * ? *)', ScheduleExpressionTimezone: 'Europe/Berlin' });
  expect(await receivedBy('2026-03-30T12:00:00Z')).toEqual(
    told('2026-03-28T02:30:00Z', '2026-03-29T01:30:00Z', '2026-03-30T01:30:00Z'),
  );
});

it.each([
  [
    'skips a time over which clocks are put forward',
    'cron(30 2 * * ? *)',
    '2026-03-28T12:00:00Z',
    '2026-03-30T00:30:00.000Z',
  ],
  [
    'takes the first of two equal times',
    'cron(30 2 * * ? *)',
    '2026-10-24T12:00:00Z',
    '2026-10-25T00:30:00.000Z',
  ],
  [
    'takes the second of them for the same',
    'cron(30 2 * * ? *)',
    '2026-10-25T00:30:00Z',
    '2026-10-26T01:30:00.000Z',
  ],
  ['knows one time in a zone', 'at(2026-07-01T09:00:00)', '2026-03-28T12:00:00Z', '2026-07-01T07:00:00.000Z'],
])('%s', (_what, expression, after, expected) => {
  const next = parseTimes(expression, 'Europe/Berlin')?.(Date.parse(after));
  expect(next && new Date(next).toISOString()).toBe(expected);
});

it('fires a rate at once and then each period, until it is changed, disabled or deleted', async () => {
  const { create, receivedBy, scheduler, RoleArn } = await start('2026-01-01T00:00:00Z', TARGET);
  await create({ ScheduleExpression: 'rate(10 minutes)', Target: { Arn: TARGET, RoleArn, Input: '"tick"' } });
  expect(await receivedBy('2026-01-01T00:25:00Z')).toEqual(['tick', 'tick', 'tick']);
  const change = {
    Name: 'nightly',
    FlexibleTimeWindow: { Mode: 'OFF' },
    ScheduleExpression: 'cron(0 * * * ? *)',
    Target: { Arn: TARGET, RoleArn, Input: '"one"' },
  } as const;
  await scheduler.send(new UpdateScheduleCommand(change));
  expect(await receivedBy('2026-01-01T01:30:00Z')).toEqual(['one']);
  await scheduler.send(new UpdateScheduleCommand({ ...change, State: 'DISABLED' }));
  expect(await receivedBy('2026-01-01T05:00:00Z')).toEqual([]);
  const found = await scheduler.send(new GetScheduleCommand({ Name: 'nightly' }));
  expect(found).toMatchObject({
    Arn: localArn('scheduler', 'schedule/default/nightly'),
    State: 'DISABLED',
    ScheduleExpression: 'cron(0 * * * ? *)',
    ScheduleExpressionTimezone: 'UTC',
    Target: { Arn: TARGET, Input: '"one"' },
    CreationDate: new Date('2026-01-01T00:00:00Z'),
    LastModificationDate: new Date('2026-01-01T01:30:00Z'),
  });
  await scheduler.send(new DeleteScheduleCommand({ Name: 'nightly' }));
  expect((await scheduler.send(new ListSchedulesCommand({}))).Schedules).toEqual([]);
});

it('starts nothing that its role does not allow: that goes to the dead letters, if it may go there', async () => {
  const { create, receivedBy, RoleArn } = await start('2026-01-01T00:00:00Z', DEAD);
  const Target = { Arn: TARGET, RoleArn, Input: '{"service":"orders"}', DeadLetterConfig: { Arn: DEAD } };
  await create({ ScheduleExpression: 'at(2026-01-01T00:05:00)', Target });
  expect(await receivedBy('2026-01-01T00:10:00Z')).toEqual([]);
  expect(await receivedBy('2026-01-01T00:11:00Z', 'dead')).toEqual(['{"service":"orders"}']);
});

it('promises to deliver at least once, and does so more often if it is disturbed', async () => {
  const { cloud, create, receivedBy } = await start('2026-01-01T00:00:00Z', TARGET);
  cloud.scheduler.disturb(() => 2);
  await create({ ScheduleExpression: 'at(2026-01-01T00:05:00)' });
  expect(await receivedBy('2026-01-01T00:10:00Z')).toEqual(
    told('2026-01-01T00:05:00Z', '2026-01-01T00:05:00Z'),
  );
});

it('lists what it has in pages, and refuses what it cannot take in the words of the service', async () => {
  const { create, scheduler } = await start('2026-01-01T00:00:00Z', TARGET);
  for (const Name of ['b', 'a', 'c']) await create({ Name, ScheduleExpression: 'cron(0 1 * * ? *)' });
  const first = await scheduler.send(new ListSchedulesCommand({ MaxResults: 2 }));
  expect(first.Schedules?.map(({ Name }) => Name)).toEqual(['a', 'b']);
  const { Schedules } = await scheduler.send(new ListSchedulesCommand({ NextToken: first.NextToken }));
  expect(Schedules).toMatchObject([{ Name: 'c', State: 'ENABLED', GroupName: 'default' }]);

  const again = create({ Name: 'a', ScheduleExpression: 'rate(1 hour)' });
  await expect(again).rejects.toThrow(ConflictException);
  await expect(scheduler.send(new GetScheduleCommand({ Name: 'z' }))).rejects.toThrow(
    ResourceNotFoundException,
  );
  for (const wrong of [
    { ScheduleExpression: 'cron(0 1 * * * *)' },
    { ScheduleExpression: 'rate(1 hours)' },
    { ScheduleExpression: 'at(2026-13-01T00:00:00)' },
    { ScheduleExpression: 'rate(1 hour)', ScheduleExpressionTimezone: 'Berlin' },
  ])
    await expect(create({ Name: 'wrong', ...wrong })).rejects.toThrow(ValidationException);
  await expect(
    create({ Name: 'later', ScheduleExpression: 'rate(1 hour)', StartDate: new Date(0) }),
  ).rejects.toThrow(/does not implement CreateSchedule with StartDate/);
});
