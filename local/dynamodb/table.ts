/** One table: its description, its keys and its items. */
import { AwsError } from '../wire/aws-error.ts';
import type { DynamoDbApi } from '../wire/models.ts';
import { type AttributeValue, canonical, compareValues, type Item, typeOf } from './attribute-value.ts';
import { own } from './expressions/document-path.ts';
import type { TableStream } from './streams.ts';

/** The names of a table's or an index's key attributes. */
export interface KeySchema {
  hash: string;
  range?: string;
}

/** A global secondary index: computed from the items when it is read, so it is never behind them. */
export interface Index {
  name: string;
  key: KeySchema;
  /** Names of the attributes that are projected; undefined for all. */
  projected: ReadonlySet<string> | undefined;
}

export interface TimeToLive {
  enabled: boolean;
  attributeName: string;
}

/** The longest hash and range key values, in bytes. */
const KEY_SIZE_MAX = { hash: 2048, range: 1024 };

export class Table {
  readonly name: string;
  readonly key: KeySchema;
  readonly attributeTypes: ReadonlyMap<string, 'S' | 'N' | 'B'>;
  readonly indexes: ReadonlyMap<string, Index>;
  /** As DescribeTable gives it, but for counts. */
  readonly description: DynamoDbApi.TableDescription;
  /** Is told of every change, if there is one. */
  readonly stream: TableStream | undefined;
  timeToLive: TimeToLive | undefined;
  pointInTimeRecovery: { enabledAtMs: number; recoveryPeriodInDays: number } | undefined;
  readonly #partitions = new Map<string, Map<string, Item>>();
  /** No item's time to live is over before it: it may be earlier than the first, never later. */
  #firstExpirySeconds = Number.POSITIVE_INFINITY;

  constructor(
    description: DynamoDbApi.TableDescription,
    indexes: readonly Index[],
    stream?: TableStream | undefined,
  ) {
    this.description = description;
    this.stream = stream;
    this.name = description.TableName ?? '';
    this.key = keySchemaOf(description.KeySchema);
    this.attributeTypes = new Map(
      description.AttributeDefinitions?.map(({ AttributeName, AttributeType }) => [
        AttributeName ?? '',
        AttributeType as 'S' | 'N' | 'B',
      ]),
    );
    this.indexes = new Map(indexes.map((index) => [index.name, index]));
  }

