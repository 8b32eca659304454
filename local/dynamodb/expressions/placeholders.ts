/** ExpressionAttributeNames and ExpressionAttributeValues: every one defined is used, every one used is defined. */
import { AwsError } from '../../wire/aws-error.ts';
import { type AttributeValue, checkedValue } from '../attribute-value.ts';

/** The members of a request that define placeholders. */
export interface PlaceholderInput {
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

export interface Placeholders {
  /** The attribute name behind `#placeholder`; undefined if it is not defined. */
  name(placeholder: string): string | undefined;
  /** The value behind `:placeholder`; undefined if it is not defined. */
  value(placeholder: string): AttributeValue | undefined;
  /** @throws AwsError `ValidationException` naming the placeholders that no expression used. */
  assertAllUsed(): void;
}

/**
 * Checks a request's placeholders.
 * @param expressions the request's expressions by member name, to which the placeholders belong.
 * @throws AwsError `ValidationException`
 */
export function createPlaceholders(
  input: PlaceholderInput,
  expressions: Record<string, string | undefined>,
): Placeholders {
  const names = checkedKeys(
    'ExpressionAttributeNames',
    input.ExpressionAttributeNames,
    /^#\w+$/,
    expressions,
  );
  const rawValues = checkedKeys(
    'ExpressionAttributeValues',
    input.ExpressionAttributeValues,
    /^:\w+$/,
    expressions,
  );
  const values = new Map([...rawValues].map(([key, value]) => [key, checkedPlaceholderValue(key, value)]));
  const used = new Set<string>();
  const take = <V>(from: ReadonlyMap<string, V>, key: string): V | undefined => {
    used.add(key);
    return from.get(key);
  };
  return {
    name: (placeholder) => take(names, placeholder),
    value: (placeholder) => take(values, placeholder),
    assertAllUsed: () => {
      assertUsed('ExpressionAttributeNames', [...names.keys()], used);
      assertUsed('ExpressionAttributeValues', [...values.keys()], used);
    },
  };
}

function checkedKeys<V>(
  member: keyof PlaceholderInput,
  record: Record<string, V> | undefined,
  pattern: RegExp,
  expressions: Record<string, string | undefined>,
): Map<string, V> {
  if (record === undefined) return new Map();
  if (Object.values(expressions).every((expression) => expression === undefined)) {
    const absent = Object.keys(expressions);
    const detail =
      member === 'ExpressionAttributeNames'
        ? ''
        : `: ${absent.join(' and ')} ${absent.length > 1 ? 'are' : 'is'} null`;
    throw validation(`${member} can only be specified when using expressions${detail}`);
  }
  const entries = Object.entries(record);
  if (entries.length === 0) throw validation(`${member} must not be empty`);
  const bad = entries.find(([key]) => !pattern.test(key));
  if (bad) throw validation(`${member} contains invalid key: Syntax error; key: "${bad[0]}"`);
  return new Map(entries);
}

function checkedPlaceholderValue(key: string, value: AttributeValue): AttributeValue {
  try {
    return checkedValue(value);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw validation(`ExpressionAttributeValues contains invalid value: ${error.message} for key ${key}`);
  }
}

function assertUsed(member: string, keys: readonly string[], used: ReadonlySet<string>): void {
  const unused = keys.filter((key) => !used.has(key));
  if (unused.length > 0)
    throw validation(`Value provided in ${member} unused in expressions: keys: {${unused.join(', ')}}`);
}

const validation = (message: string): AwsError => new AwsError('ValidationException', message);
