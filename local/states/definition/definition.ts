/** Reads a definition in the Amazon States Language: JSON in, a machine or the list of all that is wrong out. */
import { AwsError } from '../../wire/aws-error.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import {
  type Checker,
  checkFields,
  createChecker,
  type Diagnostic,
  readNumber,
  readString,
} from './checker.ts';
import type { Machine, Scope, State } from './machine.ts';
import { readState, SECONDS_MAX } from './state-types.ts';

const TOP_FIELDS = ['Comment', 'StartAt', 'States', 'QueryLanguage', 'Version', 'TimeoutSeconds'];
const SCOPE_FIELDS = ['Comment', 'StartAt', 'States'];
/** The most characters of a state's name, and bytes of a definition. */
const NAME_MAX = 80;
const DEFINITION_MAX = 1_048_576;

export interface Reading {
  diagnostics: Diagnostic[];
  /** Only if there are no diagnostics. */
  machine?: Machine;
}

/** Reads without throwing, as ValidateStateMachineDefinition does. */
export function readDefinition(text: string, knowsIntegration: (name: string) => boolean): Reading {
  const checker = createChecker(knowsIntegration);
  const raw = parse(checker, text);
  if (!raw) return { diagnostics: checker.diagnostics };
  const machine = readMachine(checker, raw);
  return checker.diagnostics.length === 0
    ? { diagnostics: [], machine }
    : { diagnostics: checker.diagnostics };
}

/** @throws AwsError `InvalidDefinition` with everything that is wrong */
export function parseDefinition(text: string, knowsIntegration: (name: string) => boolean): Machine {
  const { machine, diagnostics } = readDefinition(text, knowsIntegration);
  if (machine) return machine;
  const problems = diagnostics.map(({ code, message, location }) => `${code}: ${message} at ${location}`);
  throw new AwsError('InvalidDefinition', `Invalid State Machine Definition: '${problems.join(', ')}'`);
}

function parse(checker: Checker, text: string): JsonObject | undefined {
  if (Buffer.byteLength(text) > DEFINITION_MAX) {
    checker.report(`the definition is longer than ${DEFINITION_MAX} bytes`, '/');
    return undefined;
  }
  try {
    const raw = JSON.parse(text) as Json;
    if (isObject(raw)) return raw;
    checker.report('the definition must be a JSON object', '/', 'INVALID_JSON_DESCRIPTION');
  } catch (error) {
    checker.report((error as Error).message, '/', 'INVALID_JSON_DESCRIPTION');
  }
  return undefined;
}

function readMachine(checker: Checker, raw: JsonObject): Machine {
  if (raw.QueryLanguage !== 'JSONata') {
    const found =
      raw.QueryLanguage === undefined
        ? 'is missing, which means JSONPath'
        : `is ${JSON.stringify(raw.QueryLanguage)}`;
    checker.report(`QueryLanguage ${found}; the local cloud runs JSONata only`, '/QueryLanguage');
  }
  if (raw.Version !== undefined && raw.Version !== '1.0') checker.report('Version must be "1.0"', '/Version');
  checkFields(checker, raw, TOP_FIELDS, 'the state machine', '');
  const scope = readScope(checker, raw, '');
  checkNamesAreUnique(checker, scope);
  checkVariables(checker, scope, new Set());
  return {
    ...scope,
    timeoutSeconds: readNumber(checker, raw, 'TimeoutSeconds', '', { min: 1, max: SECONDS_MAX }),
  };
}

function readScope(checker: Checker, raw: JsonObject, at: string): Scope {
  if (at !== '') checkFields(checker, raw, SCOPE_FIELDS, 'a branch', at);
  const states = readStates(checker, raw.States, at);
  const startAt = readString(checker, raw, 'StartAt', at) ?? '';
  if (raw.StartAt === undefined) checker.report('StartAt is missing', at || '/');
  const scope = { startAt, states };
  checkTransitions(checker, scope, at);
  return scope;
}

