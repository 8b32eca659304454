/** Retry and Catch: what matches, how often, when. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StateFailure } from '../../local/states/errors.ts';
import { delayMs, judgeRetry, type Retrier } from '../../local/states/retry.ts';
import { createFakeStates, invoke, machine, namedError, typesOf } from './simulator.ts';

function retrierOf(more: Partial<Retrier> = {}): Retrier {
  return {
    errorEquals: ['States.ALL'],
    intervalSeconds: 1,
    maxAttempts: 3,
    backoffRate: 2,
    maxDelaySeconds: undefined,
    jitter: 'NONE',
    ...more,
  };
}

/** A simulator whose function `flaky` fails with the given names in turn, then returns how often it was called. */
function createFlaky(names: string[]) {
  const calledAtSeconds: number[] = [];
  const states = createFakeStates({
    functions: {
      flaky: () => {
        calledAtSeconds.push((states.clock.now() - Date.UTC(2026, 0, 1)) / 1000);
        const name = names[calledAtSeconds.length - 1];
        if (name !== undefined) throw namedError(name);
        return calledAtSeconds.length;
      },
    },
  });
  return { states, calledAtSeconds };
}

describe('a retry', () => {
  it('comes after 1, 2 and 4 seconds and then no more, if nothing else is said', async () => {
    const { states, calledAtSeconds } = createFlaky(['A', 'A', 'A', 'A', 'A']);
    const result = await states.run(
      machine({ T: invoke('flaky', { Retry: [{ ErrorEquals: ['A'] }], End: true }) }),
    );
    expect(result.error).toBe('A');
    expect(calledAtSeconds).toEqual([0, 1, 3, 7]);
  });

  it('grows by its rate up to its cap', async () => {
    const { states, calledAtSeconds } = createFlaky(['A', 'A', 'A', 'A']);
    const retry = [
      { ErrorEquals: ['A'], IntervalSeconds: 3, BackoffRate: 3, MaxDelaySeconds: 10, MaxAttempts: 10 },
    ];
    const result = await states.run(machine({ T: invoke('flaky', { Retry: retry, End: true }) }));
    expect(result.output).toBe('5');
    expect(calledAtSeconds).toEqual([0, 3, 12, 22, 32]);
  });

  it('is counted for each retrier alone, and anew in each visit of the state', async () => {
    const { states, calledAtSeconds } = createFlaky(['A', 'B', 'A', 'B']);
    const retry = ['A', 'B'].map((name) => ({ ErrorEquals: [name], MaxAttempts: 1, IntervalSeconds: 1 }));
    const caught = [{ ErrorEquals: ['States.ALL'], Next: 'T' }];
    const result = await states.run(
      machine({ T: invoke('flaky', { Retry: retry, Catch: caught, End: true }) }),
    );
    // A, B use up both retriers; the third failure is caught and comes back to a fresh visit.
    expect(result.output).toBe('5');
    expect(calledAtSeconds).toEqual([0, 1, 2, 2, 3]);
  });

  it('shows its number in the context, and a failed attempt as three events', async () => {
    const states = createFakeStates({
      functions: {
        count: ({ retries }: { retries: number }) => {
          if (retries < 2) throw namedError('A');
          return retries;
        },
      },
    });
    const args = { FunctionName: 'count', Payload: { retries: '{% $states.context.State.RetryCount %}' } };
    const result = await states.run(
      machine({ T: invoke('count', { Arguments: args, Retry: [{ ErrorEquals: ['A'] }], End: true }) }),
    );
    expect(result.output).toBe('2');
    expect(typesOf(result.history).slice(2, 8)).toEqual([
      'TaskScheduled',
      'TaskStarted',
      'TaskFailed',
      'TaskScheduled',
      'TaskStarted',
      'TaskFailed',
    ]);
  });

  it('with full jitter waits anything from 0 to the computed delay', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 8 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (intervalSeconds, attempt, drawn) => {
          const plain = delayMs(retrierOf({ intervalSeconds, maxDelaySeconds: 300 }), attempt, () => 1);
          const jittered = delayMs(
            retrierOf({ intervalSeconds, maxDelaySeconds: 300, jitter: 'FULL' }),
            attempt,
            () => drawn,
          );
          expect(plain).toBe(Math.min(300, intervalSeconds * 2 ** attempt) * 1000);
          expect(jittered).toBeGreaterThanOrEqual(0);
          expect(jittered).toBeLessThanOrEqual(plain);
        },
      ),
    );
    expect(delayMs(retrierOf({ jitter: 'FULL' }), 0, () => 0)).toBe(0);
  });

  it('with full jitter is drawn from the seed', async () => {
    const delays = async (seed: string): Promise<number> => {
      const states = createFakeStates({ seed, functions: { fail: () => Promise.reject(namedError('A')) } });
      const retry = [{ ErrorEquals: ['A'], IntervalSeconds: 1000, JitterStrategy: 'FULL' }];
      await states.run(machine({ T: invoke('fail', { Retry: retry, End: true }) }));
      return states.clock.now();
    };
    expect(await delays('one')).toBe(await delays('one'));
    expect(await delays('one')).not.toBe(await delays('two'));
  });
});

