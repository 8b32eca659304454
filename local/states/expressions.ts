/** JSONata in a definition: which strings are expressions, compiled once, evaluated to plain JSON. */
import jsonata from 'jsonata';
import type { Clock } from '../clock/clock.ts';
import type { Random } from '../random.ts';
import { EvaluationFailure } from './errors.ts';
import { type Json, typeName } from './json.ts';
import { functionBindings } from './jsonata-functions.ts';

/** What an expression can see: `$states` and the variables in scope. */
export interface Bindings {
  states: Record<string, Json>;
  variables: Readonly<Record<string, Json>>;
}

/** Where an evaluation takes time and chance from. */
export interface Surroundings {
  clock: Clock;
  random: Random;
}

export interface Expression {
  /** The text between `{%` and `%}`, trimmed, as causes quote it. */
  readonly source: string;
  /** The field it stands in: `Output/result`. */
  readonly location: string;
  readonly compiled: jsonata.Expression;
}

/** A value of a definition in which expressions may stand at any depth. */
export type Template =
  | { kind: 'constant'; value: Json }
  | { kind: 'expression'; expression: Expression }
  | { kind: 'array'; items: Template[] }
  | { kind: 'object'; members: [string, Template][] };

/** Nested evaluations that one expression may make: a recursion beyond it is an error and not a crash. */
const DEPTH_MAX = 1000;

/** AWS takes a string as an expression only if the markers are its very first and last characters. */
export function isExpression(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 4 && value.startsWith('{%') && value.endsWith('%}');
}

/** @throws the library's error with a `message` if the expression does not parse */
export function compileExpression(text: string, location: string): Expression {
  const source = text.slice(2, -2).trim();
  return { source, location, compiled: jsonata(source, { stack: DEPTH_MAX }) };
}

/** @throws as {@link compileExpression} */
export function compileTemplate(value: Json, location: string): Template {
  if (isExpression(value)) return { kind: 'expression', expression: compileExpression(value, location) };
  if (Array.isArray(value)) {
    const items = value.map((item, index) => compileTemplate(item, `${location}[${index}]`));
    return items.every(isConstant) ? { kind: 'constant', value } : { kind: 'array', items };
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, member]): [string, Template] => [
      key,
      compileTemplate(member, `${location}/${key}`),
    ]);
    return members.every(([, member]) => isConstant(member))
      ? { kind: 'constant', value }
      : { kind: 'object', members };
  }
  return { kind: 'constant', value };
}

const isConstant = (template: Template): boolean => template.kind === 'constant';

/** Every expression of a template, for checks of a definition. */
export function expressionsOf(template: Template): Expression[] {
  if (template.kind === 'expression') return [template.expression];
  if (template.kind === 'array') return template.items.flatMap(expressionsOf);
  if (template.kind === 'object') return template.members.flatMap(([, member]) => expressionsOf(member));
  return [];
}

/** @throws EvaluationFailure */
export async function evaluateTemplate(
  template: Template,
  bindings: Bindings,
  surroundings: Surroundings,
): Promise<Json> {
  if (template.kind === 'constant') return template.value;
  if (template.kind === 'expression') return evaluateExpression(template.expression, bindings, surroundings);
  if (template.kind === 'array') {
    const values: Json[] = [];
    for (const item of template.items) values.push(await evaluateTemplate(item, bindings, surroundings));
    return values;
  }
  const entries: [string, Json][] = [];
  for (const [key, member] of template.members)
    entries.push([key, await evaluateTemplate(member, bindings, surroundings)]);
  return Object.fromEntries(entries);
}

/**
 * Evaluates to plain JSON that shares nothing with its inputs.
 * @throws EvaluationFailure if it fails, gives nothing, or gives what JSON cannot hold
 */
export async function evaluateExpression(
  expression: Expression,
  bindings: Bindings,
  { clock, random }: Surroundings,
): Promise<Json> {
  const functions = await functionBindings(clock, random);
  const all = { ...functions, ...bindings.variables, states: bindings.states };
  let result: unknown;
  try {
    result = await expression.compiled.evaluate(undefined, all);
  } catch (error) {
    throw failureOf(expression, `threw an error during evaluation. ${describe(error)}`);
  }
  if (result === undefined) throw failureOf(expression, 'returned nothing (undefined).');
  return plainJson(result, () => failureOf(expression, 'returned an unsupported result type.'));
}

/** @throws EvaluationFailure that says which type was expected */
export function expectType<Name extends 'array' | 'boolean' | 'number' | 'string'>(
  value: Json,
  expected: Name,
  template: Template,
): void {
  const found = typeName(value);
  if (found === expected) return;
  const text = JSON.stringify(value);
  if (template.kind !== 'expression')
    throw new EvaluationFailure(`expected '${expected}', but was '${found}' for value: ${text}`);
  throw failureOf(
    template.expression,
    `returned an unexpected result type. Expected '${expected}', but was '${found}' for value: ${text}`,
  );
}

function failureOf({ source, location }: Expression, what: string): EvaluationFailure {
  return new EvaluationFailure(
    `The JSONata expression '${source}' specified for the field '${location}' ${what}`,
    location,
  );
}

function describe(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return [code, message].filter((part) => part !== undefined).join(': ');
}

/** JSONata's own arrays carry marks and share structure with the input; functions and the like have no JSON. */
function plainJson(value: unknown, unsupported: () => EvaluationFailure): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value))
    return value.filter((item) => item !== undefined).map((item) => plainJson(item, unsupported));
  if (typeof value !== 'object' || isFunctionLike(value)) throw unsupported();
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [key, plainJson(member, unsupported)]));
}

function isFunctionLike(value: object): boolean {
  return '_jsonata_lambda' in value || '_jsonata_function' in value || value instanceof RegExp;
}
