/** Query and Scan: items in order, filtered, projected, a page at a time. */
import { notImplemented, refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { DynamoDbApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { type AttributeValue, copyItem, type Item, itemSize } from './attribute-value.ts';
import { own, parseProjection, project } from './expressions/document-path.ts';
import { holds } from './expressions/evaluate-condition.ts';
import { parseCondition } from './expressions/parse-condition.ts';
import { createPlaceholders, type PlaceholderInput } from './expressions/placeholders.ts';
import type { Condition, DocumentPath } from './expressions/syntax.ts';
import { refuseAccounts } from './items.ts';
import { type KeyCondition, keyConditionOf, requireNoKeyIn } from './key-condition.ts';
import { compareBy, type Index, type KeySchema, keyNames, pickKey, type Table } from './table.ts';
import type { Tables } from './tables.ts';
import { checkedKey } from './write.ts';

/** The most that one page evaluates, in bytes. */
const PAGE_SIZE_MAX = 1024 * 1024;

type QueryInput = DynamoDbApi.QueryCommandInput;
type ScanInput = DynamoDbApi.ScanCommandInput;

/** What Query and Scan have in common, once parsed. */
interface Search {
  table: Table;
  index: Index | undefined;
  filter: Condition | undefined;
  paths: DocumentPath[] | undefined;
  countOnly: boolean;
  limit: number;
}

export function searchOperations(tables: Tables): Operations<typeof DynamoDbApi> {
  return { Query: (input) => query(tables, input), Scan: (input) => scan(tables, input) };
}

function query(tables: Tables, input: QueryInput): DynamoDbApi.QueryOutput {
  refuseMembers('Query', input, ['KeyConditions', 'QueryFilter', 'ConditionalOperator', 'AttributesToGet']);
  refuseAccounts('Query', input);
  const { search, keyCondition } = parsed(tables, input, input.KeyConditionExpression);
  if (!keyCondition)
    throw validation(
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    );
  const forward = input.ScanIndexForward ?? true;
  const items = partitionOf(search, keyCondition.hash);
  const ordered = forward ? items : items.reverse();
  const order = (a: Item, b: Item): number => (forward ? 1 : -1) * compareInPartition(search, a, b);
  const start = startKey(search, input.ExclusiveStartKey);
  const rest = ordered.filter(
    (item) => matchesRange(keyCondition, item) && (!start || order(item, start) > 0),
  );
  return page(search, rest);
}

function scan(tables: Tables, input: ScanInput): DynamoDbApi.ScanOutput {
  refuseMembers('Scan', input, ['ScanFilter', 'ConditionalOperator', 'AttributesToGet']);
  if ((input.TotalSegments ?? 1) > 1) throw notImplemented('Scan with TotalSegments above 1');
  refuseAccounts('Scan', input);
  const { search } = parsed(tables, input, undefined);
  const start = startKey(search, input.ExclusiveStartKey);
  const items = search.table.scan().filter((item) => isIn(search.index, item));
  return page(search, start ? items.filter((item) => search.table.compareScan(item, start) > 0) : items);
}

function parsed(
  tables: Tables,
  input: ScanInput & PlaceholderInput,
  KeyConditionExpression: string | undefined,
): { search: Search; keyCondition: KeyCondition | undefined } {
  const table = tables.named(input.TableName);
  const index = indexOf(table, input);
  const { FilterExpression, ProjectionExpression } = input;
  const placeholders = createPlaceholders(input, {
    FilterExpression,
    ProjectionExpression,
    KeyConditionExpression,
  });
  const key = index?.key ?? table.key;
  const condition =
    KeyConditionExpression === undefined
      ? undefined
      : parseCondition('KeyConditionExpression', KeyConditionExpression, placeholders);
  const filter =
    FilterExpression === undefined
      ? undefined
      : parseCondition('FilterExpression', FilterExpression, placeholders);
  const paths =
    ProjectionExpression === undefined ? undefined : parseProjection(ProjectionExpression, placeholders);
  placeholders.assertAllUsed();
  if (condition && filter) requireNoKeyIn(filter, key);
  const countOnly = input.Select === 'COUNT';
  if (countOnly && paths)
    throw validation('Cannot specify the ProjectionExpression when choosing to get only the Count');
  return {
    search: { table, index, filter, paths, countOnly, limit: limitOf(input.Limit) },
    keyCondition: condition && keyConditionOf(condition, key, table.attributeTypes),
  };
}

function limitOf(limit: number | undefined): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  if (limit >= 1) return limit;
  throw validation(
    `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1`,
  );
}

function indexOf(table: Table, { IndexName, ConsistentRead }: ScanInput): Index | undefined {
  if (IndexName === undefined) return undefined;
  const index = table.indexes.get(IndexName);
  if (!index) throw validation(`The table does not have the specified index: ${IndexName}`);
  if (ConsistentRead) throw validation('Consistent reads are not supported on global secondary indexes');
  return index;
}

/** An item is in an index only if it has all of the index's key attributes. */
function isIn(index: Index | undefined, item: Item): boolean {
  return !index || keyNames(index.key).every((name) => own(item, name) !== undefined);
}

function partitionOf(search: Search, hash: AttributeValue): Item[] {
  const { table, index } = search;
  if (!index) return table.partition(hash);
  const sameHash: Condition = {
    kind: 'compare',
    comparator: '=',
    left: { kind: 'path', path: [index.key.hash] },
    right: { kind: 'value', value: hash },
  };
  const items = table.scan().filter((item) => isIn(index, item) && holds(sameHash, item));
  return items.sort((a, b) => compareInPartition(search, a, b));
}

/** By the range key; an index's equals in the order of the table's scan. */
function compareInPartition({ table, index }: Search, a: Item, b: Item): number {
  const { range } = index?.key ?? table.key;
  const byRange = range === undefined ? 0 : compareBy(range, a, b);
  return byRange || !index ? byRange : table.keyText(a) === table.keyText(b) ? 0 : table.compareScan(a, b);
}

function matchesRange({ range }: KeyCondition, item: Item): boolean {
  return range === undefined || holds(range, item);
}

function startKey({ table, index }: Search, key: Item | undefined): Item | undefined {
  if (!key) return undefined;
  const checked = checkedKey(key);
  const names = keysOf(table.key, index);
  const fits = Object.keys(checked).length === names.length && names.every((name) => own(checked, name));
  if (!fits) throw validation('The provided starting key is invalid');
  return checked;
}

const keysOf = (key: KeySchema, index: Index | undefined): string[] => [
  ...new Set([...keyNames(key), ...(index ? keyNames(index.key) : [])]),
];

/** The limit counts what is evaluated, before the filter; a page that ends at it has a key to go on from. */
function page(search: Search, items: readonly Item[]): DynamoDbApi.QueryOutput {
  const evaluated = items.slice(0, pageLength(items, search.limit));
  const found = search.filter
    ? evaluated.filter((item) => holds(search.filter as Condition, item))
    : evaluated;
  const last = evaluated.at(-1);
  const isFull = evaluated.length < items.length || evaluated.length === search.limit;
  return {
    Count: found.length,
    ScannedCount: evaluated.length,
    ...(!search.countOnly && { Items: found.map((item) => copyItem(shown(search, item))) }),
    ...(isFull && last && { LastEvaluatedKey: copyItem(lastKey(search, last)) }),
  };
}

function pageLength(items: readonly Item[], limit: number): number {
  let size = 0;
  let count = 0;
  while (count < items.length && count < limit && size < PAGE_SIZE_MAX) {
    size += itemSize(items[count] ?? {});
    count += 1;
  }
  return count;
}

function lastKey({ table, index }: Search, item: Item): Item {
  return { ...pickKey(item, table.key), ...(index && pickKey(item, index.key)) };
}

function shown({ index, paths }: Search, item: Item): Item {
  const projected = index?.projected;
  const visible = projected
    ? Object.fromEntries(Object.entries(item).filter(([name]) => projected.has(name)))
    : item;
  return paths ? project(visible, paths) : visible;
}

const validation = (message: string): AwsError => new AwsError('ValidationException', message);
