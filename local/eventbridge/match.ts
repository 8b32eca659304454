/** The matchers of event patterns: each a test of one value of an event. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { AwsError } from '../wire/aws-error.ts';

/** Tests one scalar of an event; what is absent is never given to it. */
export type ValueTest = (value: unknown) => boolean;

/** A matcher, and whether it asks for an absent field. */
export interface Matcher {
  test: ValueTest;
  matchesAbsent: boolean;
}

/**
 * Compiles one element of a pattern's array.
 * @throws AwsError `InvalidEventPatternException`
 */
export function compileMatcher(matcher: unknown): Matcher {
  if (typeof matcher !== 'object' || matcher === null) return present((value) => value === matcher);
  const [kind, argument] = onlyEntry(matcher);
  if (kind === 'exists') return existence(argument);
  return present(compileTest(kind, argument));
}

const present = (test: ValueTest): Matcher => ({ test, matchesAbsent: false });

function existence(argument: unknown): Matcher {
  if (typeof argument !== 'boolean')
    throw invalidPattern('exists match pattern must be either true or false.');
  return { test: () => argument, matchesAbsent: !argument };
}

function onlyEntry(matcher: object): [string, unknown] {
  const entries = Object.entries(matcher);
  const [entry] = entries;
  if (!entry || entries.length > 1) throw invalidPattern('Only one key allowed in match expression');
  return entry;
}

function compileTest(kind: string, argument: unknown): ValueTest {
  switch (kind) {
    case 'prefix':
      return affix('prefix', argument, (text, part) => text.startsWith(part));
    case 'suffix':
      return affix('suffix', argument, (text, part) => text.endsWith(part));
    case 'equals-ignore-case':
      return ignoringCase(kind, argument, (text, other) => text === other);
    case 'wildcard':
      return wildcard(argument);
    case 'anything-but':
      return anythingBut(argument);
    case 'numeric':
      return numeric(argument);
    case 'cidr':
      return cidr(argument);
    default:
      throw invalidPattern(`Unrecognized match type ${kind}`);
  }
}

type TextTest = (text: string, other: string) => boolean;

function affix(kind: string, argument: unknown, test: TextTest): ValueTest {
  if (typeof argument !== 'object' || argument === null) return text(kind, argument, test);
  const [nested, value] = onlyEntry(argument);
  if (nested === 'equals-ignore-case') return ignoringCase(kind, value, test);
  throw invalidPattern(`Unsupported anything-but or ${kind} pattern: ${nested}`);
}

function text(kind: string, argument: unknown, test: TextTest): ValueTest {
  const expected = requireText(kind, argument);
  return (value) => typeof value === 'string' && test(value, expected);
}

function ignoringCase(kind: string, argument: unknown, test: TextTest): ValueTest {
  const expected = requireText(kind, argument).toLowerCase();
  return (value) => typeof value === 'string' && test(value.toLowerCase(), expected);
}

function requireText(kind: string, argument: unknown): string {
  if (typeof argument === 'string') return argument;
  throw invalidPattern(`${kind} match pattern must be a string`);
}

/** `*` stands for any characters; `\*` and `\\` for themselves. */
function wildcard(argument: unknown): ValueTest {
  const pattern = requireText('wildcard', argument);
  const parts: string[] = pattern.match(/\\[*\\]|\\|\*|[^*\\]+/g) ?? [];
  if (parts.includes('\\'))
    throw invalidPattern(`Invalid escape character in wildcard ${JSON.stringify(pattern)}`);
  if (pattern.includes('**')) throw invalidPattern('Consecutive wildcard characters');
  const source = parts.map((part) => (part === '*' ? '.*' : escapeRegExp(part.replace(/^\\/, '')))).join('');
  const expression = new RegExp(`^${source}$`, 's');
  return (value) => typeof value === 'string' && expression.test(value);
}

const escapeRegExp = (part: string): string => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function anythingBut(argument: unknown): ValueTest {
  const excluded = excludedBy(argument);
  return (value) => !excluded.some((test) => test(value));
}

function excludedBy(argument: unknown): ValueTest[] {
  if (typeof argument === 'object' && argument !== null && !Array.isArray(argument)) {
    const [kind, value] = onlyEntry(argument);
    if (!['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(kind)) {
      throw invalidPattern(`Unsupported anything-but pattern: ${kind}`);
    }
    return nonEmptyList(value).map((one) => compileTest(kind, one));
  }
  return nonEmptyList(argument).map((one) => {
    if (typeof one === 'string' || typeof one === 'number') return (value) => value === one;
    throw invalidPattern('Inside anything but list, start|null|boolean is not supported.');
  });
}

function nonEmptyList(argument: unknown): unknown[] {
  const list = Array.isArray(argument) ? argument : [argument];
  if (list.length > 0) return list;
  throw invalidPattern('Empty arrays are not allowed');
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** `['>', 0, '<=', 5]`: one comparison, or a range of two. */
function numeric(argument: unknown): ValueTest {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) {
    throw invalidPattern('Value of numeric must be an array of one or two comparisons');
  }
  const tests = [0, 2]
    .filter((at) => at < argument.length)
    .map((at) => comparison(argument[at], argument[at + 1]));
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function comparison(operator: unknown, bound: unknown): (value: number) => boolean {
  const compare = Object.hasOwn(COMPARISONS, String(operator)) ? COMPARISONS[String(operator)] : undefined;
  if (!compare) throw invalidPattern(`Unrecognized numeric range operator: ${String(operator)}`);
  if (typeof bound !== 'number') throw invalidPattern('Value of a numeric comparison must be a number');
  return (value) => compare(value, bound);
}

function cidr(argument: unknown): ValueTest {
  const [network = '', bits = ''] = requireText('cidr', argument).split('/');
  const family = isIPv4(network) ? 'ipv4' : 'ipv6';
  const isNetwork =
    (isIPv4(network) || isIPv6(network)) &&
    /^\d{1,3}$/.test(bits) &&
    Number(bits) <= (family === 'ipv4' ? 32 : 128);
  if (!isNetwork) throw invalidPattern(`Malformed CIDR, one '/' required: ${String(argument)}`);
  const block = new BlockList();
  block.addSubnet(network, Number(bits), family);
  return (value) => typeof value === 'string' && isAddress(value, family) && block.check(value, family);
}

const isAddress = (value: string, family: 'ipv4' | 'ipv6'): boolean =>
  family === 'ipv4' ? isIPv4(value) : isIPv6(value);

export function invalidPattern(reason: string): AwsError {
  return new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
}
