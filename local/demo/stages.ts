/** Reads an execution's history as it happens: which stage began, which ended and how, and what AWS would bill. */
import type { HistoryEvent } from '../states/index.ts';

/** A Task state that has ended. Times are cloud time. */
export interface EndedStage {
  /** The state's name. */
  readonly name: string;
  readonly executionArn: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** What the stage failed with, if it did: an error's name, and what it says. */
  readonly failure?: { readonly error: string; readonly cause: string };
  /** How often its function was called again. */
  readonly retryCount: number;
}

export interface EndedExecution {
  readonly executionArn: string;
  /** `SUCCEEDED`, `FAILED`, `ABORTED`, `TIMED_OUT` */
  readonly status: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export interface StageListener {
  began?(name: string): void;
  ended?(stage: EndedStage): void;
  executionStarted?(executionArn: string): void;
  executionEnded?(execution: EndedExecution): void;
}

export interface StageReader {
  read(executionArn: string, event: HistoryEvent): void;
  /** State transitions so far, as AWS bills them: every state entered, and every retry. */
  readonly transitions: number;
}

interface OpenStage {
  name: string;
  startedAtMs: number;
  scheduledCount: number;
  failure?: EndedStage['failure'];
}

/** Follows any number of executions. */
export function createStageReader(listener: StageListener): StageReader {
  const open = new Map<string, OpenStage>();
  let transitions = 0;

  const close = (executionArn: string, endedAtMs: number, failure?: EndedStage['failure']): void => {
    const stage = open.get(executionArn);
    if (!stage) return;
    open.delete(executionArn);
    const { name, startedAtMs, scheduledCount } = stage;
    const retryCount = Math.max(0, scheduledCount - 1);
    listener.ended?.({ name, executionArn, startedAtMs, endedAtMs, failure, retryCount });
  };

  const readTask = (executionArn: string, event: HistoryEvent): void => {
    const stage = open.get(executionArn);
    if (!stage) return;
    if (event.type === 'TaskScheduled') {
      stage.scheduledCount += 1;
      if (stage.scheduledCount > 1) transitions += 1;
    }
    const failure = failureOf(event);
    if (failure) stage.failure = failure;
  };

  return {
    get transitions() {
      return transitions;
    },
    read(executionArn, event) {
      const { type = '', timestamp } = event;
      const atMs = timestamp?.getTime() ?? 0;
      if (type === 'ExecutionStarted') listener.executionStarted?.(executionArn);
      if (type.endsWith('StateEntered')) transitions += 1;
      if (type === 'TaskStateExited') return close(executionArn, atMs);
      if (/State(Entered|Exited)$|^Execution(?!Started)/.test(type)) {
        // A state that another one follows without an exit of its own was left through a Catch.
        close(executionArn, atMs, open.get(executionArn)?.failure ?? UNKNOWN_FAILURE);
      }
      if (type === 'TaskStateEntered') {
        const name = event.stateEnteredEventDetails?.name ?? '';
        open.set(executionArn, { name, startedAtMs: atMs, scheduledCount: 0 });
        listener.began?.(name);
      }
      readTask(executionArn, event);
      const ended = endOf(executionArn, event);
      if (ended) listener.executionEnded?.(ended);
    },
  };
}

const UNKNOWN_FAILURE = { error: 'States.Runtime', cause: 'the state was left without a result' };

function failureOf(event: HistoryEvent): EndedStage['failure'] {
  const details = event.taskFailedEventDetails ?? event.taskTimedOutEventDetails;
  return details && { error: details.error ?? 'States.TaskFailed', cause: details.cause ?? '' };
}

function endOf(executionArn: string, event: HistoryEvent): EndedExecution | undefined {
  switch (event.type) {
    case 'ExecutionSucceeded':
      return { executionArn, status: 'SUCCEEDED', output: event.executionSucceededEventDetails?.output };
    case 'ExecutionFailed':
      return { executionArn, status: 'FAILED', ...pick(event.executionFailedEventDetails) };
    case 'ExecutionAborted':
      return { executionArn, status: 'ABORTED', ...pick(event.executionAbortedEventDetails) };
    case 'ExecutionTimedOut':
      return { executionArn, status: 'TIMED_OUT', ...pick(event.executionTimedOutEventDetails) };
    default:
      return undefined;
  }
}

const pick = (
  details: { error?: string | undefined; cause?: string | undefined } | undefined,
): { error?: string; cause?: string } => ({ error: details?.error, cause: details?.cause });
