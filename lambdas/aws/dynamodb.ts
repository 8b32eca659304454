/** DynamoDB: items in and out as plain objects, conditions as written. */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { environment } from '../common/config.ts';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A condition: `#name` stands for the attribute of that name, `:value` for `values.value`. */
export interface Condition {
  readonly expression: string;
  readonly values?: Readonly<Record<string, unknown>>;
}

export type TableWrite =
  | { readonly put: object; readonly condition?: Condition }
  /** `set` maps attribute paths (`stages.Bake`) to values; an undefined value removes the attribute. */
  | { readonly update: Key; readonly set: Readonly<Record<string, unknown>>; readonly condition?: Condition }
  | { readonly delete: Key; readonly condition?: Condition }
  | { readonly check: Key; readonly condition: Condition };

/** Which items of a partition, by their sk. */
export interface Range {
  /** The first sk, included. */
  readonly from: string;
  /** The last sk, included. */
  readonly to: string;
  /** In descending order of sk. */
  readonly newestFirst?: boolean;
  /** At most so many; all if absent. */
  readonly limit?: number;
}

export interface Table {
  /** Strongly consistent. */
  getItem<T>(key: Key): Promise<T | undefined>;
  /** Every item of a partition, in order of sk, strongly consistent. */
  query<T>(pk: string, range?: Range): Promise<T[]>;
  /** One write, or several as a transaction. @returns whether the conditions held; false means that nothing was written. */
  write(...writes: readonly TableWrite[]): Promise<boolean>;
}

const options = { marshallOptions: { removeUndefinedValues: true } };
const toItem = (value: object) => marshall(value, options.marshallOptions);

function expressionNames(expression: string): Record<string, string> {
  return Object.fromEntries(
    [...expression.matchAll(/#([A-Za-z0-9_]+)/g)].map(([name, attribute]) => [name, attribute ?? '']),
  );
}

function conditionFields(
  condition: Condition | undefined,
): Pick<
  NonNullable<TransactWriteItem['Put']>,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
> {
  if (!condition) return {};
  const names = expressionNames(condition.expression);
  const values = Object.entries(condition.values ?? {}).map(([name, value]) => [`:${name}`, value]);
  return {
    ConditionExpression: condition.expression,
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(values.length > 0 && { ExpressionAttributeValues: toItem(Object.fromEntries(values)) }),
  };
}

function updateFields(set: Readonly<Record<string, unknown>>, condition: Condition | undefined) {
  const pathOf = (path: string) =>
    path
      .split('.')
      .map((part) => `#${part}`)
      .join('.');
  const sets: string[] = [];
  const removes: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(set)) {
    const name = `set${sets.length}`;
    if (value === undefined) removes.push(pathOf(path));
    else {
      sets.push(`${pathOf(path)} = :${name}`);
      values[name] = value;
    }
  }
  const expression = [
    sets.length ? `SET ${sets.join(', ')}` : '',
    removes.length ? `REMOVE ${removes.join(', ')}` : '',
  ]
    .filter(Boolean)
    .join(' ');
  const merged = conditionFields({
    expression: condition?.expression ?? '',
    values: { ...condition?.values, ...values },
  });
  return {
    UpdateExpression: expression,
    ...merged,
    ConditionExpression: condition?.expression,
    ExpressionAttributeNames: { ...expressionNames(expression), ...merged.ExpressionAttributeNames },
  };
}

function transactItem(TableName: string, write: TableWrite): TransactWriteItem {
  if ('put' in write)
    return { Put: { TableName, Item: toItem(write.put), ...conditionFields(write.condition) } };
  if ('update' in write) {
    return { Update: { TableName, Key: toItem(write.update), ...updateFields(write.set, write.condition) } };
  }
  if ('delete' in write)
    return { Delete: { TableName, Key: toItem(write.delete), ...conditionFields(write.condition) } };
  return {
    ConditionCheck: {
      TableName,
      Key: toItem(write.check),
      ConditionExpression: '',
      ...conditionFields(write.condition),
    },
  };
}

function keyCondition(
  pk: string,
  range: Range | undefined,
): Pick<
  QueryCommandInput,
  'KeyConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
> {
  if (!range)
    return {
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': 'pk' },
      ExpressionAttributeValues: toItem({ ':pk': pk }),
    };
  return {
    KeyConditionExpression: '#pk = :pk AND #sk BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk' },
    ExpressionAttributeValues: toItem({ ':pk': pk, ':from': range.from, ':to': range.to }),
  };
}

const clientFor = clientOf(DynamoDBClient);

/** The stack's table, named by the environment. */
export function dynamodb(runtime: Runtime): Table {
  const client = clientFor(runtime);
  const { tableName: TableName } = environment(runtime.env);

  /** New for each call, so that only the SDK's own retries of it count as one: a repeated step must meet its conditions again. */
  const newToken = (): string =>
    Array.from({ length: 4 }, () =>
      Math.floor(runtime.random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('');

  const single = async (write: TableWrite): Promise<void> => {
    const item = transactItem(TableName, write);
    if (item.Put) await client.send(new PutItemCommand(item.Put));
    else if (item.Update) await client.send(new UpdateItemCommand(item.Update));
    else if (item.Delete) await client.send(new DeleteItemCommand(item.Delete));
    else
      await client.send(
        new TransactWriteItemsCommand({ TransactItems: [item], ClientRequestToken: newToken() }),
      );
  };

  return {
    async getItem<T>(key: Key): Promise<T | undefined> {
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key: toItem(key), ConsistentRead: true }),
      );
      return Item && (unmarshall(Item) as T);
    },
    async query<T>(pk: string, range?: Range): Promise<T[]> {
      const items: T[] = [];
      let ExclusiveStartKey: QueryCommandOutput['LastEvaluatedKey'];
      do {
        const page: QueryCommandOutput = await client.send(
          new QueryCommand({
            TableName,
            ...keyCondition(pk, range),
            ConsistentRead: true,
            ScanIndexForward: !range?.newestFirst,
            Limit: range?.limit,
            ExclusiveStartKey,
          }),
        );
        items.push(...(page.Items ?? []).map((item) => unmarshall(item) as T));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey && items.length < (range?.limit ?? Infinity));
      return items.slice(0, range?.limit);
    },
    async write(...writes): Promise<boolean> {
      try {
        const [only] = writes;
        if (writes.length === 1 && only) await single(only);
        else {
          const TransactItems = writes.map((write) => transactItem(TableName, write));
          await client.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken: newToken() }));
        }
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        if (isConditionFailure(error)) return false;
        throw error;
      }
    },
  };
}

/** A cancelled transaction is a "no" only if a condition failed; a conflict with another transaction is worth a retry. */
function isConditionFailure(error: unknown): boolean {
  if (!(error instanceof TransactionCanceledException)) return false;
  return (error.CancellationReasons ?? []).some(({ Code }) => Code === 'ConditionalCheckFailed');
}
