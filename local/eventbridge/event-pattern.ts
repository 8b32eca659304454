/** Event patterns: every field named must match, any of the values listed will do. */
import { compileMatcher, invalidPattern, type Matcher } from './match.ts';

export interface EventPattern {
  matches(event: unknown): boolean;
  /** Whether it counts against the bus's quota of wildcard rules. */
  readonly hasWildcard: boolean;
}

type Test = (value: unknown) => boolean;

/**
 * Compiles a pattern's JSON text.
 * @throws AwsError `InvalidEventPatternException`
 */
export function compilePattern(text: string): EventPattern {
  const pattern = parsed(text);
  if (!isObject(pattern)) throw invalidPattern('Filter is not an object');
  if (Object.keys(pattern).length === 0)
    throw invalidPattern('Event pattern must contain at least one field');
  return { matches: compileObject(pattern), hasWildcard: /"wildcard"\s*:/.test(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidPattern(`${(error as Error).message}`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields of one object of an array must match together: that is what `some` over its elements says. */
function compileObject(pattern: Record<string, unknown>): Test {
  const tests = Object.entries(pattern).map(([name, value]) =>
    name === '$or' ? compileOr(value) : compileField(name, value),
  );
  const matchesObject = (value: unknown): boolean => tests.every((test) => test(value));
  return (value) => {
    if (!Array.isArray(value)) return matchesObject(isObject(value) ? value : {});
    return value
      .flat(Number.POSITIVE_INFINITY)
      .some((element) => isObject(element) && matchesObject(element));
  };
}

function compileOr(alternatives: unknown): Test {
  const isList = Array.isArray(alternatives) && alternatives.length >= 2 && alternatives.every(isObject);
  if (!isList) throw invalidPattern('$or must be an array of at least two objects');
  const tests = alternatives.map(compileObject);
  return (value) => tests.some((test) => test(value));
}

function compileField(name: string, pattern: unknown): Test {
  const test = compileValue(name, pattern);
  return (object) => test(isObject(object) && Object.hasOwn(object, name) ? object[name] : undefined);
}

function compileValue(name: string, pattern: unknown): Test {
  if (Array.isArray(pattern)) return compileLeaf(pattern);
  if (!isObject(pattern)) throw invalidPattern(`${JSON.stringify(name)} must be an object or an array`);
  if (Object.keys(pattern).length === 0) throw invalidPattern('Empty objects are not allowed');
  return compileObject(pattern);
}

function compileLeaf(alternatives: readonly unknown[]): Test {
  if (alternatives.length === 0) throw invalidPattern('Empty arrays are not allowed');
  const matchers = alternatives.map(compileMatcher);
  return (value) => matchesAny(matchers, scalarsOf(value));
}

/** Only leaves count as present: an object, or an empty list, in the place of a value is an absent value. */
function scalarsOf(value: unknown): unknown[] {
  const values = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
  return values.filter((one) => one !== undefined && !isObject(one));
}

function matchesAny(matchers: readonly Matcher[], values: readonly unknown[]): boolean {
  if (values.length === 0) return matchers.some(({ matchesAbsent }) => matchesAbsent);
  return matchers.some(({ test }) => values.some(test));
}
