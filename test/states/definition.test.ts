/** What a definition may say, and how it is refused by name. */
import { describe, expect, it } from 'vitest';
import { createFakeStates, invoke, machine, ROLE_ARN } from './simulator.ts';

const PASS = { Type: 'Pass', End: true };
const SUCCEED = { Type: 'Succeed' };

async function problemsOf(definition: unknown): Promise<string> {
  const states = createFakeStates();
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
  const { result, diagnostics = [] } = await states.call('ValidateStateMachineDefinition', {
    definition: text,
  });
  expect(result).toBe(diagnostics.length === 0 ? 'OK' : 'FAIL');
  return diagnostics.map(({ code, message, location }) => `${code}: ${message} at ${location}`).join('\n');
}

describe('a definition', () => {
  it('is accepted with every type of state', async () => {
    const branch = (name: string) => ({ StartAt: name, States: { [name]: PASS } });
    const catcher = [
      { ErrorEquals: ['States.ALL'], Next: 'Failed', Assign: { e: '{% $states.errorOutput.Error %}' } },
    ];
    const retrier = [
      {
        ErrorEquals: ['A', 'B'],
        IntervalSeconds: 3,
        MaxDelaySeconds: 30,
        JitterStrategy: 'FULL',
        BackoffRate: 1.5,
      },
    ];
    const definition = machine(
      {
        Pass: { Type: 'Pass', Assign: { a: 1 }, Next: 'Task' },
        Task: invoke('f', { TimeoutSeconds: '{% $a %}', Retry: retrier, Catch: catcher, Next: 'Choice' }),
        Choice: {
          Type: 'Choice',
          Choices: [{ Condition: '{% $a = 1 %}', Next: 'Wait' }],
          Default: 'Parallel',
        },
        Wait: { Type: 'Wait', Timestamp: '2026-01-01T00:00:00Z', Next: 'Parallel' },
        Parallel: { Type: 'Parallel', Branches: [branch('One'), branch('Two')], Catch: catcher, Next: 'Map' },
        Map: { Type: 'Map', Items: [1], ItemProcessor: branch('Item'), Next: 'Done' },
        Done: SUCCEED,
        Failed: { Type: 'Fail', Error: 'E', Cause: '{% $e %}' },
      },
      { TimeoutSeconds: 60, Comment: 'all', Version: '1.0' },
    );
    expect(await problemsOf(definition)).toBe('');
  });

  it.each([
    [
      'no QueryLanguage',
      { StartAt: 'A', States: { A: PASS } },
      'QueryLanguage is missing, which means JSONPath',
    ],
    [
      'JSONPath as its language',
      { ...machine({ A: PASS }), QueryLanguage: 'JSONPath' },
      'QueryLanguage is "JSONPath"',
    ],
    [
      'a JSONPath state',
      machine({ A: { ...PASS, QueryLanguage: 'JSONPath' } }),
      `state 'A' has QueryLanguage "JSONPath"`,
    ],
    [
      'a JSONPath field',
      machine({ A: { ...PASS, ResultPath: '$.a' } }),
      `state 'A': field 'ResultPath' belongs to JSONPath`,
    ],
    [
      'a field it does not know',
      machine({ A: { ...PASS, Otput: 1 } }),
      `state 'A': field 'Otput' is not supported`,
    ],
    ['a type it does not know', machine({ A: { Type: 'Activity' } }), `state 'A' has Type "Activity"`],
    [
      'a Next that is not there',
      machine({ A: { Type: 'Pass', Next: 'B' } }),
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: B",
    ],
    [
      'a StartAt that is not there',
      { ...machine({ A: PASS }), StartAt: 'B' },
      "Missing 'Next' target: B at /StartAt",
    ],
    [
      'a state that nothing reaches',
      machine({ A: PASS, B: PASS }),
      'State "B" is not reachable. at /States/B',
    ],
    ['neither Next nor End', machine({ A: { Type: 'Pass' } }), 'exactly one of Next and "End"'],
    ['both Next and End', machine({ A: { ...PASS, Next: 'B' }, B: PASS }), 'exactly one of Next and "End"'],
    ['no JSON', '{', 'INVALID_JSON_DESCRIPTION'],
    [
      'an expression that does not parse',
      machine({ A: { ...PASS, Output: '{% 1 + %}' } }),
      'Output has a JSONata expression that does not parse',
    ],
    [
      '$states.result in a Pass',
      machine({ A: { ...PASS, Output: '{% $states.result %}' } }),
      '$states.result cannot be read in Output',
    ],
    [
      '$states.result in Arguments',
      machine({ A: { ...invoke('f'), Arguments: { FunctionName: '{% $states.result %}' }, End: true } }),
      '$states.result cannot be read in Arguments/FunctionName',
    ],
    [
      '$states.errorOutput outside a Catch',
      machine({ A: invoke('f', { Output: '{% $states.errorOutput %}', End: true }) }),
      '$states.errorOutput cannot be read',
    ],
    [
      'an unknown part of $states',
      machine({ A: { ...PASS, Output: '{% $states.inputs.a %}' } }),
      '$states.inputs cannot be read',
    ],
    [
      'a partial assignment',
      machine({ A: { ...PASS, Assign: { 'a.b': 1 } } }),
      `'a.b' is no variable that Assign can set`,
    ],
    [
      'an Assign to $states',
      machine({ A: { ...PASS, Assign: { states: 1 } } }),
      `'states' is no variable that Assign can set`,
    ],
    [
      'an Assign in a Fail',
      machine({ A: { Type: 'Fail', Assign: { a: 1 } } }),
      `state 'A': field 'Assign' is not supported`,
    ],
    [
      'States.ALL among others',
      machine({ A: invoke('f', { Retry: [{ ErrorEquals: ['A', 'States.ALL'] }], End: true }) }),
      'States.ALL must stand alone',
    ],
    [
      'States.ALL before others',
      machine({
        A: invoke('f', { Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['A'] }], End: true }),
      }),
      'States.ALL must stand alone',
    ],
    [
      'an integration that is not emulated',
      machine({
        A: {
          Type: 'Task',
          Resource: 'arn:aws:states:::aws-sdk:ecs:describeServices',
          Arguments: {},
          End: true,
        },
      }),
      "no integration 'aws-sdk:ecs:describeServices'",
    ],
    [
      'an argument of lambda:invoke that is not emulated',
      machine({
        A: { ...invoke('f'), Arguments: { FunctionName: 'f', InvocationType: 'Event' }, End: true },
      }),
      "does not know the argument 'InvocationType'",
    ],
    [
      'a distributed Map',
      machine({
        A: {
          Type: 'Map',
          ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'B', States: { B: PASS } },
          End: true,
        },
      }),
      'runs INLINE maps only',
    ],
    [
      'the same name twice',
      machine({ A: { Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: PASS } }], End: true } }),
      "the name of state 'A' is taken",
    ],
    [
      'a Wait with both',
      machine({ A: { Type: 'Wait', Seconds: 1, Timestamp: '2026-01-01T00:00:00Z', End: true } }),
      'exactly one of Seconds and Timestamp',
    ],
    [
      'a Timestamp without an offset',
      machine({ A: { Type: 'Wait', Timestamp: '2026-01-01T00:00:00', End: true } }),
      'must be an ISO 8601 date-time',
    ],
    [
      'a heartbeat not below the time-out',
      machine({ A: invoke('f', { TimeoutSeconds: 5, HeartbeatSeconds: 5, End: true }) }),
      'HeartbeatSeconds must be below',
    ],
    [
      'MaxAttempts below zero',
      machine({ A: invoke('f', { Retry: [{ ErrorEquals: ['A'], MaxAttempts: -1 }], End: true }) }),
      'MaxAttempts must be an integer from 0',
    ],
  ])('with %s is refused', async (_what, definition, expected) => {
    expect(await problemsOf(definition)).toContain(expected);
  });

  it('cannot assign an outer variable inside a branch', async () => {
    const inner = { StartAt: 'In', States: { In: { ...PASS, Assign: { a: 2 } } } };
    const definition = machine({
      A: { Type: 'Pass', Assign: { a: 1 }, Next: 'B' },
      B: { Type: 'Parallel', Branches: [inner], End: true },
    });
    expect(await problemsOf(definition)).toContain("state 'In' assigns 'a', a variable of an outer scope");
  });

  it('that is wrong makes no state machine, and says all that is wrong at once', async () => {
    const states = createFakeStates();
    const definition = JSON.stringify(machine({ A: { Type: 'Pass', Next: 'B', Resultt: 1 } }));
    await expect(
      states.call('CreateStateMachine', { name: 'm', definition, roleArn: ROLE_ARN }),
    ).rejects.toMatchObject({
      code: 'InvalidDefinition',
      message: expect.stringMatching(
        /Invalid State Machine Definition: '.*Resultt.*Missing 'Next' target: B/s,
      ),
    });
    expect((await states.call('ListStateMachines', {})).stateMachines).toEqual([]);
  });
});
