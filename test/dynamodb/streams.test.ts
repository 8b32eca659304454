/** Streams and time to live: what is told of each change, and what goes by itself. */
import { describe, expect, it } from 'vitest';
import { createDynamoDb } from '../../local/dynamodb/index.ts';
import type { ChangeRecord } from '../../local/simulators.ts';
import { clientOf, testPlatform } from '../local-platform.ts';

const TableName = 'watched';
const key = { pk: { S: 'a' } };

async function watchedTable() {
  const platform = testPlatform();
  const simulator = createDynamoDb(platform);
  const db = clientOf(simulator.operations);
  const { TableDescription } = await db.CreateTable({
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  const records: ChangeRecord[] = [];
  const streamArn = TableDescription?.LatestStreamArn ?? '';
  simulator.streams.follow(streamArn, (record) => records.push(record));
  return { db, clock: platform.clock, streamArn, records, streams: simulator.streams };
}

describe('a stream', () => {
  it('tells of each change with its images, in order', async () => {
    const { db, records, streamArn } = await watchedTable();
    await db.PutItem({ TableName, Item: { ...key, n: { N: '1' }, b: { B: new Uint8Array([1, 2]) } } });
    await db.UpdateItem({
      TableName,
      Key: key,
      UpdateExpression: 'SET n = :n',
      ExpressionAttributeValues: { ':n': { N: '2' } },
    });
    await db.DeleteItem({ TableName, Key: key });

    const image = (n: string) => ({ ...key, n: { N: n }, b: { B: 'AQI=' } });
    expect(records).toMatchObject([
      { eventName: 'INSERT', eventSourceARN: streamArn, dynamodb: { Keys: key, NewImage: image('1') } },
      { eventName: 'MODIFY', dynamodb: { OldImage: image('1'), NewImage: image('2') } },
      { eventName: 'REMOVE', dynamodb: { OldImage: image('2') } },
    ]);
    const sequences = records.map(({ dynamodb }) => dynamodb.SequenceNumber);
    expect([...new Set(sequences)].sort()).toEqual(sequences);
    expect(records[0]).not.toHaveProperty('dynamodb.OldImage');
  });

  it('tells nothing of writes that change nothing, that fail, or that only check', async () => {
    const { db, records } = await watchedTable();
    const Item = { ...key, tags: { SS: ['x', 'y'] } };
    await db.PutItem({ TableName, Item });
    await db.PutItem({ TableName, Item: { ...key, tags: { SS: ['y', 'x'] } } });
    const check = { TableName, Key: key, ConditionExpression: 'attribute_not_exists(pk)' };
    await expect(
      db.TransactWriteItems({
        TransactItems: [{ Put: { TableName, Item: { pk: { S: 'b' } } } }, { ConditionCheck: check }],
      }),
    ).rejects.toThrow('cancelled');
    expect(records).toHaveLength(1);
  });

  it('that does not exist cannot be followed', async () => {
    const { streams } = await watchedTable();
    expect(() => streams.follow('arn:aws:dynamodb:x/stream/y', () => {})).toThrow('Stream');
  });
});

describe('time to live', () => {
  it('removes an item once it is over, as DynamoDB itself, and leaves the others', async () => {
    const { db, clock, records } = await watchedTable();
    const expires = (seconds: number) => ({ N: String(Math.floor(clock.now() / 1000) + seconds) });
    const put = (pk: string, more: object) => db.PutItem({ TableName, Item: { pk: { S: pk }, ...more } });
    await db.UpdateTimeToLive({
      TableName,
      TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' },
    });
    await put('soon', { expires: expires(60) });
    await put('later', { expires: expires(600) });
    await put('never', { expires: { S: 'no number' } });
    clock.setTimer(61_000, () => {});
    await clock.run(() => false, 61_000);

    const { Items = [] } = await db.Scan({ TableName });
    expect(Items.map(({ pk }) => pk?.S).sort()).toEqual(['later', 'never']);
    expect(records.at(-1)).toMatchObject({
      eventName: 'REMOVE',
      dynamodb: { Keys: { pk: { S: 'soon' } } },
      userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
    });
  });
});
