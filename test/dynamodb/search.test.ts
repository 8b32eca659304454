/** Query and Scan: order, filters, pages, indexes. */
import { describe, expect, it } from 'vitest';
import { key, ordersTable, TABLE } from './orders-table.ts';

type Db = Awaited<ReturnType<typeof ordersTable>>['db'];
type QueryInput = Parameters<Db['Query']>[0];

async function filled() {
  const { db } = await ordersTable();
  for (const n of [10, 9, 100, -1, 2]) {
    await db.PutItem({
      TableName: TABLE,
      Item: { ...key('a', n), price: { N: String(n * 2) }, phase: { S: n > 5 ? 'DONE' : 'OPEN' } },
    });
  }
  await db.PutItem({ TableName: TABLE, Item: key('b', 5) });
  const numbers = (items: { sk?: { N?: string } }[] = []) => items.map(({ sk }) => Number(sk?.N));
  const query = (more: Partial<QueryInput> = {}) =>
    db.Query({
      TableName: TABLE,
      KeyConditionExpression: 'pk = :a',
      ...more,
      ExpressionAttributeValues: { ':a': { S: 'a' }, ...more.ExpressionAttributeValues },
    });
  return { db, query, numbers };
}

describe('Query', () => {
  it('gives a partition in numeric order, forwards and backwards', async () => {
    const { query, numbers } = await filled();
    expect(numbers((await query()).Items)).toEqual([-1, 2, 9, 10, 100]);
    expect(numbers((await query({ ScanIndexForward: false })).Items)).toEqual([100, 10, 9, 2, -1]);
  });

  it('narrows by the range key', async () => {
    const { query, numbers } = await filled();
    const by = async (text: string, values: Record<string, { N: string }>) =>
      numbers(
        (await query({ KeyConditionExpression: `pk = :a AND ${text}`, ExpressionAttributeValues: values }))
          .Items,
      );
    expect(await by('sk BETWEEN :x AND :y', { ':x': { N: '2' }, ':y': { N: '10' } })).toEqual([2, 9, 10]);
    expect(await by('sk > :x', { ':x': { N: '9.5' } })).toEqual([10, 100]);
    expect(await by('(sk = :x)', { ':x': { N: '9' } })).toEqual([9]);
  });

  it('pages by what it evaluates, before the filter', async () => {
    const { query, numbers } = await filled();
    const filter = {
      FilterExpression: 'price > :p',
      ExpressionAttributeValues: { ':p': { N: '17' } },
      Limit: 2,
    };
    const first = await query(filter);
    expect(first).toMatchObject({ Count: 0, ScannedCount: 2, LastEvaluatedKey: key('a', 2) });
    const second = await query({ ...filter, ExclusiveStartKey: first.LastEvaluatedKey });
    expect(numbers(second.Items)).toEqual([9, 10]);
    const third = await query({ ...filter, ExclusiveStartKey: second.LastEvaluatedKey });
    expect(numbers(third.Items)).toEqual([100]);
    expect(third.LastEvaluatedKey).toBeUndefined();
  });

  it('ends a page at one megabyte', async () => {
    const { db, query } = await filled();
    for (const n of [1, 3, 4])
      await db.PutItem({ TableName: TABLE, Item: { ...key('a', n), blob: { S: 'x'.repeat(390_000) } } });
    const { LastEvaluatedKey } = await query();
    expect(LastEvaluatedKey).toEqual(key('a', 4));
  });

  it('reads an index, which holds only the items that have its key, and what it projects', async () => {
    const { query, numbers } = await filled();
    const open = await query({
      IndexName: 'by-phase',
      KeyConditionExpression: 'phase = :a',
      ExpressionAttributeValues: { ':a': { S: 'OPEN' } },
      Limit: 1,
    });
    expect(open.Items).toEqual([{ ...key('a', -1), phase: { S: 'OPEN' }, price: { N: '-2' } }]);
    expect(open.LastEvaluatedKey).toEqual({ ...key('a', -1), phase: { S: 'OPEN' } });
    const rest = await query({
      IndexName: 'by-phase',
      KeyConditionExpression: 'phase = :a',
      ExpressionAttributeValues: { ':a': { S: 'OPEN' } },
      ExclusiveStartKey: open.LastEvaluatedKey,
    });
    expect(numbers(rest.Items)).toEqual([2]);
  });

  it('counts without items, and projects', async () => {
    const { query } = await filled();
    expect(await query({ Select: 'COUNT' })).toEqual({ Count: 5, ScannedCount: 5 });
    expect((await query({ ProjectionExpression: 'price', Limit: 1 })).Items).toEqual([
      { price: { N: '-2' } },
    ]);
  });

  it.each<[string, Partial<QueryInput>, RegExp]>([
    [
      'without the hash key',
      { KeyConditionExpression: 'sk = :a' },
      /^Query condition missed key schema element: pk$/,
    ],
    [
      'with an inequality of the hash key',
      { KeyConditionExpression: 'pk > :a' },
      /Query key condition not supported/,
    ],
    [
      'with OR',
      { KeyConditionExpression: 'pk = :a OR pk = :a' },
      /Invalid operator used in KeyConditionExpression: OR$/,
    ],
    [
      'with another attribute',
      { KeyConditionExpression: 'pk = :a AND price = :a' },
      /Query condition missed key schema element: sk$/,
    ],
    [
      'with a value of another type',
      { KeyConditionExpression: 'pk = :a AND sk = :a' },
      /Condition parameter type does not match schema type$/,
    ],
    [
      'with a key in the filter',
      { FilterExpression: 'sk = :a' },
      /can only contain non-primary key attributes: Primary key attribute: sk$/,
    ],
    ['of an index that is not there', { IndexName: 'none' }, /does not have the specified index: none$/],
    [
      'of an index, consistently',
      { IndexName: 'by-phase', ConsistentRead: true },
      /Consistent reads are not supported/,
    ],
    ['from half a key', { ExclusiveStartKey: { pk: { S: 'a' } } }, /The provided starting key is invalid/],
    ['of no items', { Limit: 0 }, /greater than or equal to 1/],
  ])('is refused %s', async (_, input, message) => {
    const { query } = await filled();
    await expect(query(input)).rejects.toThrow(message);
  });
});

describe('Scan', () => {
  it('gives every item once over its pages, even if one page’s last item has gone meanwhile', async () => {
    const { db, numbers } = await filled();
    const seen: number[] = [];
    let start: Record<string, { S: string } | { N: string }> | undefined;
    for (let page = 0; page < 10; page += 1) {
      const { Items, LastEvaluatedKey } = await db.Scan({
        TableName: TABLE,
        Limit: 2,
        ExclusiveStartKey: start as never,
      });
      seen.push(...numbers(Items));
      if (!LastEvaluatedKey) break;
      await db.DeleteItem({ TableName: TABLE, Key: LastEvaluatedKey });
      start = LastEvaluatedKey as never;
    }
    expect(seen.sort((a, b) => a - b)).toEqual([-1, 2, 5, 9, 10, 100]);
  });

  it('filters', async () => {
    const { db, numbers } = await filled();
    const { Items, ScannedCount } = await db.Scan({
      TableName: TABLE,
      FilterExpression: 'attribute_not_exists(phase)',
    });
    expect([numbers(Items), ScannedCount]).toEqual([[5], 6]);
  });
});
