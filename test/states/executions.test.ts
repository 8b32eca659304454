/** Executions from outside: names, limits, time-outs, stopping, listing, history and status events. */
import { describe, expect, it } from 'vitest';
import { createFakeStates, invoke, machine, namedError, ROLE_ARN, typesOf } from './simulator.ts';

const WAIT = machine({ W: { Type: 'Wait', Seconds: 60, End: true } });
const PASS = machine({ A: { Type: 'Pass', End: true } });
const BYTES_MAX = 262_144;

/** A JSON text of exactly so many bytes. */
const textOf = (bytes: number): string => JSON.stringify('x'.repeat(bytes - 2));

describe('the name of an execution', () => {
  it('with the same input is the same execution while it runs', async () => {
    const states = createFakeStates();
    const stateMachineArn = await states.create(WAIT);
    const input = { stateMachineArn, name: 'push-1', input: '{"a":1}' };
    const first = await states.call('StartExecution', input);
    await states.pass(5);
    expect(await states.call('StartExecution', input)).toEqual(first);
    await expect(states.call('StartExecution', { ...input, input: '{"a":2}' })).rejects.toMatchObject({
      code: 'ExecutionAlreadyExists',
    });
    await states.finish(first.executionArn ?? '');
    await expect(states.call('StartExecution', input)).rejects.toMatchObject({
      code: 'ExecutionAlreadyExists',
    });
  });

  it('is free again 90 days after the end', async () => {
    const states = createFakeStates();
    const arn = await states.create(PASS);
    await states.finish(await states.start(arn, {}, 'push-1'));
    await states.pass(90 * 24 * 3600);
    await expect(states.start(arn, {}, 'push-1')).resolves.toContain(':push-1');
  });

  it.each(['', 'a b', 'a:b', 'a/b', 'a*', 'a"', 'x'.repeat(81)])("cannot be '%s'", async (name) => {
    const states = createFakeStates();
    const stateMachineArn = await states.create(PASS);
    await expect(states.call('StartExecution', { stateMachineArn, name })).rejects.toMatchObject({
      code: 'InvalidName',
    });
  });
});

describe('an input', () => {
  it('must be JSON of at most 262,144 bytes', async () => {
    const states = createFakeStates();
    const stateMachineArn = await states.create(PASS);
    const start = (input: string) => states.call('StartExecution', { stateMachineArn, input });
    await expect(start('{')).rejects.toMatchObject({ code: 'InvalidExecutionInput' });
    await expect(start(textOf(BYTES_MAX + 1))).rejects.toMatchObject({ code: 'ValidationException' });
    const { executionArn = '' } = await start(textOf(BYTES_MAX));
    expect((await states.finish(executionArn)).status).toBe('SUCCEEDED');
  });

  it('needs a state machine that is there', async () => {
    const states = createFakeStates();
    const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:none';
    await expect(states.call('StartExecution', { stateMachineArn })).rejects.toMatchObject({
      code: 'StateMachineDoesNotExist',
    });
    await expect(states.call('StartExecution', { stateMachineArn: 'none' })).rejects.toMatchObject({
      code: 'InvalidArn',
    });
  });
});

describe('data that grows beyond 262,144 bytes', () => {
  const doubled = '{% $states.input & $states.input %}';

  it('fails a Pass for good', async () => {
    const states = createFakeStates();
    const result = await states.run(
      machine({ A: { Type: 'Pass', Output: doubled, End: true } }),
      'x'.repeat(BYTES_MAX / 2),
    );
    expect([result.status, result.error]).toEqual(['FAILED', 'States.DataLimitExceeded']);
  });

  it.each([
    ['States.ALL', 'FAILED'],
    ['States.DataLimitExceeded', 'SUCCEEDED'],
  ])('in the result of a Task is caught by name only: %s', async (name, status) => {
    const states = createFakeStates({ functions: { big: () => 'x'.repeat(BYTES_MAX) } });
    const caught = [{ ErrorEquals: [name], Next: 'C' }];
    expect(
      (await states.run(machine({ T: invoke('big', { Catch: caught, End: true }), C: { Type: 'Succeed' } })))
        .status,
    ).toBe(status);
  });

  it('fails an Assign too', async () => {
    const states = createFakeStates();
    const result = await states.run(
      machine({ A: { Type: 'Pass', Assign: { a: doubled }, End: true } }),
      'x'.repeat(BYTES_MAX / 2),
    );
    expect(result.error).toBe('States.DataLimitExceeded');
  });
});