describe('an error name', () => {
  it.each([
    ['States.ALL', 'Anything', true],
    ['States.ALL', 'States.Timeout', true],
    ['States.ALL', undefined, true],
    ['States.ALL', 'States.DataLimitExceeded', false],
    ['States.ALL', 'States.Runtime', false],
    ['States.Runtime', 'States.Runtime', false],
    ['States.DataLimitExceeded', 'States.DataLimitExceeded', true],
    ['States.TaskFailed', 'Anything', true],
    ['States.TaskFailed', 'States.Timeout', false],
    ['States.Timeout', 'States.Timeout', true],
    ['Anything', 'Something', false],
  ])('%s matches %s: %s', (name, error, expected) => {
    const verdict = judgeRetry([retrierOf({ errorEquals: [name] })], [0], new StateFailure(error), () => 1);
    expect(verdict.retry).toBe(expected);
  });
});

describe('a catch', () => {
  it('hands on error and cause as a function gave them, and assigns outside', async () => {
    const { states } = createFlaky(['Refused']);
    const caught = [
      { ErrorEquals: ['Refused'], Assign: { why: '{% $states.errorOutput.Error %}' }, Next: 'C' },
    ];
    const { output = '' } = await states.run(
      machine({
        T: invoke('flaky', { Catch: caught, End: true }),
        C: { Type: 'Pass', Output: '{% [$why, $states.input] %}', End: true },
      }),
    );
    const [why, { Error: error, Cause: cause }] = JSON.parse(output);
    expect([why, error, JSON.parse(cause)]).toEqual([
      'Refused',
      'Refused',
      { errorType: 'Refused', errorMessage: 'on purpose', trace: [] },
    ]);
  });

  it('takes the first catcher that matches', async () => {
    const { states } = createFlaky(['B']);
    const catchers = ['A', 'B', 'States.ALL'].map((name, index) => ({
      ErrorEquals: [name],
      Output: index,
      Next: 'C',
    }));
    const result = await states.run(
      machine({ T: invoke('flaky', { Catch: catchers, End: true }), C: { Type: 'Succeed' } }),
    );
    expect(result.output).toBe('1');
  });

  it.each(['Arguments', 'Output', 'Assign', 'TimeoutSeconds'])(
    'takes a failed evaluation of %s in a Task',
    async (field) => {
      const { states } = createFlaky([]);
      const broken = field === 'Assign' ? { a: '{% $missing %}' } : '{% $missing %}';
      const caught = [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'C' }];
      const result = await states.run(
        machine({
          T: invoke('flaky', { [field]: broken, Catch: caught, End: true }),
          C: { Type: 'Succeed' },
        }),
      );
      expect(JSON.parse(result.output ?? '').Cause).toContain(`specified for the field '${field}`);
      expect(typesOf(result.history)).toContain('EvaluationFailed');
    },
  );

  it.each([
    ['Pass', { Type: 'Pass', Output: '{% $missing %}', End: true }],
    ['Choice', { Type: 'Choice', Choices: [{ Condition: '{% $missing %}', Next: 'S' }], Default: 'S' }],
    [
      'Choice that gives no boolean',
      { Type: 'Choice', Choices: [{ Condition: '{% "yes" %}', Next: 'S' }], Default: 'S' },
    ],
    ['Wait', { Type: 'Wait', Seconds: '{% -1 %}', Next: 'S' }],
  ])('is not there for a failed evaluation in a %s, unless a Parallel is around it', async (_type, state) => {
    const scope = { A: state, ...('End' in state ? {} : { S: { Type: 'Succeed' } }) };
    const alone = await createFakeStates().run(machine(scope));
    expect([alone.status, alone.error]).toEqual(['FAILED', 'States.QueryEvaluationError']);
    const around = {
      Type: 'Parallel',
      Branches: [{ StartAt: 'A', States: scope }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }],
      End: true,
    };
    expect((await createFakeStates().run(machine({ P: around, C: { Type: 'Succeed' } }))).status).toBe(
      'SUCCEEDED',
    );
  });

  it('is not there for a Choice without a match', async () => {
    const choice = { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'S' }] };
    expect((await createFakeStates().run(machine({ A: choice, S: { Type: 'Succeed' } }))).error).toBe(
      'States.NoChoiceMatched',
    );
  });
});
