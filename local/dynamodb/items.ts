/** The operations on one item, and batches of them. */
import { refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { DynamoDbApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { copyItem, type Item } from './attribute-value.ts';
import { parseProjection, project } from './expressions/document-path.ts';
import { createPlaceholders, type PlaceholderInput } from './expressions/placeholders.ts';
import type { Table } from './table.ts';
import type { Tables } from './tables.ts';
import { apply, checkedKey, deleteOf, judge, type Outcome, putOf, updateOf, type Write } from './write.ts';

const BATCH_GET_MAX = 100;
const BATCH_WRITE_MAX = 25;
const LEGACY_WRITE = ['Expected', 'ConditionalOperator'] as const;

/** The members by which a caller asks for accounts of cost: not emulated. */
const ACCOUNTS = ['ReturnConsumedCapacity', 'ReturnItemCollectionMetrics'] as const;

export function itemOperations(tables: Tables): Operations<typeof DynamoDbApi> {
  return {
    GetItem: (input) => {
      refuseMembers('GetItem', input, ['AttributesToGet']);
      refuseAccounts('GetItem', input);
      const item = reader(input)(tables.named(input.TableName), input.Key);
      return item ? { Item: item } : {};
    },
    PutItem: (input) => {
      refuseMembers('PutItem', input, LEGACY_WRITE);
      refuseAccounts('PutItem', input);
      requireReturnValues(input.ReturnValues, ['NONE', 'ALL_OLD']);
      const { old } = execute(putOf(tables.named(input.TableName), { ...input, Item: input.Item }));
      return attributes(input.ReturnValues === 'ALL_OLD' ? old : undefined);
    },
    DeleteItem: (input) => {
      refuseMembers('DeleteItem', input, LEGACY_WRITE);
      refuseAccounts('DeleteItem', input);
      requireReturnValues(input.ReturnValues, ['NONE', 'ALL_OLD']);
      const { old } = execute(deleteOf(tables.named(input.TableName), { ...input, Key: input.Key }));
      return attributes(input.ReturnValues === 'ALL_OLD' ? old : undefined);
    },
    UpdateItem: (input) => {
      refuseMembers('UpdateItem', input, [...LEGACY_WRITE, 'AttributeUpdates']);
      refuseAccounts('UpdateItem', input);
      const write = updateOf(tables.named(input.TableName), { ...input, Key: input.Key });
      return attributes(returned(input.ReturnValues, write, execute(write)));
    },
    BatchGetItem: (input) => batchGet(tables, input),
    BatchWriteItem: (input) => batchWrite(tables, input),
  };
}

function execute(write: Write): Outcome {
  const outcome = judge(write);
  apply(write, outcome);
  return outcome;
}

/** Reads one item, projected as the input says. */
export function reader(
  input: PlaceholderInput & { ProjectionExpression?: string | undefined },
): (table: Table, key: Item | undefined) => Item | undefined {
  const { ProjectionExpression } = input;
  const placeholders = createPlaceholders(input, { ProjectionExpression });
  const paths =
    ProjectionExpression === undefined ? undefined : parseProjection(ProjectionExpression, placeholders);
  placeholders.assertAllUsed();
  return (table, key) => {
    const item = table.get(table.requireKey(checkedKey(key)));
    return item && copyItem(paths ? project(item, paths) : item);
  };
}

/** @throws AwsError `NotImplemented` if a caller asks what the call cost. */
export function refuseAccounts(
  operation: string,
  input: { ReturnConsumedCapacity?: string; ReturnItemCollectionMetrics?: string },
): void {
  const asked = ACCOUNTS.filter((member) => input[member] !== undefined && input[member] !== 'NONE');
  refuseMembers(operation, input, asked);
}

function requireReturnValues(value: string | undefined, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(value)) throw validation('Return values set to invalid value');
}

function returned(returnValues: string | undefined, write: Write, { old, next }: Outcome): Item | undefined {
  const paths = write.paths ?? [];
  switch (returnValues) {
    case 'ALL_OLD':
      return old;
    case 'ALL_NEW':
      return next;
    case 'UPDATED_OLD':
      return old && project(old, paths);
    case 'UPDATED_NEW':
      return next && project(next, paths);
    default:
      return undefined;
  }
}

function attributes(item: Item | undefined): { Attributes?: Item } {
  return item && Object.keys(item).length > 0 ? { Attributes: copyItem(item) } : {};
}

/** Everything asked for is answered: nothing is ever left unprocessed. */
function batchGet(
  tables: Tables,
  input: DynamoDbApi.BatchGetItemCommandInput,
): DynamoDbApi.BatchGetItemOutput {
  refuseAccounts('BatchGetItem', input);
  const requests = Object.entries(input.RequestItems ?? {});
  const count = requests.reduce((total, [, { Keys }]) => total + (Keys?.length ?? 0), 0);
  requireCount('BatchGetItem', 'requestItems', count, BATCH_GET_MAX);
  const responses = requests.map(([name, request]): [string, Item[]] => {
    refuseMembers('BatchGetItem', request, ['AttributesToGet']);
    const table = tables.named(name);
    const read = reader(request);
    requireNoDuplicates((request.Keys ?? []).map((key) => table.keyText(table.requireKey(checkedKey(key)))));
    const items = (request.Keys ?? []).map((key) => read(table, key));
    return [name, items.filter((item) => item !== undefined)];
  });
  return { Responses: Object.fromEntries(responses), UnprocessedKeys: {} };
}

function batchWrite(
  tables: Tables,
  input: DynamoDbApi.BatchWriteItemCommandInput,
): DynamoDbApi.BatchWriteItemOutput {
  refuseAccounts('BatchWriteItem', input);
  const writes = Object.entries(input.RequestItems ?? {}).flatMap(([name, requests]) =>
    requests.map((request) => batchedWrite(tables.named(name), request)),
  );
  requireCount('BatchWriteItem', 'requestItems', writes.length, BATCH_WRITE_MAX);
  const outcomes = writes.map((write) => ({ write, outcome: judge(write) }));
  requireNoDuplicates(outcomes.map(({ write, outcome }) => write.table.keyText(outcome.key)));
  for (const { write, outcome } of outcomes) apply(write, outcome);
  return { UnprocessedItems: {} };
}

function batchedWrite(table: Table, { PutRequest, DeleteRequest }: DynamoDbApi.WriteRequest): Write {
  if (PutRequest && !DeleteRequest) return putOf(table, { Item: PutRequest.Item });
  if (DeleteRequest && !PutRequest) return deleteOf(table, { Key: DeleteRequest.Key });
  throw validation(
    'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
  );
}

function requireCount(operation: string, member: string, count: number, max: number): void {
  if (count === 0) throw validation(`The ${operation} request list of ${member} is empty`);
  if (count > max)
    throw validation(
      `Too many items requested for the ${operation} call: ${count}; at most ${max} are allowed`,
    );
}

function requireNoDuplicates(keys: readonly string[]): void {
  if (new Set(keys).size < keys.length) throw validation('Provided list of item keys contains duplicates');
}

const validation = (message: string): AwsError => new AwsError('ValidationException', message);
