/** Step Functions, the same cases here and (AWS=1) on AWS: this suite has not yet been run against AWS. */
import { afterAll, describe, expect, it } from 'vitest';
import { machine } from '../states/simulator.ts';
import { type Answer, createAccount } from './states-account.ts';

const account = createAccount();
const RUN = `sidestep-conformance-${process.pid}`;
const TEST_LIMIT_MS = 120_000;
const made: string[] = [];

async function create(definition: object): Promise<string> {
  const input = {
    name: `${RUN}-${made.length}`,
    definition: JSON.stringify(definition),
    roleArn: account.roleArn,
  };
  const { stateMachineArn = '' } = await account.call('CreateStateMachine', input);
  made.push(stateMachineArn);
  return stateMachineArn;
}

async function finish(executionArn: string): Promise<Answer & { types: string[] }> {
  let answer: Answer = {};
  await account.until(async () => {
    answer = await account.call('DescribeExecution', { executionArn });
    return answer.status !== 'RUNNING';
  });
  const { events = [] } = await account.call('GetExecutionHistory', { executionArn });
  return { ...answer, events, types: events.map(({ type }) => type ?? '') };
}

async function run(definition: object, input: unknown = {}): Promise<Answer & { types: string[] }> {
  const stateMachineArn = await create(definition);
  const { executionArn = '' } = await account.call('StartExecution', {
    stateMachineArn,
    input: JSON.stringify(input),
  });
  return finish(executionArn);
}

const scope = (states: Record<string, object>): object => ({
  StartAt: Object.keys(states)[0],
  States: states,
});

afterAll(async () => {
  for (const stateMachineArn of made) await account.call('DeleteStateMachine', { stateMachineArn });
}, TEST_LIMIT_MS);

describe('states', { timeout: TEST_LIMIT_MS }, () => {
  it('compute output and variables from the values at entry', async () => {
    const definition = machine({
      A: { Type: 'Pass', Assign: { x: 1 }, Next: 'B' },
      B: { Type: 'Pass', Assign: { x: '{% $x + 1 %}' }, Output: '{% $x %}', Next: 'C' },
      C: { Type: 'Pass', Output: '{% [$states.input, $x] %}', End: true },
    });
    expect(JSON.parse((await run(definition)).output ?? '')).toEqual([1, 2]);
  });

  it('catch outside what fails in a Parallel, and lose its variables', async () => {
    const inner = scope({
      In: { Type: 'Pass', Assign: { mine: 1 }, Next: 'F' },
      F: { Type: 'Fail', Error: 'Broken', Cause: 'on purpose' },
    });
    const caught = [
      { ErrorEquals: ['States.ALL'], Assign: { why: '{% $states.errorOutput.Error %}' }, Next: 'C' },
    ];
    const { output, types } = await run(
      machine({
        P: { Type: 'Parallel', Branches: [inner], Catch: caught, End: true },
        C: { Type: 'Pass', Output: '{% {"why": $why, "mine": $exists($mine)} %}', End: true },
      }),
    );
    expect(JSON.parse(output ?? '')).toEqual({ why: 'Broken', mine: false });
    expect(types.slice(0, 9)).toEqual([
      ...[
        'ExecutionStarted',
        'ParallelStateEntered',
        'ParallelStateStarted',
        'PassStateEntered',
        'PassStateExited',
      ],
      ...['FailStateEntered', 'ParallelStateFailed', 'ParallelStateExited', 'PassStateEntered'],
    ]);
  });

  it('end the other branches of a Parallel that failed', async () => {
    const failing = scope({
      W: { Type: 'Wait', Seconds: 1, Next: 'F' },
      F: { Type: 'Fail', Error: 'Broken' },
    });
    const waiting = scope({ Long: { Type: 'Wait', Seconds: 50, End: true } });
    const { error, types } = await run(
      machine({ P: { Type: 'Parallel', Branches: [failing, waiting], End: true } }),
    );
    expect(error).toBe('Broken');
    expect(types.slice(-3)).toEqual(['WaitStateAborted', 'ParallelStateFailed', 'ExecutionFailed']);
  });

  it('fail an evaluation in a branch so that the Parallel can catch it', async () => {
    const inner = scope({ Bad: { Type: 'Pass', Output: '{% $missing %}', End: true } });
    const caught = [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'C' }];
    const { status } = await run(
      machine({
        P: { Type: 'Parallel', Branches: [inner], Catch: caught, End: true },
        C: { Type: 'Succeed' },
      }),
    );
    expect(status).toBe('SUCCEEDED');
  });

  it('fail a Choice that matches nothing', async () => {
    const choice = { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'S' }] };
    expect((await run(machine({ A: choice, S: { Type: 'Succeed' } }))).error).toBe('States.NoChoiceMatched');
  });

  it('time out with the state machine, uncaught', async () => {
    const inner = scope({ W: { Type: 'Wait', Seconds: 50, End: true } });
    const caught = [{ ErrorEquals: ['States.ALL'], Next: 'C' }];
    const { status, types } = await run(
      machine(
        { P: { Type: 'Parallel', Branches: [inner], Catch: caught, End: true }, C: { Type: 'Succeed' } },
        { TimeoutSeconds: 3 },
      ),
    );
    expect([status, types.at(-1)]).toEqual(['TIMED_OUT', 'ExecutionTimedOut']);
  });
});

