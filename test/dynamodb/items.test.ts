/** Items: conditional writes, what they return, and what they refuse. */
import { describe, expect, it } from 'vitest';
import type { Item } from '../../local/dynamodb/attribute-value.ts';
import { key, ordersTable, TABLE } from './orders-table.ts';

describe('a conditional write', () => {
  it('lets only the first of two creators win', async () => {
    const { db } = await ordersTable();
    const create = (by: string) =>
      db.PutItem({
        TableName: TABLE,
        Item: { ...key('a', 1), by: { S: by } },
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });

    await create('first');

    await expect(create('second')).rejects.toMatchObject({
      code: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      fields: { Item: { ...key('a', 1), by: { S: 'first' } } },
    });
    expect((await db.GetItem({ TableName: TABLE, Key: key('a', 1) })).Item?.by).toEqual({ S: 'first' });
  });

  it('keeps the item to itself unless asked for it', async () => {
    const { db } = await ordersTable();
    await db.PutItem({ TableName: TABLE, Item: key('a', 1) });
    const put = db.PutItem({
      TableName: TABLE,
      Item: key('a', 1),
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    await expect(put).rejects.toMatchObject({ fields: {} });
  });

  it('changes nothing when it fails', async () => {
    const { db } = await ordersTable();
    await db.PutItem({ TableName: TABLE, Item: { ...key('a', 1), fence: { N: '7' } } });
    const stale = { ':mine': { N: '6' }, ':next': { N: '8' } };
    const update = db.UpdateItem({
      TableName: TABLE,
      Key: key('a', 1),
      UpdateExpression: 'SET fence = :next',
      ConditionExpression: 'fence = :mine',
      ExpressionAttributeValues: stale,
    });
    await expect(update).rejects.toMatchObject({ code: 'ConditionalCheckFailedException' });
    const remove = db.DeleteItem({
      TableName: TABLE,
      Key: key('a', 1),
      ConditionExpression: 'fence = :mine',
      ExpressionAttributeValues: { ':mine': { N: '6' } },
    });
    await expect(remove).rejects.toMatchObject({ code: 'ConditionalCheckFailedException' });
    expect((await db.GetItem({ TableName: TABLE, Key: key('a', 1) })).Item?.fence).toEqual({ N: '7' });
  });
});

describe('return values', () => {
  it('are the item before or after, whole or only what was written', async () => {
    const { db } = await ordersTable();
    await db.PutItem({
      TableName: TABLE,
      Item: { ...key('a', 1), n: { N: '1' }, m: { M: { x: { S: 'x' }, y: { S: 'y' } } } },
    });
    const update = (ReturnValues: 'ALL_OLD' | 'UPDATED_OLD' | 'UPDATED_NEW' | 'ALL_NEW') =>
      db.UpdateItem({
        TableName: TABLE,
        Key: key('a', 1),
        UpdateExpression: 'SET n = n + :one, m.x = :s',
        ExpressionAttributeValues: { ':one': { N: '1' }, ':s': { S: 's' } },
        ReturnValues,
      });
    expect((await update('UPDATED_OLD')).Attributes).toEqual({ n: { N: '1' }, m: { M: { x: { S: 'x' } } } });
    expect((await update('UPDATED_NEW')).Attributes).toEqual({ n: { N: '3' }, m: { M: { x: { S: 's' } } } });
    expect((await update('ALL_OLD')).Attributes?.n).toEqual({ N: '3' });
    expect((await update('ALL_NEW')).Attributes).toMatchObject({
      ...key('a', 1),
      n: { N: '5' },
      m: { M: { y: { S: 'y' } } },
    });
    const put = await db.PutItem({ TableName: TABLE, Item: key('a', 1), ReturnValues: 'ALL_OLD' });
    expect(put.Attributes?.n).toEqual({ N: '5' });
    expect(await db.DeleteItem({ TableName: TABLE, Key: key('z', 1), ReturnValues: 'ALL_OLD' })).toEqual({});
  });

  it('are copies: changing them changes nothing stored', async () => {
    const { db } = await ordersTable();
    await db.PutItem({ TableName: TABLE, Item: { ...key('a', 1), list: { L: [{ S: 'x' }] } } });
    const read = async () => (await db.GetItem({ TableName: TABLE, Key: key('a', 1) })).Item?.list?.L;
    (await read())?.push({ S: 'intruder' });
    expect(await read()).toEqual([{ S: 'x' }]);
  });
});

describe('an update', () => {
  it('makes the item if there is none', async () => {
    const { db } = await ordersTable();
    await db.UpdateItem({
      TableName: TABLE,
      Key: key('a', 1),
      UpdateExpression: 'ADD #n :one',
      ExpressionAttributeNames: { '#n': 'number' },
      ExpressionAttributeValues: { ':one': { N: '1' } },
    });
    expect((await db.GetItem({ TableName: TABLE, Key: key('a', 1) })).Item).toEqual({
      ...key('a', 1),
      number: { N: '1' },
    });
  });

  it('may not touch the key', async () => {
    const { db } = await ordersTable();
    const update = db.UpdateItem({
      TableName: TABLE,
      Key: key('a', 1),
      UpdateExpression: 'SET sk = :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    });
    await expect(update).rejects.toThrow('Cannot update attribute sk. This attribute is part of the key');
  });
});

describe('numbers', () => {
  it('are one key however they are spelled', async () => {
    const { db } = await ordersTable();
    await db.PutItem({ TableName: TABLE, Item: { pk: { S: 'a' }, sk: { N: '1.50e1' } } });
    const { Item } = await db.GetItem({ TableName: TABLE, Key: { pk: { S: 'a' }, sk: { N: '015.0' } } });
    expect(Item?.sk).toEqual({ N: '15' });
  });
});

describe('a request is refused', () => {
  const put = async (attributes: object, more: object = {}) => {
    const { db } = await ordersTable();
    return db.PutItem({ TableName: TABLE, Item: { ...key('a', 1), ...attributes }, ...more });
  };
  it.each<[string, object, object, RegExp]>([
    ['for an undefined table', {}, { TableName: 'other' }, /^Requested resource not found$/],
    [
      'for an unused name',
      {},
      { ConditionExpression: 'attribute_exists(x)', ExpressionAttributeNames: { '#a': 'a' } },
      /^Value provided in ExpressionAttributeNames unused in expressions: keys: \{#a\}$/,
    ],
    [
      'for an unused value',
      {},
      { ConditionExpression: 'attribute_exists(x)', ExpressionAttributeValues: { ':a': { S: '' } } },
      /^Value provided in ExpressionAttributeValues unused in expressions: keys: \{:a\}$/,
    ],
    [
      'for names without an expression',
      {},
      { ExpressionAttributeNames: { '#a': 'a' } },
      /^ExpressionAttributeNames can only be specified when using expressions$/,
    ],
    [
      'for values without an expression',
      {},
      { ExpressionAttributeValues: { ':a': { S: '' } } },
      /when using expressions: ConditionExpression is null$/,
    ],
    [
      'for a misspelled placeholder',
      {},
      { ConditionExpression: 'attribute_exists(x)', ExpressionAttributeNames: { a: 'a' } },
      /contains invalid key: Syntax error; key: "a"$/,
    ],
    ['for an empty key string', { pk: { S: '' } }, {}, /cannot contain an empty string value. Key: pk$/],
    [
      'for a key of the wrong type',
      { sk: { S: '1' } },
      {},
      /Type mismatch for key sk expected: N actual: S$/,
    ],
    [
      'for an index key of the wrong type',
      { phase: { N: '1' } },
      {},
      /Type mismatch for Index Key phase Expected: S Actual: N IndexName: by-phase$/,
    ],
    ['for a value of two types', { x: { S: 'a', N: '1' } }, {}, /more than one datatypes set/],
    ['for an empty set', { x: { SS: [] } }, {}, /may not be empty$/],
    ['for a duplicate in a set of numbers', { x: { NS: ['1', '1.0'] } }, {}, /contains duplicates/],
    ['for what is no number', { x: { N: 'one' } }, {}, /cannot be converted to a numeric value: one$/],
    ['for 39 digits', { x: { N: '1'.repeat(39) } }, {}, /more than 38 significant digits/],
    ['for a number too large', { x: { N: '1e126' } }, {}, /Number overflow/],
    [
      'for an item above 400 KB',
      { x: { S: 'x'.repeat(400 * 1024) } },
      {},
      /^Item size has exceeded the maximum allowed size$/,
    ],
    ['for other return values', {}, { ReturnValues: 'ALL_NEW' }, /Return values set to invalid value/],
    ['for a legacy condition', {}, { Expected: {} }, /does not implement PutItem with Expected$/],
    [
      'for an account of its cost',
      {},
      { ReturnConsumedCapacity: 'TOTAL' },
      /does not implement PutItem with ReturnConsumedCapacity$/,
    ],
  ])('%s', async (_, attributes, more, message) => {
    await expect(put(attributes, more)).rejects.toThrow(message);
  });

  it('for a key that is not the table’s', async () => {
    const { db } = await ordersTable();
    const wrong: Item[] = [
      { pk: { S: 'a' } },
      { ...key('a', 1), more: { S: 'x' } },
      { pk: { S: 'a' }, sk: { S: '1' } },
    ];
    for (const Key of wrong) {
      await expect(db.GetItem({ TableName: TABLE, Key })).rejects.toThrow(
        'The provided key element does not match the schema',
      );
    }
  });

  it('for an item without its key', async () => {
    const { db } = await ordersTable();
    const put = db.PutItem({ TableName: TABLE, Item: { pk: { S: 'a' } } });
    await expect(put).rejects.toThrow('Missing the key sk in the item');
  });
});

describe('batches', () => {
  it('write and read many items at once', async () => {
    const { db } = await ordersTable();
    const requests = [1, 2, 3].map((n) => ({ PutRequest: { Item: key('a', n) } }));
    expect(await db.BatchWriteItem({ RequestItems: { [TABLE]: requests } })).toEqual({
      UnprocessedItems: {},
    });
    await db.BatchWriteItem({ RequestItems: { [TABLE]: [{ DeleteRequest: { Key: key('a', 2) } }] } });
    const { Responses } = await db.BatchGetItem({
      RequestItems: { [TABLE]: { Keys: [1, 2, 3].map((n) => key('a', n)) } },
    });
    expect(Responses?.[TABLE]).toEqual([key('a', 1), key('a', 3)]);
  });

  it('refuse duplicates and too many', async () => {
    const { db } = await ordersTable();
    const keys = { [TABLE]: { Keys: [key('a', 1), key('a', 1)] } };
    await expect(db.BatchGetItem({ RequestItems: keys })).rejects.toThrow(
      'Provided list of item keys contains duplicates',
    );
    const many = Array.from({ length: 26 }, (_, n) => ({ PutRequest: { Item: key('a', n) } }));
    await expect(db.BatchWriteItem({ RequestItems: { [TABLE]: many } })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });
});
