/** Task: one call of a function or a service, and the wait for its outcome. */

import type { TaskState } from '../definition/machine.ts';
import { SECONDS_MAX } from '../definition/state-types.ts';
import { StateFailure } from '../errors.ts';
import { type CallResult, invokeDirectly } from '../integrations.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Run, Visit } from './branch.ts';
import { withRecovery } from './recovery.ts';
import { type TaskEvents, taskEvents } from './task-events.ts';
import { openTaskWait, type TaskOutcome, type TaskWait } from './task-wait.ts';
import { computeExit, evaluate, evaluateNumber, limitSize, type StateExit } from './visit.ts';

export function runTask(visit: Visit, state: TaskState): Promise<StateExit> {
  return withRecovery(visit, state, async () => {
    const result = await attempt(visit, state);
    return computeExit(visit, state, state.next, result, { result });
  });
}

/** Each attempt has a token, arguments and limits of its own. */
async function attempt(visit: Visit, state: TaskState): Promise<Json> {
  const { resource } = state;
  const waitsForTaskToken = resource.kind === 'integration' && resource.waitsForTaskToken;
  const wait = openTaskWait(visit.branch, waitsForTaskToken);
  try {
    const context: JsonObject = wait.token === undefined ? {} : { Task: { Token: wait.token } };
    const limits = { min: 1, max: SECONDS_MAX };
    const args = state.arguments ? await evaluate(visit, state.arguments, { context }) : visit.input;
    const timeoutSeconds = await evaluateNumber(visit, state.timeoutSeconds, 'TimeoutSeconds', limits);
    const heartbeatSeconds = await evaluateNumber(visit, state.heartbeatSeconds, 'HeartbeatSeconds', limits);
    limitSize(visit, args);

    const events = taskEvents(visit.branch, resource);
    events.scheduled(args, timeoutSeconds, heartbeatSeconds);
    events.started();
    wait.startTimeout(timeoutSeconds);
    const returned = (result: CallResult): void =>
      onReturned(wait, events, result, waitsForTaskToken, heartbeatSeconds);
    call(visit.branch.run, state, args).then(returned).catch(wait.fail);
    return conclude(visit, events, await wait.outcome);
  } catch (error) {
    wait.fail(error);
    throw error;
  }
}

function call(run: Run, { resource }: TaskState, args: Json): Promise<CallResult> {
  if (resource.kind === 'function') return invokeDirectly(run.invokeFunction, resource.functionArn, args);
  const integration = run.integrations[resource.integration];
  if (!integration)
    throw new Error(`integration '${resource.integration}' was there at creation and is gone`);
  return integration(args);
}

/**
 * The call came back. For a callback it was only the asking: the heartbeat's clock starts now.
 * An answer that came before ended the wait, so what the function returns or throws after it changes nothing.
 */
function onReturned(
  wait: TaskWait,
  events: TaskEvents,
  result: CallResult,
  isCallback: boolean,
  heartbeatSeconds: number | undefined,
): void {
  if (!wait.isOpen()) return;
  if ('error' in result || !isCallback) {
    wait.answer(result);
    return;
  }
  events.submitted(result.output);
  wait.startHeartbeat(heartbeatSeconds);
}

/** @throws StateFailure */
function conclude(visit: Visit, events: TaskEvents, outcome: TaskOutcome): Json {
  if (outcome.kind === 'timed-out') {
    events.timedOut(outcome.error);
    throw new StateFailure(outcome.error);
  }
  const { answer } = outcome;
  if ('error' in answer) {
    events.failed(answer.error, answer.cause);
    throw new StateFailure(answer.error, answer.cause);
  }
  limitSize(visit, answer.output);
  events.succeeded(answer.output);
  return answer.output;
}
