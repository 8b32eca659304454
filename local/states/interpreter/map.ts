/** Map: the same states for each item, some at once. */
import type { MapState } from '../definition/machine.ts';
import { SECONDS_MAX } from '../definition/state-types.ts';
import { EvaluationFailure, errorOutput, RUNTIME, StateFailure, TOLERANCE_EXCEEDED } from '../errors.ts';
import { expectType } from '../expressions.ts';
import type { Json } from '../json.ts';
import {
  type Branch,
  cancelBranch,
  createBranch,
  type IterationEventType,
  iterationDetails,
  record,
  recordAborted,
  recordAside,
  recordInnerAborted,
  type Visit,
} from './branch.ts';
import { withRecovery } from './recovery.ts';
import { runScope } from './scope.ts';
import { judgeFailures, type Tolerance } from './tolerance.ts';
import {
  computeExit,
  evaluate,
  evaluateNumber,
  limitSize,
  orEvaluationFailed,
  type StateExit,
} from './visit.ts';

/** What AWS runs at once when MaxConcurrency is 0 or missing. */
const CONCURRENCY_MAX = 40;

export function runMap(visit: Visit, state: MapState): Promise<StateExit> {
  const { branch } = visit;
  const attempt = async (): Promise<StateExit> => {
    const items = await itemsOf(visit, state);
    const concurrency =
      (await evaluateNumber(visit, state.maxConcurrency, 'MaxConcurrency', { min: 0, max: SECONDS_MAX })) ||
      CONCURRENCY_MAX;
    const tolerance = await toleranceOf(visit, state);
    record(branch, 'MapStateStarted', { mapStateStartedEventDetails: { length: items.length } });
    const iterations = { visit, state, items, tolerance, nextIndex: 0, failed: 0 };
    const result = await runIterations(iterations, Math.min(concurrency, CONCURRENCY_MAX));
    limitSize(visit, result);
    recordAside(branch, 'MapStateSucceeded');
    return computeExit(visit, state, state.next, result, { result });
  };
  return withRecovery(visit, state, attempt, () => record(branch, 'MapStateFailed'));
}

async function itemsOf(visit: Visit, { items }: MapState): Promise<Json[]> {
  const value = items ? await evaluate(visit, items) : visit.input;
  await orEvaluationFailed(visit, () => {
    if (items) expectType(value, 'array', items);
    else if (!Array.isArray(value))
      throw new EvaluationFailure(`Map state input must be an array but was: ${JSON.stringify(value)}`);
  });
  return value as Json[];
}

async function toleranceOf(
  visit: Visit,
  { toleratedFailureCount, toleratedFailurePercentage }: MapState,
): Promise<Tolerance> {
  const shares = { min: 0, max: 100, integer: false };
  return {
    count: await evaluateNumber(visit, toleratedFailureCount, 'ToleratedFailureCount', {
      min: 0,
      max: SECONDS_MAX,
    }),
    percentage: await evaluateNumber(visit, toleratedFailurePercentage, 'ToleratedFailurePercentage', shares),
  };
}

interface Iterations {
  visit: Visit;
  state: MapState;
  items: Json[];
  tolerance: Tolerance;
  /** The first item that has not been started yet. */
  nextIndex: number;
  failed: number;
}

/** Starts as many iterations as may run at once, and another whenever one ends. */
async function runIterations(iterations: Iterations, concurrency: number): Promise<Json[]> {
  const { items, visit } = iterations;
  const outputs: Json[] = [];
  const line = async (first: Branch): Promise<void> => {
    let branch: Branch | undefined = first;
    while (branch) {
      const index: number = branch.item?.index ?? 0;
      outputs[index] = await runIteration(iterations, branch);
      branch = iterations.nextIndex < items.length ? startNext(iterations, record) : undefined;
    }
  };
  try {
    // AWS starts the first ones all before the first state of any.
    const first = items.slice(0, concurrency).map(() => startNext(iterations, recordAside));
    await Promise.all(first.map(line));
    return outputs;
  } finally {
    visit.branch.inner.clear();
  }
}

function startNext(iterations: Iterations, write: typeof record): Branch {
  const { visit, state, items } = iterations;
  const index = iterations.nextIndex++;
  const item = { name: state.name, index, value: items[index] ?? null };
  const started = write(visit.branch, 'MapIterationStarted', iterationDetails('MapIterationStarted', item));
  const branch = createBranch(visit.branch.run, visit.branch, item);
  branch.lastEventId = started;
  return branch;
}

/** One item's output; a tolerated failure's is its error. */
async function runIteration(iterations: Iterations, branch: Branch): Promise<Json> {
  const { visit, state, items } = iterations;
  const parent = visit.branch;
  try {
    const output = await runScope(state.processor, branch, await iterationInput(iterations, branch));
    parent.inner.delete(branch);
    parent.lastEventId = branch.lastEventId;
    const isLast = parent.inner.size === 0 && iterations.nextIndex === items.length;
    // Recorded on AWS: only the end of the Map points back to an iteration's success, the next iteration does not.
    writeIteration(isLast ? record : recordAside, parent, 'MapIterationSucceeded', branch);
    return output;
  } catch (error) {
    if (branch.cancelled) throw error;
    return judgeFailure(iterations, branch, error);
  }
}

async function iterationInput({ visit, state }: Iterations, branch: Branch): Promise<Json> {
  const { item } = branch;
  if (!state.itemSelector || !item) return item?.value ?? null;
  return evaluate(visit, state.itemSelector, {
    context: { Map: { Item: { Index: item.index, Value: item.value } } },
  });
}

/** Decides whether one failed item ends the Map. */
function judgeFailure(iterations: Iterations, branch: Branch, error: unknown): Json {
  const { visit, items, tolerance } = iterations;
  const parent = visit.branch;
  parent.inner.delete(branch);
  parent.lastEventId = branch.lastEventId;
  writeIteration(recordAside, parent, 'MapIterationFailed', branch);
  iterations.failed += 1;
  if (error instanceof StateFailure && error.error !== RUNTIME) {
    const verdict = judgeFailures(tolerance, iterations.failed, items.length);
    if (verdict === 'go-on') return errorOutput(error);
    abortOthers(parent, branch);
    if (verdict === 'fail-as-the-item') throw error;
    throw new StateFailure(TOLERANCE_EXCEEDED, 'The specified tolerated failure threshold was exceeded');
  }
  abortOthers(parent, branch);
  throw error;
}

/** Recorded on AWS: with others to end, the failed iteration's own open state is closed first. */
function abortOthers(parent: Branch, failed: Branch): void {
  if (parent.inner.size > 0) recordAborted(failed, failed.lastEventId);
  recordInnerAborted(parent, failed.lastEventId);
  for (const other of [...parent.inner]) cancelBranch(other);
}

function writeIteration(
  write: typeof record,
  parent: Branch,
  type: IterationEventType,
  { item }: Branch,
): void {
  if (item) write(parent, type, iterationDetails(type, item));
}
