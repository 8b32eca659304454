/** Reads Retry and Catch. */
import { isObject, type Json, type JsonObject } from '../json.ts';
import { RETRIER_DEFAULTS, type Retrier } from '../retry.ts';
import { type Checker, checkFields, readAssign, readNumber, readString, readTemplate } from './checker.ts';
import type { Catcher, Recovery } from './machine.ts';

const RETRIER_FIELDS = [
  'ErrorEquals',
  'IntervalSeconds',
  'MaxAttempts',
  'BackoffRate',
  'MaxDelaySeconds',
  'JitterStrategy',
  'Comment',
];
const CATCHER_FIELDS = ['ErrorEquals', 'Next', 'Output', 'Assign', 'Comment'];
const SECONDS_MAX = 99_999_999;
const DELAY_SECONDS_MAX = 31_622_400;

export function readRecovery(checker: Checker, raw: JsonObject, at: string): Recovery {
  return {
    retriers: readList(checker, raw.Retry, 'Retry', at, readRetrier),
    catchers: readList(checker, raw.Catch, 'Catch', at, readCatcher),
  };
}

type Read<T> = (checker: Checker, raw: JsonObject, at: string, isLast: boolean) => T;

function readList<T>(checker: Checker, raw: Json | undefined, field: string, at: string, read: Read<T>): T[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw) || !raw.every(isObject)) {
    checker.report(`${field} must be an array of objects`, `${at}/${field}`);
    return [];
  }
  return raw.map((item, index) => read(checker, item, `${at}/${field}[${index}]`, index === raw.length - 1));
}

function readRetrier(checker: Checker, raw: JsonObject, at: string, isLast: boolean): Retrier {
  checkFields(checker, raw, RETRIER_FIELDS, 'a Retrier', at);
  const seconds = { min: 1, max: SECONDS_MAX };
  const intervalSeconds =
    readNumber(checker, raw, 'IntervalSeconds', at, seconds) ?? RETRIER_DEFAULTS.intervalSeconds;
  const maxDelaySeconds = readNumber(checker, raw, 'MaxDelaySeconds', at, { min: 1, max: DELAY_SECONDS_MAX });
  if (maxDelaySeconds !== undefined && maxDelaySeconds <= intervalSeconds) {
    checker.report(
      `MaxDelaySeconds must be above IntervalSeconds (${intervalSeconds}), but is ${maxDelaySeconds}`,
      at,
    );
  }
  const attempts = { min: 0, max: SECONDS_MAX };
  const rate = { min: 1, max: Number.MAX_VALUE, integer: false };
  return {
    errorEquals: readErrorEquals(checker, raw, at, isLast),
    intervalSeconds,
    maxDelaySeconds,
    maxAttempts: readNumber(checker, raw, 'MaxAttempts', at, attempts) ?? RETRIER_DEFAULTS.maxAttempts,
    backoffRate: readNumber(checker, raw, 'BackoffRate', at, rate) ?? RETRIER_DEFAULTS.backoffRate,
    jitter: readJitter(checker, raw, at),
  };
}

function readJitter(checker: Checker, raw: JsonObject, at: string): Retrier['jitter'] {
  const jitter = raw.JitterStrategy ?? RETRIER_DEFAULTS.jitter;
  if (jitter === 'FULL' || jitter === 'NONE') return jitter;
  checker.report(
    `JitterStrategy must be FULL or NONE, but is ${JSON.stringify(jitter)}`,
    `${at}/JitterStrategy`,
  );
  return 'NONE';
}

function readCatcher(checker: Checker, raw: JsonObject, at: string, isLast: boolean): Catcher {
  checkFields(checker, raw, CATCHER_FIELDS, 'a Catcher', at);
  const next = readString(checker, raw, 'Next', at);
  if (next === undefined) checker.report('a Catcher needs Next', at);
  return {
    errorEquals: readErrorEquals(checker, raw, at, isLast),
    next: next ?? '',
    output: readTemplate(checker, raw, 'Output', at, ['errorOutput']),
    assign: readAssign(checker, raw, at, ['errorOutput']),
  };
}

function readErrorEquals(checker: Checker, raw: JsonObject, at: string, isLast: boolean): string[] {
  const names = raw.ErrorEquals;
  if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === 'string')) {
    checker.report('ErrorEquals must be an array of error names, at least one', `${at}/ErrorEquals`);
    return [];
  }
  if (names.includes('States.ALL') && (names.length > 1 || !isLast)) {
    checker.report(
      'States.ALL must stand alone in its ErrorEquals, and last in the list',
      `${at}/ErrorEquals`,
    );
  }
  return names;
}
