/**
 * Tasks that wait for their token. The corpus has none in JSONata. Relied on, and its source:
 * recorded on AWS (LocalStack's snapshots): TaskSubmitted follows the call's return, a lost heartbeat is
 * `States.Timeout`; the developer guide: a token is good for one answer, each retry makes a new one, the
 * heartbeat does not reset the time-out; our own reading: an answer ends the task at once, even while the function runs.
 */
import { describe, expect, it } from 'vitest';
import { createFakeStates, invokeAndWait, machine, namedError, typesOf } from './simulator.ts';

interface Given {
  token: string;
}

/** A simulator whose function `ask` keeps the tokens it was given. */
function createAsking(more: object = {}, afterwards: object = {}) {
  const tokens: string[] = [];
  const states = createFakeStates({ functions: { ask: ({ token }: Given) => void tokens.push(token) } });
  const definition = machine({ Ask: invokeAndWait('ask', { End: true, ...more }), ...afterwards });
  const begin = async (): Promise<string> => {
    const arn = await states.start(await states.create(definition));
    await states.pass(1);
    return arn;
  };
  return { states, tokens, begin };
}

describe('a task with a token', () => {
  it('succeeds with the answer, not with what the function returned', async () => {
    const { states, tokens, begin } = createAsking();
    const arn = await begin();
    expect((await states.call('DescribeExecution', { executionArn: arn })).status).toBe('RUNNING');
    await states.call('SendTaskSuccess', { taskToken: tokens[0], output: '{"approved":true}' });
    expect((await states.finish(arn)).output).toBe('{"approved":true}');
    expect(typesOf(await states.history(arn))).toEqual([
      ...['ExecutionStarted', 'TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSubmitted'],
      ...['TaskSucceeded', 'TaskStateExited', 'ExecutionSucceeded'],
    ]);
    const [, , scheduled] = await states.history(arn);
    expect(scheduled?.taskScheduledEventDetails).toMatchObject({
      resource: 'invoke.waitForTaskToken',
      resourceType: 'lambda',
    });
  });

  it('takes an answer from the function itself, before it returned', async () => {
    const states = createFakeStates({
      functions: {
        ask: async ({ token }: Given, wait) => {
          await states.call('SendTaskSuccess', { taskToken: token, output: '"early"' });
          await wait(30);
        },
      },
    });
    const result = await states.run(
      machine({
        Ask: invokeAndWait('ask', { TimeoutSeconds: 10, HeartbeatSeconds: 5, Next: 'Later' }),
        Later: { Type: 'Wait', Seconds: 60, End: true },
      }),
    );
    expect([result.status, result.output]).toEqual(['SUCCEEDED', '"early"']);
    expect(typesOf(result.history).slice(3)).toEqual([
      ...[
        'TaskStarted',
        'TaskSucceeded',
        'TaskStateExited',
        'WaitStateEntered',
        'WaitStateExited',
        'ExecutionSucceeded',
      ],
    ]);
    expect(states.clock.now()).toBe(Date.UTC(2026, 0, 1, 0, 1));
  });

  it('is not failed by a function that answered and then threw', async () => {
    const states = createFakeStates({
      functions: {
        ask: async ({ token }: Given) => {
          await states.call('SendTaskSuccess', { taskToken: token, output: '1' });
          throw namedError('TooLate');
        },
      },
    });
    expect((await states.run(machine({ Ask: invokeAndWait('ask', { End: true }) }))).output).toBe('1');
  });

  it('fails when the function throws before any answer, and its token is closed', async () => {
    const tokens: string[] = [];
    const states = createFakeStates({
      functions: {
        ask: ({ token }: Given) => {
          tokens.push(token);
          throw namedError('NotToday');
        },
      },
    });
    expect((await states.run(machine({ Ask: invokeAndWait('ask', { End: true }) }))).error).toBe('NotToday');
    await expect(states.call('SendTaskSuccess', { taskToken: tokens[0], output: '1' })).rejects.toMatchObject(
      { code: 'TaskTimedOut' },
    );
  });

  it('fails with the error and cause of a failure answer, which a Catch sees', async () => {
    const caught = [{ ErrorEquals: ['Rejected'], Output: '{% $states.errorOutput %}', Next: 'Caught' }];
    const { states, tokens, begin } = createAsking({ Catch: caught }, { Caught: { Type: 'Succeed' } });
    const arn = await begin();
    await states.call('SendTaskFailure', { taskToken: tokens[0], error: 'Rejected', cause: 'by hand' });
    expect((await states.finish(arn)).output).toBe('{"Error":"Rejected","Cause":"by hand"}');
  });

  it.each(['SendTaskSuccess', 'SendTaskFailure', 'SendTaskHeartbeat'] as const)(
    'tells a second answer by %s that it is too late',
    async (operation) => {
      const { states, tokens, begin } = createAsking();
      await begin();
      await states.call('SendTaskSuccess', { taskToken: tokens[0], output: '1' });
      await expect(states.call(operation, { taskToken: tokens[0], output: '2' })).rejects.toMatchObject({
        code: 'TaskTimedOut',
      });
    },
  );

  it('tells garbage from a closed token', async () => {
    const { states } = createAsking();
    await expect(
      states.call('SendTaskSuccess', { taskToken: 'bm90IGEgdG9rZW4=', output: '1' }),
    ).rejects.toMatchObject({ code: 'InvalidToken' });
  });

  it('refuses an answer that is no JSON, and goes on waiting', async () => {
    const { states, tokens, begin } = createAsking();
    const arn = await begin();
    await expect(
      states.call('SendTaskSuccess', { taskToken: tokens[0], output: 'yes' }),
    ).rejects.toMatchObject({ code: 'InvalidOutput' });
    await states.call('SendTaskSuccess', { taskToken: tokens[0], output: '"yes"' });
    expect((await states.finish(arn)).output).toBe('"yes"');
  });

  it('times out at its own deadline, after which an answer is too late', async () => {
    const { states, tokens, begin } = createAsking({ TimeoutSeconds: 60 });
    const arn = await begin();
    expect(await states.finish(arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(states.clock.now()).toBe(Date.UTC(2026, 0, 1, 0, 1));
    expect(typesOf(await states.history(arn)).slice(-2)).toEqual(['TaskTimedOut', 'ExecutionFailed']);
    await expect(states.call('SendTaskSuccess', { taskToken: tokens[0], output: '1' })).rejects.toMatchObject(
      { code: 'TaskTimedOut' },
    );
  });

  it('gets a new token with each retry, and the old one no longer counts', async () => {
    const { states, tokens, begin } = createAsking({
      TimeoutSeconds: 10,
      Retry: [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 1 }],
    });
    const arn = await begin();
    await states.pass(12);
    expect(new Set(tokens).size).toBe(2);
    await expect(
      states.call('SendTaskSuccess', { taskToken: tokens[0], output: '"old"' }),
    ).rejects.toMatchObject({ code: 'TaskTimedOut' });
    await states.call('SendTaskSuccess', { taskToken: tokens[1], output: '"new"' });
    expect((await states.finish(arn)).output).toBe('"new"');
  });

  it('lives as long as heartbeats come, and the time-out stays what it was', async () => {
    const { states, tokens, begin } = createAsking({ HeartbeatSeconds: 10, TimeoutSeconds: 25 });
    const arn = await begin();
    for (const _beat of [1, 2]) {
      await states.pass(8);
      await states.call('SendTaskHeartbeat', { taskToken: tokens[0] });
    }
    expect(await states.finish(arn)).toMatchObject({ error: 'States.Timeout' });
    expect(states.clock.now()).toBe(Date.UTC(2026, 0, 1, 0, 0, 25));
  });

  it('is lost without a heartbeat, counted from the return of the function', async () => {
    const states = createFakeStates({ functions: { ask: (_: Given, wait) => wait(20) } });
    const result = await states.run(
      machine({ Ask: invokeAndWait('ask', { HeartbeatSeconds: 5, End: true }) }),
    );
    expect(result.error).toBe('States.Timeout');
    expect(states.clock.now()).toBe(Date.UTC(2026, 0, 1, 0, 0, 25));
  });

  it('is closed by StopExecution', async () => {
    const { states, tokens, begin } = createAsking();
    await states.call('StopExecution', { executionArn: await begin() });
    await expect(states.call('SendTaskSuccess', { taskToken: tokens[0], output: '1' })).rejects.toMatchObject(
      { code: 'TaskTimedOut' },
    );
  });
});
