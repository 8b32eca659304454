/** Wait: for some seconds, or until a time. */

import type { WaitState } from '../definition/machine.ts';
import { SECONDS_MAX } from '../definition/state-types.ts';
import { EvaluationFailure } from '../errors.ts';
import { parseTimestamp } from '../timestamps.ts';
import { sleepIn, type Visit } from './branch.ts';
import { computeExit, evaluateNumber, evaluateString, orEvaluationFailed, type StateExit } from './visit.ts';

export async function runWait(visit: Visit, state: WaitState): Promise<StateExit> {
  await sleepIn(visit.branch, await delayMsOf(visit, state));
  return computeExit(visit, state, state.next, visit.input);
}

async function delayMsOf(visit: Visit, { seconds, timestamp }: WaitState): Promise<number> {
  const delaySeconds = await evaluateNumber(visit, seconds, 'Seconds', { min: 0, max: SECONDS_MAX });
  if (delaySeconds !== undefined) return delaySeconds * 1000;
  const text = (await evaluateString(visit, timestamp)) ?? '';
  const untilMs = await orEvaluationFailed(visit, () => timeOf(text));
  return Math.max(0, untilMs - visit.branch.run.clock.now());
}

function timeOf(text: string): number {
  const ms = parseTimestamp(text);
  if (ms !== undefined) return ms;
  const what = 'The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string';
  throw new EvaluationFailure(`${what}: ${text}`, 'Timestamp');
}
