/** A branch: one line of states that run one after the other, and can be cut off as a whole. */
import type { Clock } from '../../clock/clock.ts';
import type { Random } from '../../random.ts';
import type { State } from '../definition/machine.ts';
import { BranchCancelled } from '../errors.ts';
import { type EventDetails, type History, type HistoryEventType, HistoryFull } from '../history.ts';
import type { Integrations, InvokeFunction } from '../integrations.ts';
import type { Json, JsonObject } from '../json.ts';
import type { TaskTokens } from '../task-tokens.ts';

/** What a running execution is given. */
export interface Run {
  readonly clock: Clock;
  readonly random: Random;
  readonly tokens: TaskTokens;
  readonly history: History;
  readonly region: string;
  readonly integrations: Integrations;
  readonly invokeFunction: InvokeFunction;
  /** The parts of the context object that all states of the execution share. */
  readonly context: { Execution: JsonObject; StateMachine: JsonObject };
}

/** One stay of a branch in a state, retries included. */
export interface Visit {
  readonly branch: Branch;
  readonly state: State;
  readonly input: Json;
  readonly enteredEventId: number;
  /** The event before the one that entered the state. */
  readonly previousEventId: number;
  readonly enteredAtMs: number;
  retryCount: number;
}

export interface MapItem {
  /** The name of the Map state. */
  readonly name: string;
  readonly index: number;
  readonly value: Json;
}

export interface Branch {
  readonly run: Run;
  readonly parent: Branch | undefined;
  readonly item: MapItem | undefined;
  /** Its own variables; it reads its parents' too. */
  readonly variables: Map<string, Json>;
  readonly inner: Set<Branch>;
  readonly onCancel: Set<() => void>;
  lastEventId: number;
  visit: Visit | undefined;
  cancelled: boolean;
}

export function createBranch(run: Run, parent?: Branch, item?: MapItem): Branch {
  const branch: Branch = {
    run,
    parent,
    item: item ?? parent?.item,
    variables: new Map(),
    inner: new Set(),
    onCancel: new Set(),
    lastEventId: parent?.lastEventId ?? 0,
    visit: undefined,
    cancelled: false,
  };
  parent?.inner.add(branch);
  return branch;
}

/** All variables in scope, the nearest winning. */
export function variablesOf(branch: Branch): Record<string, Json> {
  return { ...(branch.parent ? variablesOf(branch.parent) : {}), ...Object.fromEntries(branch.variables) };
}

/**
 * Appends an event of the branch, which the branch's next event then points back to.
 * @throws BranchCancelled, so that nothing is done in a branch that was cut off; HistoryFull
 */
export function record(branch: Branch, type: HistoryEventType, details?: EventDetails): number {
  branch.lastEventId = recordAside(branch, type, details);
  return branch.lastEventId;
}

/** As {@link record}, but the next event will not point back to this one. */
export function recordAside(branch: Branch, type: HistoryEventType, details?: EventDetails): number {
  if (branch.cancelled) throw new BranchCancelled();
  return branch.run.history.add(type, branch.lastEventId, details);
}

/** Cuts the branch off, with all inside it: what it waits for rejects with BranchCancelled. */
export function cancelBranch(branch: Branch): void {
  branch.cancelled = true;
  for (const inner of branch.inner) cancelBranch(inner);
  for (const cancel of [...branch.onCancel]) cancel();
  branch.onCancel.clear();
  branch.parent?.inner.delete(branch);
}

/**
 * Waits for something that `start` begins and that ends by `resolve` or `reject`, or by the branch's end.
 * What `start` returns is called once at the end, whichever it was.
 */
export function waitIn<T>(
  branch: Branch,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> {
  if (branch.cancelled) return Promise.reject(new BranchCancelled());
  return new Promise<T>((resolve, reject) => {
    let stop = (): void => {};
    const cancel = (): void => finish(() => reject(new BranchCancelled()));
    const finish = (settle: () => void): void => {
      branch.onCancel.delete(cancel);
      stop();
      settle();
    };
    branch.onCancel.add(cancel);
    stop = start(
      (value) => finish(() => resolve(value)),
      (error) => finish(() => reject(error)),
    );
  });
}

export function sleepIn(branch: Branch, delayMs: number): Promise<void> {
  return waitIn(branch, (resolve) => {
    const timer = branch.run.clock.setTimer(delayMs, () => resolve());
    return () => timer.cancel();
  });
}

const ABORTED_EVENT: Partial<Record<State['type'], HistoryEventType>> = {
  Task: 'TaskStateAborted',
  Wait: 'WaitStateAborted',
  Parallel: 'ParallelStateAborted',
  Map: 'MapStateAborted',
};

/** Writes down that a branch ends in mid-state: what is inside it first. */
export function recordAborted(branch: Branch, previousEventId = branch.lastEventId): void {
  recordInnerAborted(branch, previousEventId);
  const type = branch.visit && ABORTED_EVENT[branch.visit.state.type];
  if (type) addIfRoom(branch, type, previousEventId);
}

/** Recorded on AWS: the iteration of a Map is aborted before its state is. */
export function recordInnerAborted(branch: Branch, previousEventId: number): void {
  for (const inner of branch.inner) {
    const item = inner.item === branch.item ? undefined : inner.item;
    if (item)
      addIfRoom(
        branch,
        'MapIterationAborted',
        previousEventId,
        iterationDetails('MapIterationAborted', item),
      );
    recordAborted(inner, previousEventId);
  }
}

function addIfRoom(
  { run }: Branch,
  type: HistoryEventType,
  previousEventId: number,
  details?: EventDetails,
): void {
  try {
    run.history.add(type, previousEventId, details);
  } catch (error) {
    if (!(error instanceof HistoryFull)) throw error;
  }
}

export type IterationEventType =
  | 'MapIterationStarted'
  | 'MapIterationSucceeded'
  | 'MapIterationFailed'
  | 'MapIterationAborted';

/** The details of an iteration's event, under the name that its type calls for. */
export function iterationDetails(type: IterationEventType, { name, index }: MapItem): EventDetails {
  return { [`m${type.slice(1)}EventDetails`]: { name, index } };
}