describe('a time-out', () => {
  it('of a Task fails it, however its function goes on', async () => {
    let ended = false;
    const states = createFakeStates({
      functions: {
        slow: async (_: unknown, wait) => {
          await wait(60);
          ended = true;
        },
      },
    });
    const caught = [{ ErrorEquals: ['States.Timeout'], Next: 'C' }];
    const timeout = '{% $states.input.seconds %}';
    const result = await states.run(
      machine({
        T: invoke('slow', { TimeoutSeconds: timeout, Catch: caught, End: true }),
        C: { Type: 'Succeed' },
      }),
      { seconds: 5 },
    );
    // An absent cause is an empty text, as recorded on AWS.
    expect(result.output).toBe('{"Error":"States.Timeout","Cause":""}');
    expect(states.clock.now()).toBe(Date.UTC(2026, 0, 1, 0, 0, 5));
    await states.pass(60);
    expect(ended).toBe(true);
    expect(await states.history(result.executionArn ?? '')).toEqual(result.history);
  });

  it('of the state machine ends the execution, uncaught', async () => {
    const states = createFakeStates();
    const waiting = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 600, End: true } } };
    const caught = [{ ErrorEquals: ['States.ALL'], Next: 'C' }];
    const result = await states.run(
      machine(
        { P: { Type: 'Parallel', Branches: [waiting], Catch: caught, End: true }, C: { Type: 'Succeed' } },
        { TimeoutSeconds: 30 },
      ),
    );
    expect([result.status, result.error]).toEqual(['TIMED_OUT', 'States.Timeout']);
    expect(typesOf(result.history).at(-1)).toBe('ExecutionTimedOut');
    expect(states.clock.now()).toBe(Date.UTC(2026, 0, 1, 0, 0, 30));
  });

  it('of a Wait until a time that is past is none', async () => {
    const states = createFakeStates();
    await states.run(machine({ W: { Type: 'Wait', Timestamp: '2020-01-01T00:00:00Z', End: true } }));
    expect(states.clock.now()).toBe(Date.UTC(2026, 0, 1));
  });
});

describe('StopExecution', () => {
  it('runs no Catch and no further state', async () => {
    const called: string[] = [];
    const states = createFakeStates({
      functions: { slow: (_: unknown, wait) => wait(60), clean: () => void called.push('clean') },
    });
    const inner = {
      StartAt: 'T',
      States: {
        T: invoke('slow', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'T2' }], Next: 'T2' }),
        T2: invoke('clean', { End: true }),
      },
    };
    const caught = [{ ErrorEquals: ['States.ALL'], Next: 'C' }];
    const arn = await states.start(
      await states.create(
        machine({
          P: { Type: 'Parallel', Branches: [inner], Catch: caught, End: true },
          C: invoke('clean', { End: true }),
        }),
      ),
    );
    await states.pass(10);
    const { stopDate } = await states.call('StopExecution', {
      executionArn: arn,
      error: 'Stopped',
      cause: 'by hand',
    });
    await states.pass(600);
    expect(await states.call('DescribeExecution', { executionArn: arn })).toMatchObject({
      status: 'ABORTED',
      error: 'Stopped',
      cause: 'by hand',
      stopDate,
    });
    expect(called).toEqual([]);
    expect(typesOf(await states.history(arn)).slice(-3)).toEqual([
      'TaskStateAborted',
      'ParallelStateAborted',
      'ExecutionAborted',
    ]);
  });

  it.each([
    'ExecutionStarted',
    'PassStateEntered',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSucceeded',
  ])('at the very moment of %s is the end of the history', async (moment) => {
    const states = createFakeStates({ functions: { work: () => 1 } });
    const definition = machine({
      A: { Type: 'Pass', Output: '{% 1 + 1 %}', Next: 'T' },
      T: invoke('work', { End: true }),
    });
    states.simulator.onHistoryEvent((executionArn, { type }) => {
      if (type === moment) void Promise.resolve().then(() => states.call('StopExecution', { executionArn }));
    });
    const result = await states.run(definition);
    expect([result.status, typesOf(result.history).at(-1)]).toEqual(['ABORTED', 'ExecutionAborted']);
    await states.pass(10);
    expect(await states.history(result.executionArn ?? '')).toEqual(result.history);
    expect(states.faults).toEqual([]);
  });

  it('of a closed execution changes nothing', async () => {
    const states = createFakeStates();
    const result = await states.run(PASS);
    await states.pass(5);
    expect(await states.call('StopExecution', { executionArn: result.executionArn })).toEqual({
      stopDate: result.stopDate,
    });
    expect((await states.call('DescribeExecution', { executionArn: result.executionArn })).status).toBe(
      'SUCCEEDED',
    );
  });
});

