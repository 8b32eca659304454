/** Tokens of an expression, and the place in them that a parser has reached. */
import { AwsError } from '../../wire/aws-error.ts';
import type { AttributeValue } from '../attribute-value.ts';
import type { Placeholders } from './placeholders.ts';
import { isReserved } from './reserved-words.ts';
import type { DocumentPath } from './syntax.ts';

export interface Token {
  kind: 'word' | 'name' | 'value' | 'number' | 'symbol' | 'end';
  text: string;
}

/** The longest expression, in bytes. */
const EXPRESSION_SIZE_MAX = 4096;
const TOKEN = /\s*(?:([A-Za-z]\w*)|(#\w+)|(:\w+)|(\d+)|(<>|<=|>=|[=<>()[\],.+-]))/y;
const KINDS = ['word', 'name', 'value', 'number', 'symbol'] as const;

export class Cursor {
  readonly #tokens: Token[];
  readonly #label: string;
  readonly #placeholders: Placeholders;
  #at = 0;

  /** @param label the member that holds the expression: `ConditionExpression`. */
  constructor(label: string, text: string, placeholders: Placeholders) {
    this.#label = label;
    this.#placeholders = placeholders;
    if (text.trim() === '') throw this.fail('The expression can not be empty;');
    if (Buffer.byteLength(text) > EXPRESSION_SIZE_MAX) {
      throw this.fail(
        `Expression size has exceeded the maximum allowed size; expression size: ${Buffer.byteLength(text)}`,
      );
    }
    this.#tokens = this.#tokenize(text);
  }

  /** The index of the next token. */
  get position(): number {
    return this.#at;
  }

  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? { kind: 'end', text: '<EOF>' };
  }

  take(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  /** Takes the next token if it is this symbol. */
  takeSymbol(symbol: string): boolean {
    const found = this.peek().kind === 'symbol' && this.peek().text === symbol;
    if (found) this.#at += 1;
    return found;
  }

  /** Takes the next token if it is this keyword, in any case of letters. */
  takeKeyword(keyword: string): boolean {
    const found = this.peek().kind === 'word' && this.peek().text.toUpperCase() === keyword;
    if (found) this.#at += 1;
    return found;
  }

  expect(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected();
  }

  expectEnd(): void {
    if (this.peek().kind !== 'end') throw this.unexpected();
  }

  /** Whether a function's name and `(` come next. */
  isCall(): boolean {
    return this.peek().kind === 'word' && this.peek(1).kind === 'symbol' && this.peek(1).text === '(';
  }

  takePath(): DocumentPath {
    const path: (string | number)[] = [this.#takeName()];
    for (;;) {
      if (this.takeSymbol('.')) path.push(this.#takeName());
      else if (this.takeSymbol('[')) path.push(this.#takeIndex());
      else return path;
    }
  }

  takeValue(): AttributeValue {
    if (this.peek().kind !== 'value') throw this.unexpected();
    const { text } = this.take();
    const value = this.#placeholders.value(text);
    if (value === undefined) {
      throw this.fail(
        `An expression attribute value used in expression is not defined; attribute value: ${text}`,
      );
    }
    return value;
  }

  fail(reason: string): AwsError {
    return new AwsError('ValidationException', `Invalid ${this.#label}: ${reason}`);
  }

  unexpected(): AwsError {
    const near = [this.#tokens[this.#at - 1], this.#tokens[this.#at], this.#tokens[this.#at + 1]];
    return this.#syntaxError(this.peek().text, near.flatMap((token) => token?.text ?? []).join(' '));
  }

  #takeName(): string {
    const token = this.take();
    if (token.kind === 'name') return this.#named(token.text);
    if (token.kind !== 'word') {
      this.#at -= 1;
      throw this.unexpected();
    }
    if (isReserved(token.text))
      throw this.fail(`Attribute name is a reserved keyword; reserved keyword: ${token.text}`);
    return token.text;
  }

  #named(placeholder: string): string {
    const name = this.#placeholders.name(placeholder);
    if (name !== undefined) return name;
    throw this.fail(
      `An expression attribute name used in the document path is not defined; attribute name: ${placeholder}`,
    );
  }

  #takeIndex(): number {
    if (this.peek().kind !== 'number') throw this.unexpected();
    const index = Number(this.take().text);
    this.expect(']');
    return index;
  }

  #tokenize(text: string): Token[] {
    const tokens: Token[] = [];
    const end = text.trimEnd().length;
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < end) {
      const from = TOKEN.lastIndex;
      const match = TOKEN.exec(text);
      if (!match)
        throw this.#syntaxError(
          text.slice(from).trimStart().slice(0, 1),
          text.slice(Math.max(0, from - 5), from + 5),
        );
      const kind = KINDS.find((_, index) => match[index + 1] !== undefined) ?? 'symbol';
      tokens.push({ kind, text: match[0].trimStart() });
    }
    return tokens;
  }

  #syntaxError(token: string, near: string): AwsError {
    return this.fail(`Syntax error; token: "${token}", near: "${near}"`);
  }
}
