/** A small table for tests: orders, by customer and number, indexed by phase. */
import { createDynamoDb } from '../../local/dynamodb/index.ts';
import { clientOf, testPlatform } from '../local-platform.ts';

export const TABLE = 'orders';

/** A fresh simulator with the table in it. */
export async function ordersTable() {
  const platform = testPlatform();
  const db = clientOf(createDynamoDb(platform).operations);
  await db.CreateTable({
    TableName: TABLE,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'N' },
      { AttributeName: 'phase', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-phase',
        KeySchema: [
          { AttributeName: 'phase', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['price'] },
      },
    ],
  });
  return { db, clock: platform.clock };
}

export const key = (pk: string, sk: number) => ({ pk: { S: pk }, sk: { N: String(sk) } });
