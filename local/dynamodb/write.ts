/** One conditional write, as PutItem, UpdateItem, DeleteItem and the actions of a transaction share it. */
import { AwsError } from '../wire/aws-error.ts';
import {
  checkedItem,
  checkedValue,
  copyItem,
  ITEM_SIZE_MAX,
  type Item,
  itemSize,
} from './attribute-value.ts';
import { applyUpdate } from './expressions/apply-update.ts';
import { holds } from './expressions/evaluate-condition.ts';
import { parseCondition } from './expressions/parse-condition.ts';
import { parseUpdate, writtenPaths } from './expressions/parse-update.ts';
import { createPlaceholders, type PlaceholderInput } from './expressions/placeholders.ts';
import type { Condition, DocumentPath, Update } from './expressions/syntax.ts';
import { keyNames, type Table } from './table.ts';

/** What the inputs of all writes have in common. */
export interface ConditionInput extends PlaceholderInput {
  ConditionExpression?: string | undefined;
  ReturnValuesOnConditionCheckFailure?: string | undefined;
}

export interface Write {
  table: Table;
  /** @throws AwsError `ValidationException` if the key does not fit the table. */
  key(): Item;
  condition: Condition | undefined;
  returnItemOnFailure: boolean;
  /** What stands in the place of `old` afterwards. @throws AwsError `ValidationException` */
  next(old: Item | undefined): Item | undefined;
  /** The paths that an update writes. */
  paths?: DocumentPath[];
}

/** A write that has been judged, and not yet applied. */
export interface Outcome {
  key: Item;
  old: Item | undefined;
  next: Item | undefined;
}

export function putOf(table: Table, input: ConditionInput & { Item: Item | undefined }): Write {
  const item = checkedItem(input.Item ?? {});
  return {
    ...conditional(table, input),
    key: () => table.keyOf(table.requireItem(item)),
    next: () => requireSize(item, 'Item size has exceeded the maximum allowed size'),
  };
}

export function deleteOf(table: Table, input: ConditionInput & { Key: Item | undefined }): Write {
  return { ...conditional(table, input), key: keyed(table, input.Key), next: () => undefined };
}

/** A transaction's ConditionCheck: it changes nothing. */
export function checkOf(table: Table, input: ConditionInput & { Key: Item | undefined }): Write {
  return { ...conditional(table, input), key: keyed(table, input.Key), next: (old) => old };
}

export function updateOf(
  table: Table,
  input: ConditionInput & { Key: Item | undefined; UpdateExpression?: string | undefined },
): Write {
  const { UpdateExpression, ConditionExpression } = input;
  const placeholders = createPlaceholders(input, { UpdateExpression, ConditionExpression });
  const update = UpdateExpression === undefined ? undefined : parseUpdate(UpdateExpression, placeholders);
  const condition = parsedCondition(ConditionExpression, placeholders);
  placeholders.assertAllUsed();
  if (update) requireKeyUntouched(table, update);
  const key = keyed(table, input.Key);
  return {
    table,
    key,
    condition,
    returnItemOnFailure: input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
    next: (old) => updated(table, update, old ?? key()),
    paths: update ? writtenPaths(update) : [],
  };
}

/**
 * What a write would do now; nothing is changed.
 * @throws AwsError `ConditionalCheckFailedException` (with `Item` if asked for), `ValidationException`
 */
export function judge(write: Write): Outcome {
  const key = write.key();
  const old = write.table.get(key);
  if (write.condition && !holds(write.condition, old ?? {})) {
    const fields = write.returnItemOnFailure && old ? { Item: copyItem(old) } : {};
    throw new AwsError('ConditionalCheckFailedException', 'The conditional request failed', { fields });
  }
  return { key, old, next: write.next(old) };
}

export function apply(write: Write, { key, old, next }: Outcome): void {
  if (next !== old) write.table.replace(key, next);
}

function conditional(
  table: Table,
  input: ConditionInput,
): Pick<Write, 'table' | 'condition' | 'returnItemOnFailure'> {
  const { ConditionExpression } = input;
  const placeholders = createPlaceholders(input, { ConditionExpression });
  const condition = parsedCondition(ConditionExpression, placeholders);
  placeholders.assertAllUsed();
  return { table, condition, returnItemOnFailure: input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' };
}

function parsedCondition(
  text: string | undefined,
  placeholders: ReturnType<typeof createPlaceholders>,
): Condition | undefined {
  return text === undefined ? undefined : parseCondition('ConditionExpression', text, placeholders);
}

function keyed(table: Table, key: Item | undefined): () => Item {
  return () => table.requireKey(checkedKey(key));
}

/** A key's values, checked. @throws AwsError `ValidationException` */
export function checkedKey(key: Item | undefined): Item {
  return Object.fromEntries(Object.entries(key ?? {}).map(([name, value]) => [name, checkedValue(value)]));
}

function updated(table: Table, update: Update | undefined, item: Item): Item {
  if (!update) return item;
  const next = table.requireItem(applyUpdate(update, item));
  return requireSize(next, 'Item size to update has exceeded the maximum allowed size');
}

function requireKeyUntouched(table: Table, update: Update): void {
  for (const [name] of writtenPaths(update)) {
    if (!keyNames(table.key).includes(String(name))) continue;
    throw validation(
      `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
    );
  }
}

function requireSize(item: Item, message: string): Item {
  if (itemSize(item) > ITEM_SIZE_MAX) throw validation(message);
  return item;
}

const validation = (message: string): AwsError => new AwsError('ValidationException', message);
