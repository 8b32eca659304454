/** Reads one state of each type. */
import { isExpression } from '../expressions.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { parseTimestamp } from '../timestamps.ts';
import {
  type Checker,
  checkFields,
  readAssign,
  readNumberTemplate,
  readString,
  readStringTemplate,
  readTemplate,
} from './checker.ts';
import type { ChoiceRule, Exit, Onward, Scope, State } from './machine.ts';
import { readRecovery } from './recovery-fields.ts';
import { readResource } from './resource.ts';

const ONWARD = ['Output', 'Assign', 'Next', 'End'];
const RECOVERY = ['Retry', 'Catch'];
const FIELDS: Readonly<Record<State['type'], readonly string[]>> = {
  Pass: ONWARD,
  Task: [...ONWARD, ...RECOVERY, 'Resource', 'Arguments', 'TimeoutSeconds', 'HeartbeatSeconds'],
  Choice: ['Output', 'Assign', 'Choices', 'Default'],
  Wait: [...ONWARD, 'Seconds', 'Timestamp'],
  Succeed: ['Output'],
  Fail: ['Error', 'Cause'],
  Parallel: [...ONWARD, ...RECOVERY, 'Arguments', 'Branches'],
  Map: [
    ...[...ONWARD, ...RECOVERY, 'Items', 'ItemSelector', 'ItemProcessor', 'MaxConcurrency'],
    ...['ToleratedFailureCount', 'ToleratedFailurePercentage'],
  ],
};
const COMMON = ['Type', 'Comment', 'QueryLanguage'];
/** The longest Wait, and the longest time-out of a task: about three years. */
export const SECONDS_MAX = 99_999_999;

/** Reads the scope of a branch or processor; given by the definition's own reader, which this one is part of. */
export type ReadScope = (checker: Checker, raw: JsonObject, at: string) => Scope;

export function readState(
  checker: Checker,
  name: string,
  raw: Json,
  at: string,
  readScope: ReadScope,
): State | undefined {
  if (!isObject(raw)) {
    checker.report(`state '${name}' must be an object`, at);
    return undefined;
  }
  const type = raw.Type;
  if (!isStateType(type)) {
    checker.report(
      `state '${name}' has Type ${JSON.stringify(type)}; known are ${Object.keys(FIELDS).join(', ')}`,
      at,
    );
    return undefined;
  }
  if (raw.QueryLanguage !== undefined && raw.QueryLanguage !== 'JSONata') {
    checker.report(
      `state '${name}' has QueryLanguage ${JSON.stringify(raw.QueryLanguage)}; the local cloud runs JSONata only`,
      at,
    );
  }
  checkFields(checker, raw, [...COMMON, ...FIELDS[type]], `state '${name}'`, at);
  return READERS[type](checker, name, raw, at, readScope);
}

function isStateType(type: Json | undefined): type is State['type'] {
  return typeof type === 'string' && Object.hasOwn(FIELDS, type);
}

type ReadState = (checker: Checker, name: string, raw: JsonObject, at: string, readScope: ReadScope) => State;

const READERS: Readonly<Record<State['type'], ReadState>> = {
  Pass: (checker, name, raw, at) => ({ type: 'Pass', name, ...readOnward(checker, raw, at) }),
  Task: (checker, name, raw, at) => {
    checkHeartbeat(checker, raw, at);
    const limits = { min: 1, max: SECONDS_MAX };
    return {
      type: 'Task',
      name,
      ...readOnward(checker, raw, at, 'result'),
      ...readRecovery(checker, raw, at),
      resource: readResource(checker, raw, at),
      arguments: readTemplate(checker, raw, 'Arguments', at),
      timeoutSeconds: readNumberTemplate(checker, raw, 'TimeoutSeconds', at, limits),
      heartbeatSeconds: readNumberTemplate(checker, raw, 'HeartbeatSeconds', at, limits),
    };
  },
  Choice: (checker, name, raw, at) => ({
    type: 'Choice',
    name,
    ...readExit(checker, raw, at),
    choices: readChoices(checker, raw, at),
    default: readString(checker, raw, 'Default', at),
  }),
  Wait: (checker, name, raw, at) => {
    checkWait(checker, name, raw, at);
    const seconds = readNumberTemplate(checker, raw, 'Seconds', at, { min: 0, max: SECONDS_MAX });
    const timestamp = readStringTemplate(checker, raw, 'Timestamp', at);
    return { type: 'Wait', name, ...readOnward(checker, raw, at), seconds, timestamp };
  },
  Succeed: (checker, name, raw, at) => ({
    type: 'Succeed',
    name,
    output: readTemplate(checker, raw, 'Output', at),
  }),
  Fail: (checker, name, raw, at) => ({
    type: 'Fail',
    name,
    error: readStringTemplate(checker, raw, 'Error', at),
    cause: readStringTemplate(checker, raw, 'Cause', at),
  }),
  Parallel: (checker, name, raw, at, readScope) => ({
    type: 'Parallel',
    name,
    ...readOnward(checker, raw, at, 'result'),
    ...readRecovery(checker, raw, at),
    arguments: readTemplate(checker, raw, 'Arguments', at),
    branches: readBranches(checker, raw, at, readScope),
  }),
  Map: (checker, name, raw, at, readScope) => ({
    type: 'Map',
    name,
    ...readOnward(checker, raw, at, 'result'),
    ...readRecovery(checker, raw, at),
    items: readItems(checker, raw, at),
    itemSelector: readTemplate(checker, raw, 'ItemSelector', at),
    processor: readProcessor(checker, raw, at, readScope),
    maxConcurrency: readNumberTemplate(checker, raw, 'MaxConcurrency', at, { min: 0, max: SECONDS_MAX }),
    toleratedFailureCount: readNumberTemplate(checker, raw, 'ToleratedFailureCount', at, {
      min: 0,
      max: SECONDS_MAX,
    }),
    toleratedFailurePercentage: readNumberTemplate(checker, raw, 'ToleratedFailurePercentage', at, {
      min: 0,
      max: 100,
      integer: false,
    }),
  }),
};

