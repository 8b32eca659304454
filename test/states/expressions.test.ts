/** JSONata as Step Functions evaluates it, with time and chance of the local cloud only. */
import { describe, expect, it } from 'vitest';
import { createFakeStates, machine } from './simulator.ts';

async function evaluate(expression: string, input: unknown = {}, seed = 'states'): Promise<unknown> {
  const states = createFakeStates({ seed });
  const { output, error, cause } = await states.run(
    machine({ A: { Type: 'Pass', Output: `{% ${expression} %}`, End: true } }),
    input,
  );
  return output === undefined ? `${error}: ${cause}` : JSON.parse(output);
}

describe('time in an expression', () => {
  it('is the cloud clock, for $now, $millis and incomplete dates', async () => {
    expect(await evaluate('[$now(), $millis(), $now("[Y]"), $toMillis("13:30", "[H]:[m]")]')).toEqual([
      '2026-01-01T00:00:00.000Z',
      Date.UTC(2026, 0, 1),
      '2026',
      Date.UTC(2026, 0, 1, 13, 30),
    ]);
  });

  it('moves with the clock from state to state', async () => {
    const states = createFakeStates();
    const { output } = await states.run(
      machine({
        W: { Type: 'Wait', Seconds: 90, Next: 'A' },
        A: { Type: 'Pass', Output: '{% $now() %}', End: true },
      }),
    );
    expect(output).toBe('"2026-01-01T00:01:30.000Z"');
  });

  it('without a zone is UTC, wherever the simulator runs', async () => {
    expect(await evaluate('$toMillis("2026-03-29T02:30:00")')).toBe(Date.UTC(2026, 2, 29, 2, 30));
  });
});

describe('chance in an expression', () => {
  const EXPRESSION = '[$random(), $uuid(), $shuffle([1..20])]';

  it('comes from the seed alone', async () => {
    expect(await evaluate(EXPRESSION, {}, 'one')).toEqual(await evaluate(EXPRESSION, {}, 'one'));
    expect(await evaluate(EXPRESSION, {}, 'one')).not.toEqual(await evaluate(EXPRESSION, {}, 'two'));
  });

  it('with a seed of its own is the same everywhere', async () => {
    expect(await evaluate('$random(7)', {}, 'one')).toBe(await evaluate('$random(7)', {}, 'two'));
  });

  it('stays in its range and shape', async () => {
    const [random, uuid, ...shuffled] = (await evaluate(EXPRESSION)) as [number, string, ...number[]];
    expect(random).toBeGreaterThanOrEqual(0);
    expect(random).toBeLessThan(1);
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });
});

describe('the functions of Step Functions', () => {
  it.each([
    ['$partition([1,2,3,4,5], 2)', [[1, 2], [3, 4], [5]]],
    ['$range(0, 9, 3)', [0, 3, 6, 9]],
    ['$range(9, 0, -3)', [9, 6, 3, 0]],
    ['$hash("abc", "SHA-1")', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['$parse("{\\"a\\":[1]}").a', [1]],
  ])('%s', async (expression, expected) => {
    expect(await evaluate(expression)).toEqual(expected);
  });

  it.each([
    ['$eval("1 + 1")', 'T1006'],
    ['$parse("{")', 'threw an error during evaluation'],
    ['$hash("abc", "CRC")', 'argument 2 of function $hash must be one of MD5'],
    ['$range(0, 100000, 1)', 'at most 1000 elements'],
    ['$sum("a")', 'T0412'],
    ['($f := function($n) { 1 + $f($n) }; $f(1))', 'D1011'],
  ])('%s fails', async (expression, expected) => {
    expect(await evaluate(expression)).toContain('States.QueryEvaluationError');
    expect(await evaluate(expression)).toContain(expected);
  });
});

describe('an expression', () => {
  it('that gives a function cannot be a result', async () => {
    expect(await evaluate('function($x) { $x }')).toContain('returned an unsupported result type.');
  });

  it('sees the whole context', async () => {
    const states = createFakeStates();
    const arn = await states.create(
      machine({ A: { Type: 'Pass', Output: '{% $states.context %}', End: true } }),
      'deploy',
    );
    const { output = '' } = await states.finish(await states.start(arn, { a: 1 }, 'first'));
    expect(JSON.parse(output)).toEqual({
      Execution: {
        Id: 'arn:aws:states:us-east-1:000000000000:execution:deploy:first',
        Input: { a: 1 },
        StartTime: '2026-01-01T00:00:00Z',
        Name: 'first',
        RoleArn: 'arn:aws:iam::000000000000:role/states',
        RedriveCount: 0,
      },
      StateMachine: { Id: arn, Name: 'deploy' },
      State: { Name: 'A', EnteredTime: '2026-01-01T00:00:00Z' },
    });
  });

  it('sees the values at the entry of the state, whatever the state assigns', async () => {
    const states = createFakeStates();
    const { output } = await states.run(
      machine({
        A: { Type: 'Pass', Assign: { x: 1, y: 2 }, Next: 'B' },
        B: { Type: 'Pass', Assign: { x: '{% $y %}', y: '{% $x %}' }, Output: '{% [$x, $y] %}', Next: 'C' },
        C: { Type: 'Pass', Output: '{% [$states.input, $x, $y] %}', End: true },
      }),
    );
    expect(JSON.parse(output ?? '')).toEqual([1, 2, 2, 1]);
  });

  it('cannot change the input that other states see', async () => {
    const states = createFakeStates();
    const { history } = await states.run(
      machine({
        A: { Type: 'Pass', Assign: { x: '{% $states.input.list[] %}' }, Next: 'B' },
        B: { Type: 'Pass', Output: '{% $append($x, 3) ~> $reverse %}', End: true },
      }),
      { list: [1] },
    );
    expect(history.at(-1)?.executionSucceededEventDetails?.output).toBe('[3,1]');
    expect(history[2]?.stateExitedEventDetails?.output).toBe('{"list":[1]}');
  });
});
