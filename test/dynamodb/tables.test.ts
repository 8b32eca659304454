/** Tables: made, described, listed, protected, deleted. */
import { describe, expect, it } from 'vitest';
import { key, ordersTable, TABLE } from './orders-table.ts';

describe('a table', () => {
  it('is described with its key, its count and an ARN that names it', async () => {
    const { db } = await ordersTable();
    await db.PutItem({ TableName: TABLE, Item: key('a', 1) });
    const TableArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/orders';
    const { Table } = await db.DescribeTable({ TableName: TableArn });
    expect(Table).toMatchObject({ TableName: TABLE, TableArn, TableStatus: 'ACTIVE', ItemCount: 1 });
  });

  it('can be made only once, and is gone when deleted', async () => {
    const { db } = await ordersTable();
    const { Table } = await db.DescribeTable({ TableName: TABLE });
    const { AttributeDefinitions, KeySchema } = Table ?? {};
    const again = {
      TableName: TABLE,
      AttributeDefinitions,
      KeySchema,
      BillingMode: 'PAY_PER_REQUEST' as const,
    };
    await expect(db.CreateTable(again)).rejects.toThrow(/not used/);
    const exact = { ...again, AttributeDefinitions: AttributeDefinitions?.slice(0, 2) };
    await expect(db.CreateTable(exact)).rejects.toMatchObject({ code: 'ResourceInUseException' });
    await db.DeleteTable({ TableName: TABLE });
    expect(await db.ListTables({})).toEqual({ TableNames: [] });
    await expect(db.DescribeTable({ TableName: TABLE })).rejects.toThrow(
      'Requested resource not found: Table: orders not found',
    );
  });

  it('is not deleted while protected', async () => {
    const { db } = await ordersTable();
    await db.CreateTable({
      TableName: 'kept',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      DeletionProtectionEnabled: true,
    });
    await expect(db.DeleteTable({ TableName: 'kept' })).rejects.toThrow(/protected against deletion/);
    expect(await db.ListTables({ Limit: 1 })).toEqual({
      TableNames: ['kept'],
      LastEvaluatedTableName: 'kept',
    });
    expect(await db.ListTables({ ExclusiveStartTableName: 'kept' })).toEqual({ TableNames: [TABLE] });
  });

  it('remembers point-in-time recovery and time to live', async () => {
    const { db } = await ordersTable();
    await db.UpdateContinuousBackups({
      TableName: TABLE,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
    const { ContinuousBackupsDescription } = await db.DescribeContinuousBackups({ TableName: TABLE });
    expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe(
      'ENABLED',
    );
    const TimeToLiveSpecification = { Enabled: true, AttributeName: 'expires' };
    await db.UpdateTimeToLive({ TableName: TABLE, TimeToLiveSpecification });
    expect((await db.DescribeTimeToLive({ TableName: TABLE })).TimeToLiveDescription).toEqual({
      TimeToLiveStatus: 'ENABLED',
      AttributeName: 'expires',
    });
    await expect(db.UpdateTimeToLive({ TableName: TABLE, TimeToLiveSpecification })).rejects.toThrow(
      'TimeToLive is already enabled',
    );
  });

  it('with a stream of keys or of one image only says that it has none', async () => {
    const { db } = await ordersTable();
    const input = {
      TableName: 'more',
      BillingMode: 'PAY_PER_REQUEST' as const,
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' as const }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' as const },
    };
    await expect(db.CreateTable(input)).rejects.toMatchObject({ code: 'NotImplemented', statusCode: 501 });
  });
});
