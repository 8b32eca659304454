/** One execution: from its start to its one end. */
import type { Timer } from '../clock/clock.ts';
import type { Platform } from '../platform.ts';
import { BranchCancelled, RUNTIME, StateFailure, TIMEOUT } from './errors.ts';
import {
  createHistory,
  type EventDetails,
  type History,
  type HistoryEvent,
  type HistoryEventType,
  HistoryFull,
} from './history.ts';
import type { Integrations, InvokeFunction } from './integrations.ts';
import { type Branch, cancelBranch, createBranch, recordAborted } from './interpreter/branch.ts';
import { runScope } from './interpreter/scope.ts';
import type { Json } from './json.ts';
import type { Revision } from './state-machines.ts';
import { emitStatusChange } from './status-events.ts';
import type { TaskTokens } from './task-tokens.ts';
import { formatTimestamp } from './timestamps.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface Execution {
  readonly arn: string;
  readonly name: string;
  /** The state machine as it was at the start. */
  readonly revision: Revision;
  /** The text as it was given. */
  readonly input: string;
  readonly startedAtMs: number;
  readonly history: History;
  readonly root: Branch;
  status: ExecutionStatus;
  stoppedAtMs: number | undefined;
  output: string | undefined;
  error: string | undefined;
  cause: string | undefined;
}

/** What executions share. */
export interface Engine {
  readonly platform: Platform;
  readonly region: string;
  readonly tokens: TaskTokens;
  readonly integrations: Integrations;
  readonly invokeFunction: InvokeFunction;
  onEvent(executionArn: string, event: HistoryEvent): void;
}

export interface ExecutionStart {
  arn: string;
  name: string;
  revision: Revision;
  input: string;
}

const WHOLE = { truncated: false };

/** Starts an execution; it runs on when the caller's own work is done. */
export function startExecution(engine: Engine, start: ExecutionStart): Execution {
  const execution = createExecution(engine, start);
  const { history, revision, input } = execution;
  history.add('ExecutionStarted', 0, {
    executionStartedEventDetails: { input, inputDetails: WHOLE, roleArn: revision.roleArn },
  });
  emitStatusChange(engine.platform, execution);
  // The first state is entered after the answer to StartExecution, as on AWS.
  void Promise.resolve().then(() => run(engine, execution));
  return execution;
}

function createExecution(
  { platform, region, tokens, integrations, invokeFunction, onEvent }: Engine,
  start: ExecutionStart,
): Execution {
  const { clock, random } = platform;
  const { arn, name, revision, input } = start;
  const history = createHistory(clock, (event) => onEvent(arn, event));
  const startedAtMs = clock.now();
  const context = {
    Execution: {
      Id: arn,
      Input: JSON.parse(input) as Json,
      StartTime: formatTimestamp(startedAtMs),
      Name: name,
      RoleArn: revision.roleArn,
      RedriveCount: 0,
    },
    StateMachine: { Id: revision.stateMachineArn, Name: revision.name },
  };
  const root = createBranch({
    clock,
    random,
    tokens,
    history,
    region,
    integrations,
    invokeFunction,
    context,
  });
  const unfinished = { stoppedAtMs: undefined, output: undefined, error: undefined, cause: undefined };
  return { arn, name, revision, input, startedAtMs, history, root, status: 'RUNNING', ...unfinished };
}

async function run(engine: Engine, execution: Execution): Promise<void> {
  const { root, revision } = execution;
  const deadline = startDeadline(engine, execution);
  try {
    const output = await runScope(revision.machine, root, JSON.parse(execution.input) as Json);
    succeed(engine, execution, output);
  } catch (error) {
    conclude(engine, execution, error);
  } finally {
    deadline?.cancel();
  }
}

/** The machine's own TimeoutSeconds: nothing in the execution can catch it. */
function startDeadline(engine: Engine, execution: Execution): Timer | undefined {
  const { timeoutSeconds } = execution.revision.machine;
  if (timeoutSeconds === undefined) return undefined;
  return engine.platform.clock.setTimer(timeoutSeconds * 1000, () =>
    cutOff(engine, execution, 'TIMED_OUT', TIMEOUT, undefined),
  );
}

function succeed(engine: Engine, execution: Execution, output: Json): void {
  execution.output = JSON.stringify(output);
  end(engine, execution, 'SUCCEEDED', {
    executionSucceededEventDetails: { output: execution.output, outputDetails: WHOLE },
  });
}

function conclude(engine: Engine, execution: Execution, error: unknown): void {
  if (error instanceof BranchCancelled) return;
  if (error instanceof StateFailure) {
    fail(engine, execution, error.error, error.cause);
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof HistoryFull)) engine.platform.fault(error);
  fail(engine, execution, RUNTIME, message);
}

function fail(
  engine: Engine,
  execution: Execution,
  error: string | undefined,
  cause: string | undefined,
): void {
  Object.assign(execution, { error, cause });
  end(engine, execution, 'FAILED', { executionFailedEventDetails: present(error, cause) });
}

/** Ends a running execution from outside: no Retry, no Catch, no further state. */
export function cutOff(
  engine: Engine,
  execution: Execution,
  status: 'ABORTED' | 'TIMED_OUT',
  error: string | undefined,
  cause: string | undefined,
): void {
  if (execution.status !== 'RUNNING') return;
  recordAborted(execution.root);
  Object.assign(execution, { error, cause });
  const details = present(error, cause);
  end(
    engine,
    execution,
    status,
    status === 'ABORTED'
      ? { executionAbortedEventDetails: details }
      : { executionTimedOutEventDetails: details },
  );
}

const END_EVENT: Readonly<Record<Exclude<ExecutionStatus, 'RUNNING'>, HistoryEventType>> = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  ABORTED: 'ExecutionAborted',
  TIMED_OUT: 'ExecutionTimedOut',
};

function end(
  { platform }: Engine,
  execution: Execution,
  status: keyof typeof END_EVENT,
  details: EventDetails,
): void {
  if (execution.status !== 'RUNNING') return;
  cancelBranch(execution.root);
  execution.status = status;
  execution.stoppedAtMs = platform.clock.now();
  execution.history.end(END_EVENT[status], execution.root.lastEventId, details);
  emitStatusChange(platform, execution);
}

function present(error: string | undefined, cause: string | undefined): { error?: string; cause?: string } {
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}