function checkHeartbeat(
  checker: Checker,
  { HeartbeatSeconds, TimeoutSeconds }: JsonObject,
  at: string,
): void {
  if (
    typeof HeartbeatSeconds !== 'number' ||
    typeof TimeoutSeconds !== 'number' ||
    HeartbeatSeconds < TimeoutSeconds
  )
    return;
  checker.report(
    `HeartbeatSeconds must be below TimeoutSeconds (${TimeoutSeconds}), but is ${HeartbeatSeconds}`,
    at,
  );
}

function checkWait(checker: Checker, name: string, { Seconds, Timestamp }: JsonObject, at: string): void {
  if ((Seconds === undefined) === (Timestamp === undefined)) {
    checker.report(`state '${name}' needs exactly one of Seconds and Timestamp`, at);
  }
  if (typeof Timestamp !== 'string' || isExpression(Timestamp) || parseTimestamp(Timestamp) !== undefined)
    return;
  checker.report(
    `Timestamp must be an ISO 8601 date-time with an offset, but is '${Timestamp}'`,
    `${at}/Timestamp`,
  );
}

function readExit(checker: Checker, raw: JsonObject, at: string, ...readable: 'result'[]): Exit {
  return {
    output: readTemplate(checker, raw, 'Output', at, readable),
    assign: readAssign(checker, raw, at, readable),
  };
}

function readOnward(checker: Checker, raw: JsonObject, at: string, ...readable: 'result'[]): Onward {
  const next = readString(checker, raw, 'Next', at);
  if (raw.End !== undefined && typeof raw.End !== 'boolean')
    checker.report('End must be true or false', `${at}/End`);
  if ((next !== undefined) === (raw.End === true))
    checker.report('exactly one of Next and "End": true is needed', at);
  return { ...readExit(checker, raw, at, ...readable), next };
}

function readChoices(checker: Checker, raw: JsonObject, at: string): ChoiceRule[] {
  const rules = raw.Choices;
  if (!Array.isArray(rules) || rules.length === 0 || !rules.every(isObject)) {
    checker.report('Choices must be an array of rules, at least one', `${at}/Choices`);
    return [];
  }
  return rules.map((rule, index) => readChoice(checker, rule, at, index));
}

function readChoice(checker: Checker, raw: JsonObject, stateAt: string, index: number): ChoiceRule {
  const at = `${stateAt}/Choices[${index}]`;
  checkFields(checker, raw, ['Condition', 'Next', 'Output', 'Assign', 'Comment'], 'a Choice rule', at);
  const { Condition } = raw;
  if (!isExpression(Condition) && typeof Condition !== 'boolean')
    checker.report('a Choice rule needs Condition: an expression, or true or false', at);
  const next = readString(checker, raw, 'Next', at);
  if (next === undefined) checker.report('a Choice rule needs Next', at);
  const location = `Choices[${index}]/Condition`;
  const condition = readTemplate(checker, { [location]: Condition ?? false }, location, stateAt) ?? {
    kind: 'constant',
    value: false,
  };
  return { condition, next: next ?? '', ...readExit(checker, raw, at) };
}

function readBranches(checker: Checker, raw: JsonObject, at: string, readScope: ReadScope): Scope[] {
  const branches = raw.Branches;
  if (!Array.isArray(branches) || branches.length === 0 || !branches.every(isObject)) {
    checker.report('Branches must be an array of objects, at least one', `${at}/Branches`);
    return [];
  }
  return branches.map((branch, index) => readScope(checker, branch, `${at}/Branches[${index}]`));
}

function readItems(checker: Checker, raw: JsonObject, at: string): Exit['output'] {
  const { Items } = raw;
  if (Items !== undefined && !Array.isArray(Items) && !isExpression(Items)) {
    checker.report('Items must be an array or an expression', `${at}/Items`);
  }
  return readTemplate(checker, raw, 'Items', at);
}

function readProcessor(checker: Checker, raw: JsonObject, at: string, readScope: ReadScope): Scope {
  const processor = raw.ItemProcessor;
  const location = `${at}/ItemProcessor`;
  if (!isObject(processor)) {
    checker.report('a Map needs ItemProcessor', at);
    return { startAt: '', states: new Map() };
  }
  const { ProcessorConfig: config, ...scope } = processor;
  const mode = isObject(config) ? config.Mode : undefined;
  if (mode !== undefined && mode !== 'INLINE') {
    checker.report(
      `ProcessorConfig has Mode ${JSON.stringify(mode)}; the local cloud runs INLINE maps only`,
      location,
    );
  }
  return readScope(checker, scope, location);
}
