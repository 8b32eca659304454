/** How an execution's history is read as stages. */
import { describe, expect, it } from 'vitest';
import { createStageReader, type EndedExecution, type EndedStage } from '../../local/demo/stages.ts';
import type { HistoryEvent } from '../../local/states/index.ts';

const ARN = 'arn:aws:states:us-east-1:000000000000:execution:sidestep-deploy:one';

/** Reads events, one second apart. */
function read(...events: Omit<HistoryEvent, 'timestamp' | 'id'>[]) {
  const ended: EndedStage[] = [];
  const executions: EndedExecution[] = [];
  const reader = createStageReader({
    ended: (stage) => ended.push(stage),
    executionEnded: (execution) => executions.push(execution),
  });
  for (const [index, event] of events.entries())
    reader.read(ARN, { ...event, id: index + 1, timestamp: new Date(index * 1000) });
  return { ended, executions, transitions: reader.transitions };
}

const entered = (name: string, type = 'Task') =>
  ({ type: `${type}StateEntered`, stateEnteredEventDetails: { name } }) as HistoryEvent;
const event = (type: string, details: object = {}) => ({ type, ...details }) as HistoryEvent;
const failed = (error: string) =>
  event('TaskFailed', { taskFailedEventDetails: { error, cause: `why ${error}` } });

describe('a stage', () => {
  it('lasts from the entry of its state to its exit', () => {
    const { ended } = read(
      entered('Bake'),
      event('TaskScheduled'),
      event('TaskSucceeded'),
      event('TaskStateExited'),
    );
    expect(ended).toMatchObject([{ name: 'Bake', startedAtMs: 0, endedAtMs: 3000, retryCount: 0 }]);
    expect(ended[0]?.failure).toBeUndefined();
  });

  it('succeeds if it succeeds at last, whatever failed before', () => {
    const tries = [
      event('TaskScheduled'),
      failed('AwsNotAnswering'),
      event('TaskScheduled'),
      failed('CheckNotPassedYet'),
    ];
    const { ended } = read(
      entered('VerifyTargets'),
      ...tries,
      event('TaskScheduled'),
      event('TaskStateExited'),
    );
    expect(ended).toMatchObject([{ name: 'VerifyTargets', retryCount: 2, failure: undefined }]);
  });

  it('fails with its last error if a Catch around it takes over', () => {
    const scope = [
      event('ParallelStateFailed'),
      event('ParallelStateExited'),
      entered('RollBack', 'Parallel'),
    ];
    const { ended } = read(
      entered('StartGreen'),
      event('TaskScheduled'),
      failed('TasksKeepFailing'),
      ...scope,
    );
    expect(ended).toMatchObject([
      { name: 'StartGreen', failure: { error: 'TasksKeepFailing', cause: 'why TasksKeepFailing' } },
    ]);
  });

  it('fails if its execution is stopped', () => {
    const { ended, executions } = read(
      entered('Bake'),
      event('TaskStateAborted'),
      event('ExecutionAborted', { executionAbortedEventDetails: { cause: 'by hand' } }),
    );
    expect(ended).toMatchObject([{ name: 'Bake', failure: { error: 'States.Runtime' } }]);
    expect(executions).toEqual([
      { executionArn: ARN, status: 'ABORTED', error: undefined, cause: 'by hand' },
    ]);
  });
});

describe('transitions', () => {
  it('are states entered, of every type, and retries', () => {
    const { transitions } = read(
      entered('One'),
      event('TaskScheduled'),
      failed('AwsNotAnswering'),
      event('TaskScheduled'),
      event('TaskStateExited'),
      entered('Two?', 'Choice'),
      event('ChoiceStateExited'),
      entered('Three', 'Succeed'),
    );
    expect(transitions).toBe(4);
  });
});
