/** Metric math as far as ratios need it: numbers, ids, + - * / and parentheses. */
import { notImplemented } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';

/** Values by the start of their period. */
export type Datapoints = ReadonlyMap<number, number>;

type Node =
  | { kind: 'number'; value: number }
  | { kind: 'id'; id: string }
  | { kind: '+' | '-' | '*' | '/'; left: Node; right: Node };

export interface Expression {
  /** Ids of the queries that it reads. */
  readonly ids: readonly string[];
  /** A value for each period in which every id has one, and no division is by zero. */
  evaluate(inputs: ReadonlyMap<string, Datapoints>): Datapoints;
}

const TOKEN = /\s*([a-z]\w*|\d+(?:\.\d*)?|[A-Z]+|[-+*/()])/y;
const DEPTH_MAX = 100;

/** @throws AwsError `ValidationException`, `NotImplemented` for functions. */
export function parseExpression(text: string): Expression {
  const tokens = tokenize(text);
  let at = 0;
  const takeAny = (operators: readonly string[]): string | undefined => {
    const token = tokens[at];
    if (token === undefined || !operators.includes(token)) return undefined;
    at += 1;
    return token;
  };
  const chain = (operand: (depth: number) => Node, operators: readonly string[], depth: number): Node => {
    let left = operand(depth);
    for (let kind = takeAny(operators); kind !== undefined; kind = takeAny(operators)) {
      left = { kind: kind as '+', left, right: operand(depth) };
    }
    return left;
  };
  const sum = (depth: number): Node => chain(product, ['+', '-'], depth);
  const product = (depth: number): Node => chain(primary, ['*', '/'], depth);
  const primary = (depth: number): Node => {
    if (depth > DEPTH_MAX) throw invalid(text, 'nesting is too deep');
    if (takeAny(['-'])) return { kind: '-', left: { kind: 'number', value: 0 }, right: primary(depth + 1) };
    if (takeAny(['('])) {
      const node = sum(depth + 1);
      if (!takeAny([')'])) throw invalid(text, '")" is missing');
      return node;
    }
    return leaf(text, tokens[at++]);
  };
  const root = sum(0);
  if (at < tokens.length) throw invalid(text, `${tokens[at]} was not expected`);
  const ids = tokens.filter((token) => /^[a-z]/.test(token));
  if (ids.length === 0) throw invalid(text, 'it must read at least one metric');
  return { ids, evaluate: (inputs) => evaluateAll(root, ids, inputs) };
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw invalid(text, `${text.slice(from, from + 10)} was not expected`);
    if (/^[A-Z]/.test(token)) throw notImplemented(`the metric math function ${token}`);
    tokens.push(token);
  }
  return tokens;
}

function leaf(text: string, token: string | undefined): Node {
  if (token !== undefined && /^\d/.test(token)) return { kind: 'number', value: Number(token) };
  if (token !== undefined && /^[a-z]/.test(token)) return { kind: 'id', id: token };
  throw invalid(text, token === undefined ? 'it ends too early' : `${token} was not expected`);
}

function evaluateAll(
  root: Node,
  ids: readonly string[],
  inputs: ReadonlyMap<string, Datapoints>,
): Datapoints {
  const series = ids.map((id) => inputs.get(id) ?? new Map<number, number>());
  const periods = [...(series[0]?.keys() ?? [])].filter((period) => series.every((one) => one.has(period)));
  const values = periods.map((period): [number, number] => [
    period,
    evaluate(root, (id) => inputs.get(id)?.get(period) ?? Number.NaN),
  ]);
  return new Map(values.filter(([, value]) => Number.isFinite(value)));
}

function evaluate(node: Node, valueOfId: (id: string) => number): number {
  if (node.kind === 'number') return node.value;
  if (node.kind === 'id') return valueOfId(node.id);
  const [left, right] = [evaluate(node.left, valueOfId), evaluate(node.right, valueOfId)];
  if (node.kind === '+') return left + right;
  if (node.kind === '-') return left - right;
  return node.kind === '*' ? left * right : left / right;
}

const invalid = (text: string, reason: string): AwsError =>
  new AwsError('ValidationException', `Error in expression ${JSON.stringify(text)}: ${reason}`);
