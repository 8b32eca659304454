/** Applies an update to an item: every operand is read from the item as it was before. */
import { AwsError } from '../../wire/aws-error.ts';
import { type AttributeValue, canonical, copyItem, type Item, typeOf } from '../attribute-value.ts';
import { addNumbers, subtractNumbers } from '../decimal.ts';
import { own, valueAt } from './document-path.ts';
import type { DocumentPath, SetValue, Update } from './syntax.ts';

/**
 * The item after the update; `item` itself stays as it is.
 * @throws AwsError `ValidationException` for operands of wrong types and paths that lead nowhere.
 */
export function applyUpdate(update: Update, item: Item): Item {
  const values = update.set.map(({ path, value }) => ({ path, value: resolve(value, item) }));
  const next = copyItem(item);
  // From low to high, and removals from high to low, because indices mean the list as it was before.
  for (const { path, value } of values.sort((a, b) => compareIndices(a.path, b.path)))
    assign(next, path, value);
  for (const { path, value } of update.add) assign(next, path, sum(valueAt(item, path), value));
  for (const { path, value } of update.delete) subtract(next, path, value);
  for (const path of [...update.remove].sort((a, b) => compareIndices(b, a))) remove(next, path);
  return next;
}

function resolve(value: SetValue, item: Item): AttributeValue {
  switch (value.kind) {
    case 'value':
      return value.value;
    case 'path':
      return required(valueAt(item, value.path));
    case 'if_not_exists':
      return valueAt(item, value.path) ?? resolve(value.fallback, item);
    case 'list_append':
      return { L: [...listOf(resolve(value.left, item)), ...listOf(resolve(value.right, item))] };
    case '+':
      return { N: addNumbers(numberOf(resolve(value.left, item)), numberOf(resolve(value.right, item))) };
    case '-':
      return {
        N: subtractNumbers(numberOf(resolve(value.left, item)), numberOf(resolve(value.right, item))),
      };
  }
}

function required(value: AttributeValue | undefined): AttributeValue {
  if (value) return value;
  throw new AwsError(
    'ValidationException',
    'The provided expression refers to an attribute that does not exist in the item',
  );
}

const listOf = (value: AttributeValue): AttributeValue[] => value.L ?? wrongType();
const numberOf = (value: AttributeValue): string => value.N ?? wrongType();

function wrongType(): never {
  throw new AwsError('ValidationException', 'An operand in the update expression has an incorrect data type');
}

/** A list's element beyond its end is appended. */
function assign(item: Item, path: DocumentPath, value: AttributeValue): void {
  const { container, step } = placeOf(item, path);
  if (typeof step === 'number') {
    const list = container.L ?? deadEnd();
    list[Math.min(step, list.length)] = value;
  } else {
    put(container.M ?? deadEnd(), step, value);
  }
}

function remove(item: Item, path: DocumentPath): void {
  const { container, step } = placeOf(item, path);
  if (typeof step === 'number') (container.L ?? deadEnd()).splice(step, 1);
  else delete (container.M ?? deadEnd())[step];
}

/** The map or list that holds the path's last step. */
function placeOf(item: Item, path: DocumentPath): { container: AttributeValue; step: string | number } {
  const container = valueAt(item, path.slice(0, -1)) ?? deadEnd();
  return { container, step: path.at(-1) ?? deadEnd() };
}

function deadEnd(): never {
  throw new AwsError(
    'ValidationException',
    'The document path provided in the update expression is invalid for update',
  );
}

/** Defines a property even where its name means something to JavaScript (`__proto__`). */
function put(map: Item, name: string, value: AttributeValue): void {
  if (own(map, name) !== undefined) map[name] = value;
  else Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true });
}

function sum(value: AttributeValue | undefined, addend: AttributeValue): AttributeValue {
  if (value === undefined) return addend;
  if (typeOf(value) !== typeOf(addend)) return wrongType();
  if (value.N !== undefined) return { N: addNumbers(value.N, addend.N ?? '0') };
  return combine(value, addend, (members, others) => {
    const present = new Set(members.map(canonical));
    return [...members, ...others.filter((member) => !present.has(canonical(member)))];
  });
}

function subtract(item: Item, path: DocumentPath, members: AttributeValue): void {
  const { container, step } = placeOf(item, path);
  const value =
    typeof step === 'number' ? (container.L ?? deadEnd())[step] : own(container.M ?? deadEnd(), step);
  if (value === undefined) return;
  if (typeOf(value) !== typeOf(members)) wrongType();
  const rest = combine(value, members, (all, others) => {
    const removed = new Set(others.map(canonical));
    return all.filter((member) => !removed.has(canonical(member)));
  });
  if ((rest.SS ?? rest.NS ?? rest.BS ?? []).length > 0) assign(item, path, rest);
  else remove(item, path);
}

type SetMembers = AttributeValue[];

/** Combines two sets of one type, as lists of scalars. */
function combine(
  a: AttributeValue,
  b: AttributeValue,
  combined: (a: SetMembers, b: SetMembers) => SetMembers,
): AttributeValue {
  if (a.SS !== undefined) return { SS: combined(strings(a.SS), strings(b.SS)).flatMap(({ S }) => S ?? []) };
  if (a.NS !== undefined) return { NS: combined(numbers(a.NS), numbers(b.NS)).flatMap(({ N }) => N ?? []) };
  return { BS: combined(binaries(a.BS), binaries(b.BS)).flatMap(({ B }) => B ?? []) };
}

const strings = (members: readonly string[] = []): SetMembers => members.map((S) => ({ S }));
const numbers = (members: readonly string[] = []): SetMembers => members.map((N) => ({ N }));
const binaries = (members: readonly Uint8Array[] = []): SetMembers => members.map((B) => ({ B }));

/** The order of two paths, indices by number and names by spelling. */
function compareIndices(a: DocumentPath, b: DocumentPath): number {
  for (let depth = 0; depth < Math.min(a.length, b.length); depth += 1) {
    const [x = '', y = ''] = [a[depth], b[depth]];
    if (x === y) continue;
    if (typeof x === 'number' && typeof y === 'number') return x - y;
    return String(x) < String(y) ? -1 : 1;
  }
  return 0;
}
