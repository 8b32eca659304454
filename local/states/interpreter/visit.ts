/** What every state does: enter, evaluate its fields, exit. */
import { type Bounds, numberProblem } from '../definition/checker.ts';
import type { Exit, State } from '../definition/machine.ts';
import { dataLimitExceeded, EvaluationFailure, QUERY_EVALUATION_ERROR, StateFailure } from '../errors.ts';
import { evaluateTemplate, expectType, type Template } from '../expressions.ts';
import type { HistoryEventType } from '../history.ts';
import { byteLength, DATA_BYTES_MAX, isObject, type Json, type JsonObject } from '../json.ts';
import { formatTimestamp } from '../timestamps.ts';
import { type Branch, record, type Visit, variablesOf } from './branch.ts';

/** How a state ends well. `next` is undefined at the end of its scope. */
export interface StateExit {
  output: Json;
  assigned: JsonObject;
  next: string | undefined;
}

const WHOLE = { truncated: false };

export function enterState(branch: Branch, state: State, input: Json): Visit {
  const previousEventId = branch.lastEventId;
  const enteredEventId = record(branch, `${state.type}StateEntered`, {
    stateEnteredEventDetails: { name: state.name, input: JSON.stringify(input), inputDetails: WHOLE },
  });
  const visit = {
    branch,
    state,
    input,
    enteredEventId,
    previousEventId,
    enteredAtMs: branch.run.clock.now(),
    retryCount: 0,
  };
  branch.visit = visit;
  return visit;
}

/** Writes the exit down; only now do the variables change. */
export function exitState({ branch, state }: Visit, { output, assigned }: StateExit): void {
  const variables = Object.entries(assigned);
  const texts = Object.fromEntries(variables.map(([name, value]) => [name, JSON.stringify(value)]));
  record(branch, `${state.type}StateExited` as HistoryEventType, {
    stateExitedEventDetails: {
      name: state.name,
      output: JSON.stringify(output),
      outputDetails: WHOLE,
      ...(variables.length > 0 ? { assignedVariables: texts, assignedVariablesDetails: WHOLE } : {}),
    },
  });
  for (const [name, value] of variables) branch.variables.set(name, value);
  branch.visit = undefined;
}

/** What `$states` holds beyond input and context: a result, an error's output, a token, an item. */
export interface Extra {
  result?: Json;
  errorOutput?: Json;
  context?: JsonObject;
}

/**
 * Computes a state's output and variables, all from the values at its entry.
 * @param otherwise the output if there is no Output
 */
export async function computeExit(
  visit: Visit,
  exit: Exit,
  next: string | undefined,
  otherwise: Json,
  extra: Extra = {},
): Promise<StateExit> {
  const output = exit.output ? await evaluate(visit, exit.output, extra) : otherwise;
  const assigned = exit.assign ? await evaluate(visit, exit.assign, extra) : {};
  if (!isObject(assigned))
    throw new Error(`Assign of state '${visit.state.name}' was compiled to something else than an object`);
  limitSize(visit, output);
  limitSize(visit, assigned);
  return { output, assigned, next };
}

/** @throws StateFailure States.DataLimitExceeded */
export function limitSize({ state }: Visit, value: Json): void {
  if (byteLength(JSON.stringify(value)) > DATA_BYTES_MAX) throw dataLimitExceeded(state.name);
}

/** @throws StateFailure States.QueryEvaluationError, written down first */
export async function evaluate(visit: Visit, template: Template, extra: Extra = {}): Promise<Json> {
  return orEvaluationFailed(visit, async () => {
    const { run } = visit.branch;
    const { context, ...others } = extra;
    const states = { input: visit.input, context: contextOf(visit, context), ...others };
    return evaluateTemplate(template, { states, variables: variablesOf(visit.branch) }, run);
  });
}

/** A field that must give a string. */
export async function evaluateString(
  visit: Visit,
  template: Template | undefined,
): Promise<string | undefined> {
  if (!template) return undefined;
  const value = await evaluate(visit, template);
  return orEvaluationFailed(visit, () => {
    expectType(value, 'string', template);
    return value as string;
  });
}

/** A field that must give a number within bounds. */
export async function evaluateNumber(
  visit: Visit,
  template: Template | undefined,
  field: string,
  bounds: Bounds,
): Promise<number | undefined> {
  if (!template) return undefined;
  const value = await evaluate(visit, template);
  return orEvaluationFailed(visit, () => {
    expectType(value, 'number', template);
    const problem = numberProblem(value, bounds);
    if (problem !== undefined) throw new EvaluationFailure(`The ${field} field ${problem}`, field);
    return value as number;
  });
}

/** Turns a failed evaluation into the state's failure, with its own event in the history. */
export async function orEvaluationFailed<T>(visit: Visit, compute: () => T | Promise<T>): Promise<T> {
  try {
    return await compute();
  } catch (error) {
    if (!(error instanceof EvaluationFailure)) throw error;
    throw recordEvaluationFailed(visit, error);
  }
}

function recordEvaluationFailed(visit: Visit, { message, location }: EvaluationFailure): StateFailure {
  const { branch, state, enteredEventId } = visit;
  const cause = `An error occurred while executing the state '${state.name}' (entered at the event id #${enteredEventId}). ${message}`;
  // Recorded on AWS: except in a Wait, a failure on entry points back past the event of the entry.
  if (branch.lastEventId === enteredEventId && state.type !== 'Wait')
    branch.lastEventId = visit.previousEventId;
  record(branch, 'EvaluationFailed', {
    evaluationFailedEventDetails: {
      error: QUERY_EVALUATION_ERROR,
      cause,
      ...(location === undefined ? {} : { location }),
      state: state.name,
    },
  });
  return new StateFailure(QUERY_EVALUATION_ERROR, cause);
}

const RETRYING: readonly State['type'][] = ['Task', 'Parallel', 'Map'];

function contextOf({ branch, state, enteredAtMs, retryCount }: Visit, extra: JsonObject = {}): JsonObject {
  const item = branch.item && { Map: { Item: { Index: branch.item.index, Value: branch.item.value } } };
  const retries: JsonObject = RETRYING.includes(state.type) ? { RetryCount: retryCount } : {};
  const State = { Name: state.name, EnteredTime: formatTimestamp(enteredAtMs), ...retries };
  return { ...branch.run.context, State, ...item, ...extra };
}