describe('executions', { timeout: TEST_LIMIT_MS }, () => {
  it('are the same by name and input while they run, and stop without a Catch', async () => {
    const inner = scope({ W: { Type: 'Wait', Seconds: 50, End: true } });
    const caught = [{ ErrorEquals: ['States.ALL'], Next: 'C' }];
    const stateMachineArn = await create(
      machine({
        P: { Type: 'Parallel', Branches: [inner], Catch: caught, End: true },
        C: { Type: 'Succeed' },
      }),
    );
    const start = { stateMachineArn, name: 'once', input: '{"a":1}' };
    const first = await account.call('StartExecution', start);
    expect((await account.call('StartExecution', start)).startDate).toEqual(first.startDate);
    await expect(account.call('StartExecution', { ...start, input: '{"a":2}' })).rejects.toThrow(
      /Already Exists/i,
    );
    const { executionArn = '' } = first;
    await account.call('StopExecution', { executionArn, error: 'Stopped', cause: 'by hand' });
    const { status, error, types } = await finish(executionArn);
    expect([status, error, types.at(-1)]).toEqual(['ABORTED', 'Stopped', 'ExecutionAborted']);
    expect(types).not.toContain('SucceedStateEntered');
  });
});

describe('definitions', { timeout: TEST_LIMIT_MS }, () => {
  it.each([
    ['a Next that is not there', machine({ A: { Type: 'Pass', Next: 'B' } })],
    ['$states.result in a Pass', machine({ A: { Type: 'Pass', Output: '{% $states.result %}', End: true } })],
    ['a partial assignment', machine({ A: { Type: 'Pass', Assign: { 'a.b': 1 }, End: true } })],
    [
      'States.ALL among others',
      machine({
        P: {
          Type: 'Parallel',
          Branches: [scope({ A: { Type: 'Succeed' } })],
          Retry: [{ ErrorEquals: ['A', 'States.ALL'] }],
          End: true,
        },
      }),
    ],
    ['JSONPath in a JSONata state', machine({ A: { Type: 'Pass', ResultPath: '$.a', End: true } })],
  ])('with %s fail validation', async (_what, definition) => {
    const { result } = await account.call('ValidateStateMachineDefinition', {
      definition: JSON.stringify(definition),
    });
    expect(result).toBe('FAIL');
  });
});

const { echoFunction } = account;
describe.skipIf(!echoFunction)('tasks with a token', { timeout: TEST_LIMIT_MS }, () => {
  const ask = {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: { FunctionName: echoFunction, Payload: { token: '{% $states.context.Task.Token %}' } },
    TimeoutSeconds: 30,
  };

  /** Starts the machine and gives the token that its history shows, once the function has returned. */
  async function begin(definition: object): Promise<{ executionArn: string; taskToken: string }> {
    const { executionArn = '' } = await account.call('StartExecution', {
      stateMachineArn: await create(definition),
    });
    let events: Answer['events'] = [];
    await account.until(async () => {
      events = (await account.call('GetExecutionHistory', { executionArn })).events ?? [];
      return events.some(({ type }) => type === 'TaskSubmitted');
    });
    const parameters =
      events.find(({ type }) => type === 'TaskScheduled')?.taskScheduledEventDetails?.parameters ?? '{}';
    return { executionArn, taskToken: JSON.parse(parameters).Payload.token };
  }

  it('succeed with the answer, and take no second one', async () => {
    const { executionArn, taskToken } = await begin(machine({ Ask: { ...ask, End: true } }));
    await account.call('SendTaskSuccess', { taskToken, output: '{"approved":true}' });
    const { output, types } = await finish(executionArn);
    expect(output).toBe('{"approved":true}');
    expect(types.slice(2, 6)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
    // Either name reads as: somebody else has decided.
    await expect(account.call('SendTaskSuccess', { taskToken, output: '1' })).rejects.toThrow(
      /Timed Out|Does Not Exist/i,
    );
  });

  it('lose their heartbeat as a time-out', async () => {
    const { executionArn } = await begin(machine({ Ask: { ...ask, HeartbeatSeconds: 2, End: true } }));
    const { error, types } = await finish(executionArn);
    expect(error).toBe('States.Timeout');
    expect(types.slice(-2)).toEqual(['TaskTimedOut', 'ExecutionFailed']);
  });
});