describe('the history', () => {
  it('comes in pages, forwards and backwards, and without data if asked', async () => {
    const states = createFakeStates();
    const { executionArn = '' } = await states.run(PASS, { secret: 1 });
    const page = (more: object) =>
      states.call('GetExecutionHistory', { executionArn, maxResults: 3, ...more });
    const first = await page({});
    expect(first.events?.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect((await page({ nextToken: first.nextToken })).events?.map(({ id }) => id)).toEqual([4]);
    expect((await page({ reverseOrder: true })).events?.map(({ id }) => id)).toEqual([4, 3, 2]);
    expect(JSON.stringify(await page({ includeExecutionData: false }))).not.toContain('secret');
    await expect(page({ nextToken: 'bm9uc2Vuc2U=' })).rejects.toMatchObject({ code: 'InvalidToken' });
  });

  it('is full at 25,000 events, of which the last one ends the execution', async () => {
    const states = createFakeStates();
    const loop = machine({
      A: { Type: 'Pass', Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Condition: false, Next: 'C' }], Default: 'A' },
      C: { Type: 'Succeed' },
    });
    const arn = await states.start(await states.create(loop));
    expect(await states.finish(arn)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    const { events = [] } = await states.call('GetExecutionHistory', {
      executionArn: arn,
      reverseOrder: true,
      maxResults: 1,
    });
    expect(events[0]).toMatchObject({ id: 25_000, type: 'ExecutionFailed' });
    expect(states.faults).toEqual([]);
  });

  it('is told to a listener, event by event', async () => {
    const states = createFakeStates();
    const told: string[] = [];
    const stop = states.simulator.onHistoryEvent((_arn, { type = '' }) => void told.push(type));
    await states.run(PASS);
    stop();
    await states.run(PASS);
    expect(told).toEqual(['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded']);
  });
});

describe('the list of executions', () => {
  it('has the newest first, in pages that later starts do not move, filtered by status', async () => {
    const states = createFakeStates();
    const stateMachineArn = await states.create(WAIT);
    for (const name of ['a', 'b', 'c']) await states.start(stateMachineArn, {}, name);
    const list = async (more: object) => {
      const { executions = [], nextToken } = await states.call('ListExecutions', {
        stateMachineArn,
        ...more,
      });
      return { names: executions.map(({ name }) => name), nextToken };
    };
    const first = await list({ maxResults: 2 });
    expect(first.names).toEqual(['c', 'b']);
    await states.start(stateMachineArn, {}, 'd');
    expect((await list({ maxResults: 2, nextToken: first.nextToken })).names).toEqual(['a']);
    await states.call('StopExecution', {
      executionArn: stateMachineArn.replace('stateMachine', 'execution').concat(':b'),
    });
    expect((await list({ statusFilter: 'ABORTED' })).names).toEqual(['b']);
    expect((await list({ statusFilter: 'RUNNING' })).names).toEqual(['d', 'c', 'a']);
  });
});

