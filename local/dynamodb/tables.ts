/** The tables, and the operations on tables themselves. */
import { localArn } from '../arns.ts';
import type { Platform } from '../platform.ts';
import type { ChangeStreams } from '../simulators.ts';
import { refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { DynamoDbApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { itemSize } from './attribute-value.ts';
import { createStreams, type Streams } from './streams.ts';
import { type Index, keyNames, keySchemaOf, Table } from './table.ts';

const LIST_MAX = 100;
const RECOVERY_DAYS = 35;

export interface Tables {
  /**
   * A table by name or ARN.
   * @throws AwsError `ResourceNotFoundException`
   */
  named(nameOrArn: string | undefined): Table;
  readonly streams: ChangeStreams;
  readonly operations: Operations<typeof DynamoDbApi>;
}

export function createTables(platform: Platform): Tables {
  const tables = new Map<string, Table>();
  const streams = createStreams(platform);

  const named = (nameOrArn: string | undefined, message = 'Requested resource not found'): Table => {
    const table = tables.get(tableName(nameOrArn));
    if (!table) throw new AwsError('ResourceNotFoundException', message);
    table.expire(platform.clock.now());
    return table;
  };
  const described = (nameOrArn: string | undefined): Table =>
    named(nameOrArn, `Requested resource not found: Table: ${tableName(nameOrArn)} not found`);
  const controlled = (nameOrArn: string | undefined): Table => {
    const table = tables.get(tableName(nameOrArn));
    if (!table) throw new AwsError('TableNotFoundException', `Table not found: ${tableName(nameOrArn)}`);
    return table;
  };

  return {
    named: (nameOrArn) => named(nameOrArn),
    streams,
    operations: {
      CreateTable: (input) => {
        const table = newTable(platform, streams, input);
        if (tables.has(table.name))
          throw new AwsError('ResourceInUseException', `Table already exists: ${table.name}`);
        tables.set(table.name, table);
        return { TableDescription: describe(table) };
      },
      DescribeTable: ({ TableName }) => ({ Table: describe(described(TableName)) }),
      ListTables: ({ ExclusiveStartTableName, Limit = LIST_MAX }) =>
        listTables([...tables.keys()], Limit, ExclusiveStartTableName),
      DeleteTable: ({ TableName }) => {
        const table = described(TableName);
        if (table.description.DeletionProtectionEnabled) {
          throw invalid(
            'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
          );
        }
        tables.delete(table.name);
        return { TableDescription: { ...describe(table), TableStatus: 'DELETING' } };
      },
      UpdateContinuousBackups: ({ TableName, PointInTimeRecoverySpecification }) => {
        const table = controlled(TableName);
        const {
          PointInTimeRecoveryEnabled: enabled,
          RecoveryPeriodInDays: recoveryPeriodInDays = RECOVERY_DAYS,
        } = PointInTimeRecoverySpecification ?? {};
        table.pointInTimeRecovery = enabled
          ? { enabledAtMs: platform.clock.now(), recoveryPeriodInDays }
          : undefined;
        return { ContinuousBackupsDescription: describeBackups(table, platform.clock.now()) };
      },
      DescribeContinuousBackups: ({ TableName }) => ({
        ContinuousBackupsDescription: describeBackups(controlled(TableName), platform.clock.now()),
      }),
      UpdateTimeToLive: ({ TableName, TimeToLiveSpecification }) =>
        updateTimeToLive(described(TableName), TimeToLiveSpecification),
      DescribeTimeToLive: ({ TableName }) => {
        const { timeToLive } = described(TableName);
        const on = timeToLive?.enabled === true;
        return {
          TimeToLiveDescription: {
            TimeToLiveStatus: on ? 'ENABLED' : 'DISABLED',
            ...(on && { AttributeName: timeToLive?.attributeName }),
          },
        };
      },
    },
  };
}

/** The last part of `arn:aws:dynamodb:…:table/orders`, or the name itself. */
const tableName = (nameOrArn = ''): string => nameOrArn.replace(/^arn:.*:table\//, '');

/** A new table is ACTIVE at once, where AWS takes seconds. */
function newTable(platform: Platform, streams: Streams, input: DynamoDbApi.CreateTableCommandInput): Table {
  refuseMembers('CreateTable', input, ['LocalSecondaryIndexes', 'ResourcePolicy', 'GlobalTableSourceArn']);
  const name = tableName(input.TableName);
  if (!/^[\w.-]{3,255}$/.test(name)) {
    throw validation(
      `Invalid table name ${JSON.stringify(name)}: 3 to 255 characters of a-z, A-Z, 0-9, _, . and - are allowed`,
    );
  }
  requireBilling(input);
  const indexes = (input.GlobalSecondaryIndexes ?? []).map((index) =>
    newIndex(index, keySchemaOf(input.KeySchema)),
  );
  requireDefinitions(input, indexes);
  const { StreamSpecification } = input;
  const stream = StreamSpecification?.StreamEnabled ? streams.create(name, StreamSpecification) : undefined;
  return new Table(
    {
      TableName: name,
      TableArn: localArn('dynamodb', `table/${name}`),
      TableId: platform.random.uuid(),
      TableStatus: 'ACTIVE',
      CreationDateTime: new Date(platform.clock.now()),
      KeySchema: input.KeySchema,
      AttributeDefinitions: input.AttributeDefinitions,
      ...(input.BillingMode === 'PAY_PER_REQUEST' && {
        BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      }),
      ProvisionedThroughput: {
        NumberOfDecreasesToday: 0,
        ReadCapacityUnits: 0,
        WriteCapacityUnits: 0,
        ...input.ProvisionedThroughput,
      },
      GlobalSecondaryIndexes: input.GlobalSecondaryIndexes?.map((index) => ({
        ...index,
        ProvisionedThroughput: {
          NumberOfDecreasesToday: 0,
          ReadCapacityUnits: 0,
          WriteCapacityUnits: 0,
          ...index.ProvisionedThroughput,
        },
        IndexStatus: 'ACTIVE',
        IndexArn: localArn('dynamodb', `table/${name}/index/${index.IndexName}`),
      })),
      DeletionProtectionEnabled: input.DeletionProtectionEnabled ?? false,
      ...(input.SSESpecification?.Enabled && {
        SSEDescription: { Status: 'ENABLED', SSEType: input.SSESpecification.SSEType ?? 'KMS' },
      }),
      ...(input.TableClass && { TableClassSummary: { TableClass: input.TableClass } }),
      ...(stream && {
        StreamSpecification,
        LatestStreamArn: stream.arn,
        LatestStreamLabel: stream.label,
      }),
    },
    indexes,
    stream,
  );
}

function requireBilling({ BillingMode, ProvisionedThroughput }: DynamoDbApi.CreateTableCommandInput): void {
  const onDemand = BillingMode === 'PAY_PER_REQUEST';
  if (onDemand && ProvisionedThroughput) {
    throw invalid(
      'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    );
  }
  if (!onDemand && !ProvisionedThroughput) {
    throw invalid(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  }
}

function newIndex(
  { IndexName, KeySchema, Projection }: DynamoDbApi.GlobalSecondaryIndex,
  tableKey: ReturnType<typeof keySchemaOf>,
): Index {
  const key = keySchemaOf(KeySchema);
  const keys = [...keyNames(tableKey), ...keyNames(key)];
  const all = Projection?.ProjectionType === 'ALL';
  return {
    name: IndexName ?? '',
    key,
    projected: all ? undefined : new Set([...keys, ...(Projection?.NonKeyAttributes ?? [])]),
  };
}

/** Each key attribute is defined, and nothing else. */
function requireDefinitions(input: DynamoDbApi.CreateTableCommandInput, indexes: readonly Index[]): void {
  const defined = (input.AttributeDefinitions ?? []).map(({ AttributeName }) => AttributeName ?? '').sort();
  const keys = [
    ...new Set([keySchemaOf(input.KeySchema), ...indexes.map(({ key }) => key)].flatMap(keyNames)),
  ].sort();
  if (defined.join() === keys.join()) return;
  const what = keys.some((key) => !defined.includes(key))
    ? 'Some index key attributes are not defined in AttributeDefinitions.'
    : 'Some AttributeDefinitions are not used.';
  throw invalid(`${what} AttributeDefinitions: [${defined.join(', ')}], keys used: [${keys.join(', ')}]`);
}

function describe(table: Table): DynamoDbApi.TableDescription {
  const size = table.scan().reduce((total, item) => total + itemSize(item), 0);
  return { ...table.description, ItemCount: table.itemCount, TableSizeBytes: size };
}

function describeBackups(
  { pointInTimeRecovery: recovery }: Table,
  nowMs: number,
): DynamoDbApi.ContinuousBackupsDescription {
  if (!recovery) {
    return {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
    };
  }
  return {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: {
      PointInTimeRecoveryStatus: 'ENABLED',
      RecoveryPeriodInDays: recovery.recoveryPeriodInDays,
      EarliestRestorableDateTime: new Date(recovery.enabledAtMs),
      LatestRestorableDateTime: new Date(nowMs),
    },
  };
}

/** Items go as soon as their time is over, where AWS takes up to days. */
function updateTimeToLive(
  table: Table,
  specification: DynamoDbApi.TimeToLiveSpecification | undefined,
): DynamoDbApi.UpdateTimeToLiveOutput {
  const enabled = specification?.Enabled === true;
  const attributeName = specification?.AttributeName ?? '';
  if (enabled === (table.timeToLive?.enabled === true))
    throw validation(`TimeToLive is already ${enabled ? 'enabled' : 'disabled'}`);
  table.timeToLive = { enabled, attributeName };
  table.forgetExpiry();
  return { TimeToLiveSpecification: { Enabled: enabled, AttributeName: attributeName } };
}

function listTables(
  names: readonly string[],
  limit: number,
  after: string | undefined,
): DynamoDbApi.ListTablesOutput {
  const rest = [...names].sort().filter((name) => after === undefined || name > after);
  const page = rest.slice(0, limit);
  return { TableNames: page, ...(rest.length > page.length && { LastEvaluatedTableName: page.at(-1) }) };
}

const validation = (message: string): AwsError => new AwsError('ValidationException', message);
const invalid = (what: string): AwsError => validation(`One or more parameter values were invalid: ${what}`);