  get itemCount(): number {
    return [...this.#partitions.values()].reduce((count, partition) => count + partition.size, 0);
  }

  get(key: Item): Item | undefined {
    return this.#partitions.get(this.#hashText(key))?.get(this.#rangeText(key));
  }

  /** Puts `item` in the place of `key`, or nothing if it is undefined. */
  replace(key: Item, item: Item | undefined, isExpiry = false): void {
    const old = this.stream && this.get(key);
    this.#put(key, item);
    if (item) this.#firstExpirySeconds = Math.min(this.#firstExpirySeconds, this.#expiryOf(item));
    this.stream?.add({ keys: key, old, next: item, isExpiry });
  }

  /** Removes every item whose time to live is over. Cheap while there is none. */
  expire(nowMs: number): void {
    if (!this.timeToLive?.enabled || this.#firstExpirySeconds * 1000 > nowMs) return;
    const items = [...this.#partitions.values()].flatMap((partition) => [...partition.values()]);
    for (const item of items) {
      if (this.#expiryOf(item) * 1000 <= nowMs) this.replace(this.keyOf(item), undefined, true);
    }
    this.forgetExpiry();
  }

  /** Looks for the first expiry anew: items went, or another attribute tells it. */
  forgetExpiry(): void {
    const items = [...this.#partitions.values()].flatMap((partition) => [...partition.values()]);
    this.#firstExpirySeconds = Math.min(
      Number.POSITIVE_INFINITY,
      ...items.map((item) => this.#expiryOf(item)),
    );
  }

  /** Seconds since the epoch. An attribute that is no number has no effect. */
  #expiryOf(item: Item): number {
    if (!this.timeToLive?.enabled) return Number.POSITIVE_INFINITY;
    return Number(own(item, this.timeToLive.attributeName)?.N ?? Number.POSITIVE_INFINITY);
  }

  #put(key: Item, item: Item | undefined): void {
    const hashText = this.#hashText(key);
    const partition = this.#partitions.get(hashText) ?? new Map<string, Item>();
    if (item) partition.set(this.#rangeText(key), item);
    else partition.delete(this.#rangeText(key));
    if (partition.size > 0) this.#partitions.set(hashText, partition);
    else this.#partitions.delete(hashText);
  }

  /** The items of one partition, in the order of their range key. */
  partition(hash: AttributeValue): Item[] {
    return [...(this.#partitions.get(canonical(hash))?.values() ?? [])].sort((a, b) =>
      this.#compareRange(a, b),
    );
  }

  /** All items: partitions in an order of their hashes, which no caller can guess, then by range key. */
  scan(): Item[] {
    return [...this.#partitions.values()]
      .flatMap((partition) => [...partition.values()])
      .sort((a, b) => this.compareScan(a, b));
  }

  /** The order of two items, or keys, in a scan. */
  compareScan(a: Item, b: Item): number {
    const [x, y] = [this.#hashText(a), this.#hashText(b)];
    if (x === y) return this.#compareRange(a, b);
    return scatter(x) - scatter(y) || (x < y ? -1 : 1);
  }

  /** The text that identifies a key, for telling duplicates. */
  keyText(key: Item): string {
    return `${this.name} ${this.#hashText(key)} ${this.#rangeText(key)}`;
  }

  /** An item's key attributes alone. */
  keyOf(item: Item): Item {
    return pickKey(item, this.key);
  }

  /** @throws AwsError `ValidationException` unless `key` has exactly the key attributes, of the right types. */
  requireKey(key: Item): Item {
    const names = keyNames(this.key);
    if (Object.keys(key).length !== names.length)
      throw validation('The provided key element does not match the schema');
    for (const name of names) {
      const value = own(key, name);
      if (!value || typeOf(value) !== this.attributeTypes.get(name))
        throw validation('The provided key element does not match the schema');
      this.#requireKeyValue(name, value);
    }
    return key;
  }

  /** @throws AwsError `ValidationException` if an item lacks its key, or a key of table or index has a wrong type. */
  requireItem(item: Item): Item {
    for (const name of keyNames(this.key)) {
      const value = own(item, name);
      if (!value) throw invalid(`Missing the key ${name} in the item`);
      const expected = this.attributeTypes.get(name);
      if (typeOf(value) !== expected)
        throw invalid(`Type mismatch for key ${name} expected: ${expected} actual: ${typeOf(value)}`);
      this.#requireKeyValue(name, value);
    }
    for (const index of this.indexes.values()) this.#requireIndexKey(index, item);
    return item;
  }

  #requireKeyValue(name: string, value: AttributeValue): void {
    const bytes = value.B?.length ?? Buffer.byteLength(value.S ?? value.N ?? '');
    if (bytes === 0) {
      const kind = value.B ? 'binary' : 'string';
      throw validation(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${kind} value. Key: ${name}`,
      );
    }
    const role = name === this.key.hash ? 'hash' : 'range';
    if (bytes <= KEY_SIZE_MAX[role]) return;
    const part = role === 'hash' ? 'hashkey' : 'rangekey';
    throw invalid(`Size of ${part} has exceeded the maximum size limit of${KEY_SIZE_MAX[role]} bytes`);
  }

  #requireIndexKey(index: Index, item: Item): void {
    for (const name of keyNames(index.key)) {
      const value = own(item, name);
      if (!value) continue;
      const expected = this.attributeTypes.get(name);
      if (typeOf(value) !== expected) {
        throw invalid(
          `Type mismatch for Index Key ${name} Expected: ${expected} Actual: ${typeOf(value)} IndexName: ${index.name}`,
        );
      }
      if (value.S !== '' && value.B?.length !== 0) continue;
      throw validation(
        `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: ${index.name}, IndexKey: ${name}`,
      );
    }
  }

  #hashText(item: Item): string {
    return canonical(own(item, this.key.hash) ?? { NULL: true });
  }

  #rangeText(item: Item): string {
    const value = this.key.range === undefined ? undefined : own(item, this.key.range);
    return value ? canonical(value) : '';
  }

  #compareRange(a: Item, b: Item): number {
    return this.key.range === undefined ? 0 : compareBy(this.key.range, a, b);
  }
}

/** The order of two items by one attribute; 0 where either has none. */
export function compareBy(name: string, a: Item, b: Item): number {
  const [x, y] = [own(a, name), own(b, name)];
  return (x && y && compareValues(x, y)) ?? 0;
}

export function keySchemaOf(elements: readonly DynamoDbApi.KeySchemaElement[] = []): KeySchema {
  const named = (keyType: string): string | undefined =>
    elements.find(({ KeyType }) => KeyType === keyType)?.AttributeName;
  const hash = named('HASH');
  if (hash === undefined)
    throw invalid('No Hash Key specified in schema.  All Dynamo DB tables must have exactly one hash key');
  return { hash, range: named('RANGE') };
}

export function keyNames({ hash, range }: KeySchema): string[] {
  return range === undefined ? [hash] : [hash, range];
}

export function pickKey(item: Item, key: KeySchema): Item {
  return Object.fromEntries(
    keyNames(key).flatMap((name) => (own(item, name) ? [[name, item[name] as AttributeValue]] : [])),
  );
}

/** FNV-1a, 32 bits. */
function scatter(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

const validation = (message: string): AwsError => new AwsError('ValidationException', message);
const invalid = (what: string): AwsError => validation(`One or more parameter values were invalid: ${what}`);