describe('status events', () => {
  it('tell the start and the end, with dates in milliseconds', async () => {
    const states = createFakeStates();
    const { executionArn = '' } = await states.run(WAIT, { a: 1 });
    expect(states.events).toMatchObject([
      {
        source: 'aws.states',
        detailType: 'Step Functions Execution Status Change',
        resources: [executionArn],
      },
      { resources: [executionArn] },
    ]);
    const [started, ended] = states.events.map(({ detail }) => detail);
    expect(started).toMatchObject({
      status: 'RUNNING',
      startDate: Date.UTC(2026, 0, 1),
      stopDate: null,
      input: '{"a":1}',
      output: null,
    });
    expect(ended).toMatchObject({
      status: 'SUCCEEDED',
      stopDate: Date.UTC(2026, 0, 1, 0, 1),
      output: '{"a":1}',
      error: null,
    });
  });

  it('tell error and cause of a failure', async () => {
    const states = createFakeStates({ functions: { fail: () => Promise.reject(namedError('Broken')) } });
    await states.run(machine({ T: invoke('fail', { End: true }) }));
    expect(states.events.at(-1)?.detail).toMatchObject({
      status: 'FAILED',
      error: 'Broken',
      cause: expect.stringContaining('on purpose'),
    });
  });

  it('leave out an input above 248 KiB', async () => {
    const states = createFakeStates();
    await states.run(PASS, 'x'.repeat(250 * 1024));
    expect(states.events.at(-1)?.detail).toMatchObject({
      input: null,
      inputDetails: { included: false },
      output: null,
      outputDetails: { included: false },
    });
  });
});

describe('a state machine', () => {
  it('can change under a running execution, which keeps its own', async () => {
    const states = createFakeStates();
    const stateMachineArn = await states.create(WAIT);
    const before = await states.start(stateMachineArn);
    await states.call('UpdateStateMachine', {
      stateMachineArn,
      definition: JSON.stringify(machine({ B: { Type: 'Pass', Output: 'new', End: true } })),
    });
    const after = await states.start(stateMachineArn);
    expect((await states.finish(after)).output).toBe('"new"');
    expect((await states.call('DescribeStateMachineForExecution', { executionArn: before })).definition).toBe(
      JSON.stringify(WAIT),
    );
    expect((await states.finish(before)).output).toBe('{}');
  });

  it('made twice in the same way is one, in another way a conflict', async () => {
    const states = createFakeStates();
    const create = (definition: object) =>
      states.call('CreateStateMachine', {
        name: 'm',
        definition: JSON.stringify(definition),
        roleArn: ROLE_ARN,
      });
    const { stateMachineArn } = await create(PASS);
    expect((await create(PASS)).stateMachineArn).toBe(stateMachineArn);
    await expect(create(WAIT)).rejects.toMatchObject({ code: 'StateMachineAlreadyExists' });
    await states.call('DeleteStateMachine', { stateMachineArn });
    await expect(states.call('DescribeStateMachine', { stateMachineArn })).rejects.toMatchObject({
      code: 'StateMachineDoesNotExist',
    });
  });

  it('keeps its tags', async () => {
    const states = createFakeStates();
    const resourceArn = await states.create(PASS);
    await states.call('TagResource', { resourceArn, tags: [{ key: 'team', value: 'a' }] });
    expect(await states.call('ListTagsForResource', { resourceArn })).toEqual({
      tags: [{ key: 'team', value: 'a' }],
    });
  });

  it('is a target of events', async () => {
    const states = createFakeStates();
    const arn = await states.create(PASS);
    await states.simulator.deliver(arn, { source: 'aws.ecr' });
    await states.pass(1);
    expect(states.events.at(-1)?.detail).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"source":"aws.ecr"}',
    });
    await expect(states.simulator.deliver(`${arn}x`, {})).rejects.toMatchObject({
      code: 'StateMachineDoesNotExist',
    });
  });
});

describe('the simulator', () => {
  it('runs a thousand executions in one process', async () => {
    const states = createFakeStates({ functions: { add: (n: number) => n + 1 } });
    const arn = await states.create(
      machine({
        W: { Type: 'Wait', Seconds: '{% $states.input %}', Next: 'T' },
        T: invoke('add', { End: true }),
      }),
    );
    const arns = await Promise.all(Array.from({ length: 1000 }, (_, index) => states.start(arn, index)));
    await states.finish(arns.at(-1) ?? '');
    const { executions = [] } = await states.call('ListExecutions', {
      stateMachineArn: arn,
      statusFilter: 'SUCCEEDED',
      maxResults: 1000,
    });
    expect(executions).toHaveLength(1000);
  });

  it('goes quiet when closed', async () => {
    const states = createFakeStates();
    await states.start(await states.create(WAIT));
    await states.pass(1);
    states.simulator.close();
    const emitted = states.events.length;
    await states.pass(600);
    expect([states.events.length, states.faults]).toEqual([emitted, []]);
  });
});
