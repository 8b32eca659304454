/** What a KeyConditionExpression may say: one hash key's value, and at most one test of the range key. */
import { AwsError } from '../wire/aws-error.ts';
import { type AttributeValue, typeOf } from './attribute-value.ts';
import type { Condition, DocumentPath, Operand } from './expressions/syntax.ts';
import { type KeySchema, keyNames } from './table.ts';

export interface KeyCondition {
  hash: AttributeValue;
  /** Of one attribute only: the range key. */
  range: Condition | undefined;
}

/**
 * Reads a parsed key condition.
 * @throws AwsError `ValidationException` if it is not one that `key` can answer.
 */
export function keyConditionOf(
  condition: Condition,
  key: KeySchema,
  types: ReadonlyMap<string, string>,
): KeyCondition {
  const tests = conjuncts(condition);
  const hashTest = tests.find((test) => attributeOf(test) === key.hash);
  if (!hashTest) throw validation(`Query condition missed key schema element: ${key.hash}`);
  if (hashTest.kind !== 'compare' || hashTest.comparator !== '=')
    throw validation('Query key condition not supported');
  const rest = tests.filter((test) => test !== hashTest);
  const stranger = rest.find((test) => attributeOf(test) !== key.range);
  if (stranger) throw validation(missedElement(key, rest.length));
  if (rest.length > 1) throw invalid('KeyConditionExpressions must only contain one condition per key');
  for (const test of tests) requireTypes(test, types);
  return { hash: literalOf(hashTest.right) ?? literalOf(hashTest.left) ?? notSupported(), range: rest[0] };
}

const missedElement = ({ range }: KeySchema, others: number): string =>
  range === undefined || others > 1
    ? 'Query key condition not supported'
    : `Query condition missed key schema element: ${range}`;

/** @throws AwsError `ValidationException` if a filter tests a key attribute, which only the key condition may. */
export function requireNoKeyIn(filter: Condition, key: KeySchema): void {
  const name = topLevelNames(filter).find((candidate) => keyNames(key).includes(candidate));
  if (name === undefined) return;
  throw validation(
    `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`,
  );
}

function conjuncts(condition: Condition): Condition[] {
  switch (condition.kind) {
    case 'and':
      return [...conjuncts(condition.left), ...conjuncts(condition.right)];
    case 'compare':
      if (condition.comparator === '<>') throw invalid('Invalid operator used in KeyConditionExpression: <>');
      return [condition];
    case 'between':
    case 'begins_with':
      return [condition];
    default:
      throw invalid(`Invalid operator used in KeyConditionExpression: ${condition.kind.toUpperCase()}`);
  }
}

function attributeOf(condition: Condition): string {
  const path = operandsOf(condition).find((operand) => operand.kind === 'path')?.path;
  if (!path) throw invalid('No key attribute in a condition; each condition must name one');
  if (path.length > 1) throw invalid('KeyConditionExpressions cannot have conditions on nested attributes');
  return String(path[0]);
}

function operandsOf(condition: Condition): Operand[] {
  switch (condition.kind) {
    case 'compare':
      return [condition.left, condition.right];
    case 'between':
      return [condition.operand, condition.low, condition.high];
    case 'begins_with':
    case 'contains':
      return [condition.operand, condition.argument];
    case 'in':
      return [condition.operand, ...condition.candidates];
    default:
      return [];
  }
}

function requireTypes(condition: Condition, types: ReadonlyMap<string, string>): void {
  const expected = types.get(attributeOf(condition));
  for (const operand of operandsOf(condition)) {
    const value = literalOf(operand);
    if (value && typeOf(value) !== expected) {
      throw validation(
        'One or more parameter values were invalid: Condition parameter type does not match schema type',
      );
    }
    if (value?.S === '' && condition.kind === 'compare' && condition.comparator === '=') {
      throw validation(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${attributeOf(condition)}`,
      );
    }
  }
}

function topLevelNames(condition: Condition): string[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return [...topLevelNames(condition.left), ...topLevelNames(condition.right)];
    case 'not':
      return topLevelNames(condition.condition);
    case 'attribute_exists':
    case 'attribute_not_exists':
    case 'attribute_type':
      return [head(condition.path)];
    default:
      return operandsOf(condition).flatMap((operand) =>
        operand.kind === 'value' ? [] : [head(operand.path)],
      );
  }
}

const head = (path: DocumentPath): string => String(path[0]);
const literalOf = (operand: Operand): AttributeValue | undefined =>
  operand.kind === 'value' ? operand.value : undefined;

function notSupported(): never {
  throw validation('Query key condition not supported');
}

const validation = (message: string): AwsError => new AwsError('ValidationException', message);
const invalid = (reason: string): AwsError => validation(`Invalid KeyConditionExpression: ${reason}`);
