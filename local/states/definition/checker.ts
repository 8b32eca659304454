/** Collects what is wrong with a definition, and reads its fields one by one. */
import {
  compileTemplate,
  type Expression,
  expressionsOf,
  isExpression,
  type Template,
} from '../expressions.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { statesFieldsOf } from './states-references.ts';

export interface Diagnostic {
  code: 'INVALID_JSON_DESCRIPTION' | 'SCHEMA_VALIDATION_FAILED' | 'MISSING_TRANSITION_TARGET';
  message: string;
  /** A path into the definition: `/States/Deploy/Next`. */
  location: string;
}

/** The names of `$states` that a field may read beyond `input` and `context`. */
export type Readable = 'result' | 'errorOutput';

export interface Checker {
  readonly diagnostics: Diagnostic[];
  report(message: string, location: string, code?: Diagnostic['code']): void;
  /** Whether the table of integrations has it. */
  knowsIntegration(name: string): boolean;
}

export function createChecker(knowsIntegration: (name: string) => boolean): Checker {
  const diagnostics: Diagnostic[] = [];
  const report: Checker['report'] = (message, location, code = 'SCHEMA_VALIDATION_FAILED') => {
    diagnostics.push({ code, message, location });
  };
  return { diagnostics, report, knowsIntegration };
}

export function readString(checker: Checker, raw: JsonObject, field: string, at: string): string | undefined {
  const value = raw[field];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '' && !isExpression(value)) return value;
  checker.report(`${field} must be a constant string, but is ${JSON.stringify(value)}`, `${at}/${field}`);
  return undefined;
}

/** A number of the definition itself, which may be no expression. */
export function readNumber(
  checker: Checker,
  raw: JsonObject,
  field: string,
  at: string,
  bounds: Bounds,
): number | undefined {
  const value = raw[field];
  if (value === undefined) return undefined;
  const problem = numberProblem(value, bounds);
  if (problem === undefined) return value as number;
  checker.report(`${field} ${problem}`, `${at}/${field}`);
  return undefined;
}

export interface Bounds {
  min: number;
  max: number;
  integer?: boolean;
}

/** What keeps a value from being a number within bounds, in words; undefined if nothing does. */
export function numberProblem(value: Json, { min, max, integer = true }: Bounds): string | undefined {
  const kind = integer ? 'an integer' : 'a number';
  const fits =
    typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value));
  return fits ? undefined : `must be ${kind} from ${min} to ${max}, but is ${JSON.stringify(value)}`;
}

/** Compiles a field in which expressions may stand; `readable` is what they may read of `$states`. */
export function readTemplate(
  checker: Checker,
  raw: JsonObject,
  field: string,
  at: string,
  readable: Readable[] = [],
): Template | undefined {
  const value = raw[field];
  if (value === undefined) return undefined;
  try {
    const template = compileTemplate(value, field);
    for (const expression of expressionsOf(template)) checkReferences(checker, expression, at, readable);
    return template;
  } catch (error) {
    checker.report(
      `${field} has a JSONata expression that does not parse: ${(error as Error).message}`,
      `${at}/${field}`,
    );
    return undefined;
  }
}

function checkReferences(checker: Checker, expression: Expression, at: string, readable: Readable[]): void {
  const allowed = ['input', 'context', ...readable];
  for (const name of statesFieldsOf(expression.compiled.ast())) {
    if (allowed.includes(name)) continue;
    const places = allowed.map((one) => `$states.${one}`).join(', ');
    checker.report(
      `$states.${name} cannot be read in ${expression.location}; there are ${places}`,
      `${at}/${expression.location}`,
    );
  }
}

/** A field that is either a number within bounds or one expression. */
export function readNumberTemplate(
  checker: Checker,
  raw: JsonObject,
  field: string,
  at: string,
  bounds: Bounds,
): Template | undefined {
  const value = raw[field];
  if (value === undefined) return undefined;
  const problem = isExpression(value) ? undefined : numberProblem(value, bounds);
  if (problem !== undefined) checker.report(`${field} ${problem}`, `${at}/${field}`);
  return readTemplate(checker, raw, field, at);
}

/** A field that is either a string or one expression. */
export function readStringTemplate(
  checker: Checker,
  raw: JsonObject,
  field: string,
  at: string,
): Template | undefined {
  const value = raw[field];
  if (value !== undefined && typeof value !== 'string') {
    checker.report(`${field} must be a string, but is ${JSON.stringify(value)}`, `${at}/${field}`);
    return undefined;
  }
  return readTemplate(checker, raw, field, at);
}

const VARIABLE_NAME = /^[\p{L}_][\p{L}\p{N}_]{0,79}$/u;

/** The Assign of a state, a Choice rule or a Catcher: an object of whole variables. */
export function readAssign(
  checker: Checker,
  raw: JsonObject,
  at: string,
  readable: Readable[] = [],
): Template | undefined {
  const value = raw.Assign;
  if (value === undefined) return undefined;
  if (!isObject(value)) {
    checker.report('Assign must be an object', `${at}/Assign`);
    return undefined;
  }
  for (const name of Object.keys(value)) {
    if (VARIABLE_NAME.test(name) && name !== 'states') continue;
    checker.report(
      `'${name}' is no variable that Assign can set: a name has letters, digits and _, is not 'states', and no part of a variable can be assigned`,
      `${at}/Assign`,
    );
  }
  return readTemplate(checker, raw, 'Assign', at, readable);
}

/** Reports each field that is not in `allowed`, JSONPath's by that word. */
export function checkFields(
  checker: Checker,
  raw: JsonObject,
  allowed: readonly string[],
  subject: string,
  at: string,
): void {
  for (const field of Object.keys(raw)) {
    if (allowed.includes(field)) continue;
    const why = isJsonPathField(field)
      ? 'belongs to JSONPath; the local cloud runs JSONata only'
      : `is not supported here; known are ${allowed.join(', ')}`;
    checker.report(`${subject}: field '${field}' ${why}`, `${at}/${field}`);
  }
}

const JSONPATH_FIELDS = [
  ...[
    'InputPath',
    'OutputPath',
    'ResultPath',
    'Parameters',
    'ResultSelector',
    'Result',
    'ItemsPath',
    'SecondsPath',
  ],
  ...[
    'TimestampPath',
    'TimeoutSecondsPath',
    'HeartbeatSecondsPath',
    'ErrorPath',
    'CausePath',
    'Variable',
    'And',
    'Or',
    'Not',
  ],
  ...['MaxConcurrencyPath', 'ToleratedFailureCountPath', 'ToleratedFailurePercentagePath'],
];

function isJsonPathField(field: string): boolean {
  return JSONPATH_FIELDS.includes(field) || field.endsWith('.$');
}
