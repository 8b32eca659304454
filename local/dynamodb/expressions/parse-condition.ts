/** Parses ConditionExpression, FilterExpression and KeyConditionExpression into a tree. */
import { type AttributeValue, compareValues, TYPES, type Type, typeOf } from '../attribute-value.ts';
import { Cursor } from './cursor.ts';
import type { Placeholders } from './placeholders.ts';
import { type Comparator, type Condition, type DocumentPath, type Operand, spelled } from './syntax.ts';

const COMPARATORS: readonly string[] = ['=', '<>', '<', '<=', '>', '>='];
const ORDERED: readonly Type[] = ['S', 'N', 'B'];
const IN_MAX = 100;

/** @throws AwsError `ValidationException` */
export function parseCondition(label: string, text: string, placeholders: Placeholders): Condition {
  const parser = new ConditionParser(new Cursor(label, text, placeholders));
  return parser.parse();
}

class ConditionParser {
  readonly #cursor: Cursor;
  /** Where parenthesised groups began and ended, to tell a group that is only another group. */
  readonly #groups = new Map<number, number>();

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  parse(): Condition {
    const condition = this.#or();
    this.#cursor.expectEnd();
    return condition;
  }

  #or(): Condition {
    let left = this.#and();
    while (this.#cursor.takeKeyword('OR')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Condition {
    let left = this.#not();
    while (this.#cursor.takeKeyword('AND')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Condition {
    if (this.#cursor.takeKeyword('NOT')) return { kind: 'not', condition: this.#not() };
    return this.#primary();
  }

  #primary(): Condition {
    const from = this.#cursor.position;
    if (this.#cursor.takeSymbol('(')) return this.#group(from);
    if (this.#cursor.isCall() && this.#cursor.peek().text !== 'size') return this.#call();
    return this.#comparison(this.#operand());
  }

  #group(from: number): Condition {
    const condition = this.#or();
    if (this.#groups.get(from + 1) === this.#cursor.position)
      throw this.#cursor.fail('The expression has redundant parentheses;');
    this.#cursor.expect(')');
    this.#groups.set(from, this.#cursor.position);
    return condition;
  }

  #comparison(left: Operand): Condition {
    const { kind, text } = this.#cursor.peek();
    if (kind === 'symbol' && COMPARATORS.includes(text)) return this.#compare(left);
    if (this.#cursor.takeKeyword('BETWEEN')) return this.#between(left);
    if (this.#cursor.takeKeyword('IN')) return this.#in(left);
    throw this.#cursor.unexpected();
  }

  #compare(left: Operand): Condition {
    const comparator = this.#cursor.take().text as Comparator;
    const right = this.#operand();
    this.#requireDistinct(comparator, left, right);
    if (comparator !== '=' && comparator !== '<>') this.#requireTypes(comparator, [left, right], ORDERED);
    return { kind: 'compare', comparator, left, right };
  }

  #between(operand: Operand): Condition {
    const low = this.#operand();
    if (!this.#cursor.takeKeyword('AND')) throw this.#cursor.unexpected();
    const high = this.#operand();
    this.#requireTypes('BETWEEN', [low, high], ORDERED);
    if (low.kind === 'value' && high.kind === 'value') this.#requireBounds(low.value, high.value);
    return { kind: 'between', operand, low, high };
  }

  #requireBounds(low: AttributeValue, high: AttributeValue): void {
    const order = compareValues(low, high);
    if (order !== undefined && order <= 0) return;
    const rule =
      order === undefined
        ? 'same data type for lower and upper bounds'
        : 'upper bound to be greater than or equal to lower bound';
    const bounds = `lower bound operand: AttributeValue: ${shown(low)}, upper bound operand: AttributeValue: ${shown(high)}`;
    throw this.#cursor.fail(`The BETWEEN operator requires ${rule}; ${bounds}`);
  }

  #in(operand: Operand): Condition {
    this.#cursor.expect('(');
    const candidates = this.#list(() => this.#operand());
    if (candidates.length > IN_MAX)
      throw this.#cursor.fail(
        `The IN operator is provided with too many operands; number of operands: ${candidates.length}`,
      );
    return { kind: 'in', operand, candidates };
  }

