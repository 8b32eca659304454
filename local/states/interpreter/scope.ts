/** Runs a scope: from its first state on until one ends it. */
import type { Scope, State } from '../definition/machine.ts';
import type { Json } from '../json.ts';
import type { Branch, Visit } from './branch.ts';
import { runChoice } from './choice.ts';
import { runFail } from './fail.ts';
import { runMap } from './map.ts';
import { runParallel } from './parallel.ts';
import { runPass } from './pass.ts';
import { runSucceed } from './succeed.ts';
import { runTask } from './task.ts';
import { enterState, exitState, type StateExit } from './visit.ts';
import { runWait } from './wait.ts';

/**
 * Runs the states of a scope in a branch.
 * @returns the output of the last
 * @throws StateFailure that no state of the scope caught; BranchCancelled; HistoryFull
 */
export async function runScope(scope: Scope, branch: Branch, input: Json): Promise<Json> {
  let data = input;
  let name: string | undefined = scope.startAt;
  while (name !== undefined) {
    const state = scope.states.get(name);
    if (!state) throw new Error(`state '${name}' was there at creation and is gone`);
    const visit = enterState(branch, state, data);
    const exit: StateExit = await runState(visit, state);
    exitState(visit, exit);
    data = exit.output;
    name = exit.next;
  }
  return data;
}

function runState(visit: Visit, state: State): Promise<StateExit> {
  switch (state.type) {
    case 'Pass':
      return runPass(visit, state);
    case 'Task':
      return runTask(visit, state);
    case 'Choice':
      return runChoice(visit, state);
    case 'Wait':
      return runWait(visit, state);
    case 'Succeed':
      return runSucceed(visit, state);
    case 'Fail':
      return runFail(visit, state);
    case 'Parallel':
      return runParallel(visit, state);
    case 'Map':
      return runMap(visit, state);
  }
}