function readStates(checker: Checker, raw: Json | undefined, at: string): Map<string, State> {
  const states = new Map<string, State>();
  if (!isObject(raw) || Object.keys(raw).length === 0) {
    checker.report('States must be an object with at least one state', `${at}/States`);
    return states;
  }
  for (const [name, value] of Object.entries(raw)) {
    const location = `${at}/States/${name}`;
    if (name.length > NAME_MAX)
      checker.report(`the name of state '${name}' is longer than ${NAME_MAX} characters`, location);
    const state = readState(checker, name, value, location, readScope);
    if (state) states.set(name, state);
  }
  return states;
}

/** The names of the states that can follow a state. */
function targetsOf(state: State): string[] {
  const onward = 'next' in state && state.next !== undefined ? [state.next] : [];
  const caught = 'catchers' in state ? state.catchers.map(({ next }) => next) : [];
  const chosen =
    state.type === 'Choice'
      ? [...state.choices.map(({ next }) => next), ...(state.default ? [state.default] : [])]
      : [];
  return [...onward, ...caught, ...chosen].filter((name) => name !== '');
}

function checkTransitions(checker: Checker, { startAt, states }: Scope, at: string): void {
  const missing = (name: string, location: string): void =>
    checker.report(`Missing 'Next' target: ${name}`, location, 'MISSING_TRANSITION_TARGET');
  if (startAt !== '' && !states.has(startAt)) missing(startAt, `${at}/StartAt`);
  const reached = new Set<string>();
  const toVisit = [startAt];
  for (let name = toVisit.pop(); name !== undefined; name = toVisit.pop()) {
    const state = states.get(name);
    if (!state || reached.has(name)) continue;
    reached.add(name);
    toVisit.push(...targetsOf(state));
  }
  for (const state of states.values()) {
    for (const target of targetsOf(state))
      if (!states.has(target)) missing(target, `${at}/States/${state.name}`);
    if (!reached.has(state.name)) {
      checker.report(
        `State "${state.name}" is not reachable.`,
        `${at}/States/${state.name}`,
        'MISSING_TRANSITION_TARGET',
      );
    }
  }
}

function innerScopes(state: State): Scope[] {
  if (state.type === 'Parallel') return state.branches;
  return state.type === 'Map' ? [state.processor] : [];
}

function checkNamesAreUnique(checker: Checker, scope: Scope, seen: Set<string> = new Set()): void {
  for (const state of scope.states.values()) {
    if (seen.has(state.name))
      checker.report(
        `the name of state '${state.name}' is taken by another state of the machine`,
        `/States/${state.name}`,
      );
    seen.add(state.name);
    for (const inner of innerScopes(state)) checkNamesAreUnique(checker, inner, seen);
  }
}

/** A branch reads the variables of the scopes around it, but may not assign one by the same name. */
function checkVariables(checker: Checker, scope: Scope, outer: ReadonlySet<string>): void {
  const own = new Set<string>();
  for (const state of scope.states.values()) {
    for (const name of assignedNames(state)) {
      if (outer.has(name))
        checker.report(
          `state '${state.name}' assigns '${name}', a variable of an outer scope`,
          `/States/${state.name}/Assign`,
        );
      own.add(name);
    }
  }
  for (const state of scope.states.values()) {
    for (const inner of innerScopes(state)) checkVariables(checker, inner, new Set([...outer, ...own]));
  }
}

function assignedNames(state: State): string[] {
  const own = 'assign' in state ? [state.assign] : [];
  const caught = 'catchers' in state ? state.catchers.map(({ assign }) => assign) : [];
  const chosen = state.type === 'Choice' ? state.choices.map(({ assign }) => assign) : [];
  return [...own, ...caught, ...chosen].flatMap((template) => {
    if (template?.kind === 'object') return template.members.map(([name]) => name);
    return template?.kind === 'constant' && isObject(template.value) ? Object.keys(template.value) : [];
  });
}