  #operand(): Operand {
    if (this.#cursor.isCall()) return this.#size();
    if (this.#cursor.peek().kind === 'value') return { kind: 'value', value: this.#cursor.takeValue() };
    return { kind: 'path', path: this.#cursor.takePath() };
  }

  #size(): Operand {
    const name = this.#cursor.peek().text;
    if (name !== 'size') throw this.#misplaced(name);
    return { kind: 'size', path: this.#pathOf('size', this.#arguments('size', 1)[0]) };
  }

  #call(): Condition {
    const name = this.#cursor.peek().text;
    switch (name) {
      case 'attribute_exists':
      case 'attribute_not_exists':
        return { kind: name, path: this.#pathOf(name, this.#arguments(name, 1)[0]) };
      case 'attribute_type':
        return this.#attributeType();
      case 'begins_with':
      case 'contains':
        return this.#twoOperands(name);
      default:
        throw this.#cursor.fail(`Invalid function name; function: ${name}`);
    }
  }

  #attributeType(): Condition {
    const [first, second] = this.#arguments('attribute_type', 2);
    const path = this.#pathOf('attribute_type', first);
    if (second?.kind !== 'value') throw this.#wrongType('attribute_type', '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}');
    if (second.value.S === undefined) throw this.#wrongType('attribute_type', typeOf(second.value));
    const type = TYPES.find((candidate) => candidate === second.value.S);
    if (!type)
      throw this.#cursor.fail(
        `Invalid attribute type name found; type: ${second.value.S}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
      );
    return { kind: 'attribute_type', path, type };
  }

  #twoOperands(name: 'begins_with' | 'contains'): Condition {
    const [operand, argument] = this.#arguments(name, 2) as [Operand, Operand];
    this.#requireDistinct(name, operand, argument);
    if (name === 'begins_with') this.#requireTypes(name, [operand, argument], ['S', 'B']);
    return { kind: name, operand, argument };
  }

  #arguments(name: string, count: number): Operand[] {
    this.#cursor.take();
    this.#cursor.expect('(');
    const operands = this.#list(() => this.#operand());
    if (operands.length === count) return operands;
    throw this.#cursor.fail(
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
  }

  /** One or more, separated by commas, up to the closing parenthesis. */
  #list(one: () => Operand): Operand[] {
    const operands = [one()];
    while (this.#cursor.takeSymbol(',')) operands.push(one());
    this.#cursor.expect(')');
    return operands;
  }

  #pathOf(name: string, operand: Operand | undefined): DocumentPath {
    if (operand?.kind === 'path') return operand.path;
    throw this.#cursor.fail(`Operator or function requires a document path; operator or function: ${name}`);
  }

  #requireTypes(name: string, operands: readonly Operand[], allowed: readonly Type[]): void {
    for (const operand of operands) {
      if (operand.kind !== 'value') continue;
      const type = typeOf(operand.value);
      if (!allowed.includes(type)) throw this.#wrongType(name, type);
    }
  }

  #requireDistinct(name: string, first: Operand, second: Operand): void {
    if (first.kind !== 'path' || second.kind !== 'path' || spelled(first.path) !== spelled(second.path))
      return;
    throw this.#cursor.fail(
      `The first operand must be distinct from the remaining operands for this operator or function; operator: ${name}, first operand: ${spelled(first.path)}`,
    );
  }

  #wrongType(name: string, type: string): Error {
    return this.#cursor.fail(
      `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
    );
  }

  #misplaced(name: string): Error {
    return this.#cursor.fail(
      `The function is not allowed to be used this way in an expression; function: ${name}`,
    );
  }
}

const shown = (value: AttributeValue): string => `{${typeOf(value)}:${String(value[typeOf(value)])}}`;
