/** Transactions: all or nothing, reasons in order, tokens that make twice once. */
import { describe, expect, it } from 'vitest';
import { key, ordersTable, TABLE } from './orders-table.ts';

const lock = (by: string) => ({
  Update: {
    TableName: TABLE,
    Key: key('lock', 0),
    UpdateExpression: 'SET holder = :by ADD fence :one',
    ConditionExpression: 'attribute_not_exists(holder)',
    ExpressionAttributeValues: { ':by': { S: by }, ':one': { N: '1' } },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  },
});
const record = (by: string) => ({
  Put: { TableName: TABLE, Item: { ...key(by, 1), kind: { S: 'history' } } },
});

describe('TransactWriteItems', () => {
  it('does everything, or nothing and says why for each action in order', async () => {
    const { db } = await ordersTable();
    await db.TransactWriteItems({ TransactItems: [record('first'), lock('first')] });

    await expect(
      db.TransactWriteItems({ TransactItems: [record('second'), lock('second')] }),
    ).rejects.toMatchObject({
      code: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]',
      fields: {
        CancellationReasons: [
          { Code: 'None' },
          {
            Code: 'ConditionalCheckFailed',
            Message: 'The conditional request failed',
            Item: { ...key('lock', 0), holder: { S: 'first' }, fence: { N: '1' } },
          },
        ],
      },
    });
    expect(await db.GetItem({ TableName: TABLE, Key: key('second', 1) })).toEqual({});
  });

  it('checks an item that it does not change, and deletes', async () => {
    const { db } = await ordersTable();
    await db.TransactWriteItems({ TransactItems: [record('first'), lock('first')] });
    const check = (by: string) => ({
      ConditionCheck: {
        TableName: TABLE,
        Key: key('lock', 0),
        ConditionExpression: 'holder = :by',
        ExpressionAttributeValues: { ':by': { S: by } },
      },
    });
    const remove = { Delete: { TableName: TABLE, Key: key('first', 1) } };

    await expect(db.TransactWriteItems({ TransactItems: [remove, check('second')] })).rejects.toMatchObject({
      code: 'TransactionCanceledException',
    });
    expect((await db.GetItem({ TableName: TABLE, Key: key('first', 1) })).Item).toBeDefined();
    await db.TransactWriteItems({ TransactItems: [remove, check('first')] });
    expect(await db.GetItem({ TableName: TABLE, Key: key('first', 1) })).toEqual({});
  });

  it('reports an update that the item does not allow as a reason', async () => {
    const { db } = await ordersTable();
    const update = {
      Update: {
        TableName: TABLE,
        Key: key('a', 1),
        UpdateExpression: 'SET deep.er = :x',
        ExpressionAttributeValues: { ':x': { S: 'x' } },
      },
    };
    await expect(
      db.TransactWriteItems({ TransactItems: [record('a'.repeat(3)), update] }),
    ).rejects.toMatchObject({
      fields: { CancellationReasons: [{ Code: 'None' }, { Code: 'ValidationError' }] },
    });
  });

  it('refuses two actions on one item, none, and more than a hundred', async () => {
    const { db } = await ordersTable();
    await expect(db.TransactWriteItems({ TransactItems: [lock('a'), lock('b')] })).rejects.toThrow(
      'Transaction request cannot include multiple operations on one item',
    );
    await expect(db.TransactWriteItems({ TransactItems: [] })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    const many = Array.from({ length: 101 }, (_, n) => record(`r${n}`));
    await expect(db.TransactWriteItems({ TransactItems: many })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  it('answers the same token with the same request once more, without doing it again', async () => {
    const { db } = await ordersTable();
    const request = (amount: number) => ({
      ClientRequestToken: 'token',
      TransactItems: [
        {
          Update: {
            TableName: TABLE,
            Key: key('counter', 0),
            UpdateExpression: 'ADD runs :n',
            ExpressionAttributeValues: { ':n': { N: String(amount) } },
          },
        },
      ],
    });
    await db.TransactWriteItems(request(1));
    expect(await db.TransactWriteItems(request(1))).toEqual({});
    await expect(db.TransactWriteItems(request(2))).rejects.toMatchObject({
      code: 'IdempotentParameterMismatchException',
    });
    expect((await db.GetItem({ TableName: TABLE, Key: key('counter', 0) })).Item?.runs).toEqual({ N: '1' });
  });

  it('forgets a token after ten minutes', async () => {
    const { db, clock } = await ordersTable();
    const request = { ClientRequestToken: 'token', TransactItems: [{ ...lock('first') }] };
    await db.TransactWriteItems(request);
    void clock.sleep(10 * 60_000 + 1);
    await clock.run(() => clock.pendingCount === 0, 3_600_000);
    await expect(db.TransactWriteItems(request)).rejects.toMatchObject({
      code: 'TransactionCanceledException',
    });
  });
});

describe('TransactGetItems', () => {
  it('answers in the order asked, with an empty place for what is not there', async () => {
    const { db } = await ordersTable();
    await db.TransactWriteItems({ TransactItems: [record('a'), record('b')] });
    const get = (pk: string) => ({ Get: { TableName: TABLE, Key: key(pk, 1), ProjectionExpression: 'pk' } });
    const { Responses } = await db.TransactGetItems({ TransactItems: [get('b'), get('x'), get('a')] });
    expect(Responses).toEqual([{ Item: { pk: { S: 'b' } } }, {}, { Item: { pk: { S: 'a' } } }]);
  });
});
