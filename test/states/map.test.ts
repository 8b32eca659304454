/** Map: concurrency, item inputs, tolerated failures. Events as recorded on AWS (see the corpus). */
import { describe, expect, it } from 'vitest';
import { createFakeStates, invoke, machine, namedError, typesOf } from './simulator.ts';

function mapOf(state: object, more: object = {}): object {
  return machine({
    M: { Type: 'Map', ItemProcessor: { StartAt: 'Item', States: { Item: state } }, End: true, ...more },
  });
}

/** A function that counts how many of it run at once. */
function createCounting() {
  const seen = { running: 0, most: 0 };
  const states = createFakeStates({
    functions: {
      work: async (item: number, wait) => {
        seen.running += 1;
        seen.most = Math.max(seen.most, seen.running);
        await wait(item);
        seen.running -= 1;
        if (item === 13) throw namedError('Unlucky');
        return item * 10;
      },
    },
  });
  return { states, seen };
}

const WORK = invoke('work', { End: true });

describe('a Map', () => {
  it.each([
    [1, 1],
    [3, 3],
    [0, 40],
  ])(
    'with MaxConcurrency %i runs at most %i at once, and keeps the order of the items',
    async (MaxConcurrency, most) => {
      const { states, seen } = createCounting();
      const items = Array.from({ length: 50 }, (_, index) => 100 - index);
      const { output } = await states.run(mapOf(WORK, { MaxConcurrency }), items);
      expect(JSON.parse(output ?? '')).toEqual(items.map((item) => item * 10));
      expect(seen.most).toBe(most);
    },
  );

  it('gives each iteration its item, its index and its own variables', async () => {
    const states = createFakeStates();
    const ItemSelector = {
      n: '{% $states.context.Map.Item.Index %}',
      v: '{% $states.context.Map.Item.Value %}',
      all: '{% $states.input.list %}',
    };
    const { output } = await states.run(
      mapOf({ Type: 'Pass', End: true }, { Items: '{% $states.input.list %}', ItemSelector }),
      { list: ['a', 'b'] },
    );
    expect(JSON.parse(output ?? '')).toEqual([
      { n: 0, v: 'a', all: ['a', 'b'] },
      { n: 1, v: 'b', all: ['a', 'b'] },
    ]);
  });

  it('fails as its first failed item does, and ends the others', async () => {
    const { states } = createCounting();
    const { error, history } = await states.run(mapOf(WORK), [13, 20, 30]);
    expect(error).toBe('Unlucky');
    expect(typesOf(history).filter((type) => /Aborted|MapStateFailed|IterationFailed/.test(type))).toEqual([
      ...[
        'MapIterationFailed',
        'TaskStateAborted',
        'MapIterationAborted',
        'TaskStateAborted',
        'MapIterationAborted',
        'TaskStateAborted',
      ],
      'MapStateFailed',
    ]);
  });

  it('puts up with as many failures as it may, by count', async () => {
    const { states } = createCounting();
    const result = await states.run(mapOf(WORK, { ToleratedFailureCount: 1 }), [13, 2]);
    expect(JSON.parse(result.output ?? '')).toMatchObject([{ Error: 'Unlucky' }, 20]);
  });

  it.each([
    ['count', { ToleratedFailureCount: 1 }],
    ['percentage', { ToleratedFailurePercentage: '{% 50 %}' }],
  ])('fails as exceeded above the tolerated %s', async (_what, tolerance) => {
    const { states } = createCounting();
    expect((await states.run(mapOf(WORK, tolerance), [13, 13, 1])).error).toBe(
      'States.ExceedToleratedFailureThreshold',
    );
  });

  it('can catch what is no array', async () => {
    const states = createFakeStates();
    const caught = [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'C' }];
    const definition = machine({
      M: {
        Type: 'Map',
        Items: '{% 1 %}',
        ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } },
        Catch: caught,
        End: true,
      },
      C: { Type: 'Succeed' },
    });
    expect(JSON.parse((await states.run(definition)).output ?? '').Cause).toContain(
      "Expected 'array', but was 'number'",
    );
  });
});
