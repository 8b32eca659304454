/** Parses UpdateExpression: SET, REMOVE, ADD and DELETE, each at most once. */
import { type AttributeValue, type Type, typeOf } from '../attribute-value.ts';
import { Cursor } from './cursor.ts';
import { requireDisjoint } from './document-path.ts';
import type { Placeholders } from './placeholders.ts';
import type { DocumentPath, SetValue, Update, UpdateOperand } from './syntax.ts';

const SECTIONS = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;
type Section = (typeof SECTIONS)[number];

/** The words by which DynamoDB's messages about ADD and DELETE call its types. */
const TYPE_WORDS: Partial<Record<Type, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  NULL: 'NULL',
  BOOL: 'BOOLEAN',
  L: 'LIST',
  M: 'MAP',
};

/** @throws AwsError `ValidationException` */
export function parseUpdate(text: string, placeholders: Placeholders): Update {
  return new UpdateParser(new Cursor('UpdateExpression', text, placeholders)).parse();
}

/** Every path that an update writes. */
export function writtenPaths(update: Update): DocumentPath[] {
  return [
    ...update.set.map(({ path }) => path),
    ...update.remove,
    ...update.add.map(({ path }) => path),
    ...update.delete.map(({ path }) => path),
  ];
}

class UpdateParser {
  readonly #cursor: Cursor;
  readonly #update: Update = { set: [], remove: [], add: [], delete: [] };

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  parse(): Update {
    const seen = new Set<Section>();
    while (this.#cursor.peek().kind !== 'end') {
      const section = SECTIONS.find((word) => this.#cursor.takeKeyword(word));
      if (!section) throw this.#cursor.unexpected();
      if (seen.has(section))
        throw this.#cursor.fail(`The "${section}" section can only be used once in an update expression;`);
      seen.add(section);
      do this.#action(section);
      while (this.#cursor.takeSymbol(','));
    }
    requireDisjoint(writtenPaths(this.#update), (reason) => this.#cursor.fail(reason));
    return this.#update;
  }

  #action(section: Section): void {
    const path = this.#cursor.takePath();
    switch (section) {
      case 'SET':
        this.#cursor.expect('=');
        this.#update.set.push({ path, value: this.#setValue() });
        break;
      case 'REMOVE':
        this.#update.remove.push(path);
        break;
      case 'ADD':
        this.#update.add.push({ path, value: this.#addend('ADD', ['N', 'SS', 'NS', 'BS']) });
        break;
      case 'DELETE':
        this.#update.delete.push({ path, value: this.#addend('DELETE', ['SS', 'NS', 'BS']) });
        break;
    }
  }

  #addend(section: Section, allowed: readonly Type[]): AttributeValue {
    const value = this.#cursor.takeValue();
    const type = typeOf(value);
    if (allowed.includes(type)) return value;
    throw this.#cursor.fail(
      `Incorrect operand type for operator or function; operator: ${section}, operand type: ${TYPE_WORDS[type] ?? type}`,
    );
  }

  #setValue(): SetValue {
    if (this.#cursor.takeSymbol('(')) {
      const value = this.#setValue();
      this.#cursor.expect(')');
      return value;
    }
    const left = this.#operand();
    const operator = (['+', '-'] as const).find((symbol) => this.#cursor.takeSymbol(symbol));
    if (!operator) return left;
    const right = this.#operand();
    this.#requireType(operator, [left, right], 'N');
    return { kind: operator, left, right };
  }

  #operand(): UpdateOperand {
    if (this.#cursor.isCall()) return this.#call();
    if (this.#cursor.peek().kind === 'value') return { kind: 'value', value: this.#cursor.takeValue() };
    return { kind: 'path', path: this.#cursor.takePath() };
  }

  #call(): UpdateOperand {
    const name = this.#cursor.take().text;
    if (name !== 'if_not_exists' && name !== 'list_append')
      throw this.#cursor.fail(`Invalid function name; function: ${name}`);
    const [first, second] = this.#twoOperands(name);
    if (name === 'if_not_exists') return { kind: name, path: this.#pathOf(name, first), fallback: second };
    this.#requireType(name, [first, second], 'L');
    return { kind: name, left: first, right: second };
  }

  #twoOperands(name: string): [UpdateOperand, UpdateOperand] {
    this.#cursor.expect('(');
    const operands = [this.#operand()];
    while (this.#cursor.takeSymbol(',')) operands.push(this.#operand());
    this.#cursor.expect(')');
    const [first, second] = operands;
    if (first && second && operands.length === 2) return [first, second];
    throw this.#cursor.fail(
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
  }

  #pathOf(name: string, operand: UpdateOperand): DocumentPath {
    if (operand.kind === 'path') return operand.path;
    throw this.#cursor.fail(`Operator or function requires a document path; operator or function: ${name}`);
  }

  #requireType(name: string, operands: readonly UpdateOperand[], allowed: Type): void {
    for (const operand of operands) {
      if (operand.kind !== 'value' || typeOf(operand.value) === allowed) continue;
      const what = `operator or function: ${name}, operand type: ${typeOf(operand.value)}`;
      throw this.#cursor.fail(`Incorrect operand type for operator or function; ${what}`);
    }
  }
}
