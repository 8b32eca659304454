/** AWS::DynamoDB: tables, by either of CloudFormation's two types. */
import { z } from 'zod';
import type { DynamoDbApi } from '../../wire/models.ts';
import { asGiven, type Created, flag, kind, number, perform, withoutEffect } from '../resource-kind.ts';
import type { WiringTarget } from '../target.ts';

const TABLE_NAME_MAX = 255;

const timeToLive = z.strictObject({ AttributeName: z.string().optional(), Enabled: flag }).optional();

const shared = {
  TableName: z.string().optional(),
  AttributeDefinitions: asGiven<DynamoDbApi.AttributeDefinition[]>(),
  KeySchema: asGiven<DynamoDbApi.KeySchemaElement[]>(),
  BillingMode: z.enum(['PAY_PER_REQUEST', 'PROVISIONED']).optional(),
  GlobalSecondaryIndexes: asGiven<DynamoDbApi.GlobalSecondaryIndex[]>(),
  LocalSecondaryIndexes: asGiven<DynamoDbApi.LocalSecondaryIndex[]>(),
  TimeToLiveSpecification: timeToLive,
  StreamSpecification: z
    .strictObject({ StreamViewType: z.string(), ResourcePolicy: withoutEffect })
    .optional(),
  // Backups and encryption at rest: nothing here outlives the process.
  SSESpecification: withoutEffect,
};

export const dynamodbTable = kind(
  {
    ...shared,
    ProvisionedThroughput: z
      .strictObject({ ReadCapacityUnits: number, WriteCapacityUnits: number })
      .optional(),
    PointInTimeRecoverySpecification: withoutEffect,
    DeletionProtectionEnabled: withoutEffect,
    Tags: withoutEffect,
  },
  async (properties, identity, target) => {
    const name = properties.TableName ?? identity.physicalName(TABLE_NAME_MAX);
    const { ProvisionedThroughput } = properties;
    return createTable(target, { ...tableInput(name, properties), ProvisionedThroughput }, properties);
  },
);

export const dynamodbGlobalTable = kind(
  {
    ...shared,
    // One Region: its own replica says nothing that has an effect here.
    Replicas: z.array(z.unknown()).max(1, 'the local cloud has one Region'),
  },
  async (properties, identity, target) => {
    const name = properties.TableName ?? identity.physicalName(TABLE_NAME_MAX);
    return createTable(target, tableInput(name, properties), properties);
  },
);

type TableProperties = Pick<
  DynamoDbApi.CreateTableCommandInput,
  'AttributeDefinitions' | 'KeySchema' | 'BillingMode' | 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes'
> & { StreamSpecification?: { StreamViewType: string } | undefined };

function tableInput(TableName: string, properties: TableProperties): DynamoDbApi.CreateTableCommandInput {
  const { AttributeDefinitions, KeySchema, BillingMode, GlobalSecondaryIndexes, LocalSecondaryIndexes } =
    properties;
  const { StreamSpecification } = properties;
  return {
    TableName,
    AttributeDefinitions,
    KeySchema,
    BillingMode,
    GlobalSecondaryIndexes,
    LocalSecondaryIndexes,
    ...(StreamSpecification && {
      StreamSpecification: {
        StreamEnabled: true,
        StreamViewType: StreamSpecification.StreamViewType as DynamoDbApi.StreamViewType,
      },
    }),
  };
}

async function createTable(
  { dynamodb }: WiringTarget,
  input: DynamoDbApi.CreateTableCommandInput,
  { TimeToLiveSpecification }: { TimeToLiveSpecification?: z.output<typeof timeToLive> },
): Promise<Created> {
  const { TableDescription } = await perform(dynamodb.CreateTable, input);
  const { TableName = '', TableArn = '', LatestStreamArn } = TableDescription ?? {};
  if (TimeToLiveSpecification?.Enabled) {
    const { AttributeName } = TimeToLiveSpecification;
    await perform(dynamodb.UpdateTimeToLive, {
      TableName,
      TimeToLiveSpecification: { AttributeName, Enabled: true },
    });
  }
  const attributes = { Arn: TableArn, ...(LatestStreamArn && { StreamArn: LatestStreamArn }) };
  return { ref: TableName, attributes };
}
