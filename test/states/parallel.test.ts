/**
 * Parallel: scopes, the first failure, and the Catch around it. The corpus has none in JSONata; the events are
 * those of its JSONPath cases (`test_parallel_state*`), scopes as "Passing data with variables" describes them.
 */
import { describe, expect, it } from 'vitest';
import { createFakeStates, invoke, invokeAndWait, machine, namedError, typesOf } from './simulator.ts';

const branch = (states: Record<string, object>): object => ({
  StartAt: Object.keys(states)[0],
  States: states,
});

describe('a Parallel', () => {
  it('gives the outputs of its branches in their order, whichever ends first', async () => {
    const states = createFakeStates();
    const slow = branch({ Slow: { Type: 'Wait', Seconds: 5, Output: 'slow', End: true } });
    const fast = branch({ Fast: { Type: 'Pass', Output: 'fast', End: true } });
    const { output, history } = await states.run(
      machine({ P: { Type: 'Parallel', Branches: [slow, fast], End: true } }),
    );
    expect(output).toBe('["slow","fast"]');
    expect(typesOf(history)).toEqual([
      ...[
        'ExecutionStarted',
        'ParallelStateEntered',
        'ParallelStateStarted',
        'WaitStateEntered',
        'PassStateEntered',
      ],
      ...[
        'PassStateExited',
        'WaitStateExited',
        'ParallelStateSucceeded',
        'ParallelStateExited',
        'ExecutionSucceeded',
      ],
    ]);
  });

  it('lets branches read outer variables, and drops what they assign', async () => {
    const states = createFakeStates();
    const inner = branch({
      In: { Type: 'Pass', Assign: { mine: '{% $outer + 1 %}' }, Next: 'Read' },
      Read: { Type: 'Pass', Output: '{% [$outer, $mine] %}', End: true },
    });
    const { output } = await states.run(
      machine({
        A: { Type: 'Pass', Assign: { outer: 1 }, Next: 'P' },
        P: {
          Type: 'Parallel',
          Branches: [inner],
          Assign: { outer: '{% $states.result[0][1] %}' },
          Next: 'After',
        },
        After: {
          Type: 'Pass',
          Output: '{% {"in": $states.input, "outer": $outer, "mine": $exists($mine)} %}',
          End: true,
        },
      }),
    );
    expect(JSON.parse(output ?? '')).toEqual({ in: [[1, 2]], outer: 2, mine: false });
  });

  it('hides the variables of one branch from the other', async () => {
    const states = createFakeStates();
    const writer = branch({
      Write: { Type: 'Pass', Assign: { a: 1 }, Next: 'End1' },
      End1: { Type: 'Pass', End: true },
    });
    const reader = branch({
      Later: { Type: 'Wait', Seconds: 1, Next: 'Look' },
      Look: { Type: 'Pass', Output: '{% $exists($a) %}', End: true },
    });
    const { output } = await states.run(
      machine({ P: { Type: 'Parallel', Branches: [writer, reader], End: true } }),
    );
    expect(output).toBe('[{},false]');
  });

  it('gives its branches its Arguments as their input', async () => {
    const states = createFakeStates();
    const echo = branch({ Echo: { Type: 'Pass', End: true } });
    const parallel = {
      Type: 'Parallel',
      Arguments: { n: '{% $states.input.n + 1 %}' },
      Branches: [echo],
      End: true,
    };
    expect((await states.run(machine({ P: parallel }), { n: 1 })).output).toBe('[{"n":2}]');
  });

  it('is a try: the first failure ends the other branches and is caught outside', async () => {
    const states = createFakeStates({
      functions: { fail: () => Promise.reject(namedError('Broken')), ask: () => {} },
    });
    const failing = branch({ W: { Type: 'Wait', Seconds: 2, Next: 'F' }, F: invoke('fail', { End: true }) });
    const waiting = branch({ Ask: invokeAndWait('ask', { End: true }) });
    const caught = [
      { ErrorEquals: ['States.ALL'], Assign: { why: '{% $states.errorOutput.Error %}' }, Next: 'C' },
    ];
    const { output, history } = await states.run(
      machine({
        P: { Type: 'Parallel', Branches: [failing, waiting], Catch: caught, End: true },
        C: { Type: 'Pass', Output: '{% $why %}', End: true },
      }),
    );
    expect(output).toBe('"Broken"');
    expect(typesOf(history).slice(-7)).toEqual([
      ...['TaskFailed', 'TaskStateAborted', 'ParallelStateFailed', 'ParallelStateExited'],
      ...['PassStateEntered', 'PassStateExited', 'ExecutionSucceeded'],
    ]);
    await expect(
      states.call('SendTaskSuccess', { taskToken: tokenOf(history), output: '1' }),
    ).rejects.toMatchObject({ code: 'TaskTimedOut' });
  });

  it('runs all of its branches again on a retry', async () => {
    let calls = 0;
    const states = createFakeStates({
      functions: {
        once: () => {
          calls += 1;
          if (calls === 1) throw namedError('Once');
          return calls;
        },
      },
    });
    const retry = [{ ErrorEquals: ['Once'], IntervalSeconds: 1 }];
    const { output, history } = await states.run(
      machine({
        P: {
          Type: 'Parallel',
          Branches: [branch({ F: invoke('once', { End: true }) })],
          Retry: retry,
          End: true,
        },
      }),
    );
    expect(output).toBe('[2]');
    expect(typesOf(history).filter((type) => type.startsWith('Parallel'))).toEqual([
      ...[
        'ParallelStateEntered',
        'ParallelStateStarted',
        'ParallelStateStarted',
        'ParallelStateSucceeded',
        'ParallelStateExited',
      ],
    ]);
  });

  it('in a Parallel is cut off with it', async () => {
    const states = createFakeStates({ functions: { fail: () => Promise.reject(namedError('Broken')) } });
    const deep = branch({
      P2: {
        Type: 'Parallel',
        Branches: [branch({ W: { Type: 'Wait', Seconds: 1000, End: true } })],
        End: true,
      },
    });
    const failing = branch({ W1: { Type: 'Wait', Seconds: 1, Next: 'F' }, F: invoke('fail', { End: true }) });
    const { status, history } = await states.run(
      machine({ P: { Type: 'Parallel', Branches: [deep, failing], End: true } }),
    );
    expect(status).toBe('FAILED');
    expect(typesOf(history).slice(-5)).toEqual([
      'TaskFailed',
      'WaitStateAborted',
      'ParallelStateAborted',
      'ParallelStateFailed',
      'ExecutionFailed',
    ]);
    await states.pass(2000);
    expect(await states.history(states.events.at(-1)?.resources[0] ?? '')).toEqual(history);
    expect(states.faults).toEqual([]);
  });
});

function tokenOf(
  history: readonly { taskScheduledEventDetails?: { parameters: string | undefined } | undefined }[],
): string {
  const scheduled = history
    .map(({ taskScheduledEventDetails }) => taskScheduledEventDetails?.parameters ?? '')
    .find((text) => text.includes('token'));
  return JSON.parse(scheduled ?? '{}').Payload.token;
}
