/** DynamoDB's typed values: what is valid, what is equal, what comes first, and how large it is. */
import { AwsError } from '../wire/aws-error.ts';
import type { DynamoDbApi } from '../wire/models.ts';
import { compareNumbers, normaliseNumber, numberSize } from './decimal.ts';

export type AttributeValue = DynamoDbApi.AttributeValue;
export type Item = Record<string, AttributeValue>;

export const TYPES = ['S', 'N', 'B', 'SS', 'NS', 'BS', 'M', 'L', 'NULL', 'BOOL'] as const;
export type Type = (typeof TYPES)[number];

/** The largest item, in bytes. */
export const ITEM_SIZE_MAX = 400 * 1024;

const validation = (message: string): AwsError => new AwsError('ValidationException', message);

/** The type of a value that {@link checkedValue} has let pass. */
export function typeOf(value: AttributeValue): Type {
  for (const type of TYPES) if (value[type] !== undefined) return type;
  throw validation('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
}

/**
 * A copy of a value as DynamoDB stores it: numbers normalised, sets without an order of their own.
 * @throws AwsError `ValidationException` for no or several types, bad numbers, empty sets, duplicates.
 */
export function checkedValue(value: AttributeValue): AttributeValue {
  const type = typeOf(value);
  if (TYPES.filter((candidate) => value[candidate] !== undefined).length > 1) {
    throw validation(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  if (type === 'NULL' && value.NULL !== true)
    throw invalid('Null attribute value types must have the value of true');
  if (value.N !== undefined) return { N: normaliseNumber(value.N) };
  if (value.B !== undefined) return { B: value.B.slice() };
  if (value.L !== undefined) return { L: value.L.map(checkedValue) };
  if (value.M !== undefined) return { M: checkedItem(value.M) };
  if (value.SS !== undefined) return { SS: checkedSet('string', value.SS, (member) => member) };
  if (value.NS !== undefined)
    return { NS: checkedSet('number', value.NS.map(normaliseNumber), (member) => member) };
  if (value.BS !== undefined) return { BS: checkedSet('binary', value.BS, base64) };
  return { ...value };
}

/** A checked copy of an item or map. @throws AwsError `ValidationException` */
export function checkedItem(item: Item): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, checkedValue(value)]));
}

function checkedSet<Member extends string | Uint8Array>(
  kind: string,
  members: readonly Member[],
  identity: (member: Member) => string,
): Member[] {
  if (members.length === 0) throw invalid(`An ${kind} set  may not be empty`);
  if (new Set(members.map(identity)).size < members.length) {
    throw invalid(`Input collection [${members.map(identity).join(', ')}] contains duplicates.`);
  }
  return [...members];
}

const invalid = (what: string): AwsError => validation(`One or more parameter values were invalid: ${what}`);
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** A deep copy of a stored item, for a caller to keep. */
export function copyItem(item: Item): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, copyValue(value)]));
}

function copyValue(value: AttributeValue): AttributeValue {
  if (value.M !== undefined) return { M: copyItem(value.M) };
  if (value.L !== undefined) return { L: value.L.map(copyValue) };
  if (value.SS !== undefined) return { SS: [...value.SS] };
  if (value.NS !== undefined) return { NS: [...value.NS] };
  if (value.BS !== undefined) return { BS: [...value.BS] };
  return { ...value };
}

/** Equality of type and value: the order of a set's members and of a map's names does not count. */
export function isEqual(a: AttributeValue, b: AttributeValue): boolean {
  return canonical(a) === canonical(b);
}

/** A text that two values share exactly if they are equal. */
export function canonical(value: AttributeValue): string {
  const type = typeOf(value);
  if (value.B !== undefined) return `B${base64(value.B)}`;
  if (value.L !== undefined) return `L[${value.L.map(canonical).join(',')}]`;
  if (value.M !== undefined) return `M${canonicalItem(value.M)}`;
  if (value.BS !== undefined) return `BS${JSON.stringify(value.BS.map(base64).sort())}`;
  if (value.SS !== undefined || value.NS !== undefined)
    return `${type}${JSON.stringify([...(value.SS ?? value.NS ?? [])].sort())}`;
  return `${type}${JSON.stringify(value[type])}`;
}

/** As {@link canonical}, of an item. */
export function canonicalItem(item: Item): string {
  const names = Object.keys(item).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(item[name] as AttributeValue)}`).join(',')}}`;
}

/**
 * The order of two scalars, as for `Array.sort`: numbers by value, strings by their UTF-8 bytes, binaries by byte.
 * @returns undefined if their types differ or have no order.
 */
export function compareValues(a: AttributeValue, b: AttributeValue): number | undefined {
  if (a.N !== undefined && b.N !== undefined) return compareNumbers(a.N, b.N);
  if (a.S !== undefined && b.S !== undefined)
    return a.S === b.S ? 0 : Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if (a.B !== undefined && b.B !== undefined) return Buffer.compare(a.B, b.B);
  return undefined;
}

/** The bytes that an item counts for: its attributes' names and values. */
export function itemSize(item: Item): number {
  return Object.entries(item).reduce(
    (total, [name, value]) => total + Buffer.byteLength(name) + valueSize(value),
    0,
  );
}

function valueSize(value: AttributeValue): number {
  const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.B !== undefined) return value.B.length;
  if (value.SS !== undefined) return sum(value.SS.map((member) => Buffer.byteLength(member)));
  if (value.NS !== undefined) return sum(value.NS.map(numberSize));
  if (value.BS !== undefined) return sum(value.BS.map((member) => member.length));
  if (value.L !== undefined) return 3 + sum(value.L.map((element) => 1 + valueSize(element)));
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + itemSize(value.M);
  return 1;
}
