/** Parallel: all branches at once; the first failure ends the others. */
import type { ParallelState } from '../definition/machine.ts';
import type { Json } from '../json.ts';
import {
  type Branch,
  cancelBranch,
  createBranch,
  record,
  recordAborted,
  recordAside,
  type Visit,
} from './branch.ts';
import { withRecovery } from './recovery.ts';
import { runScope } from './scope.ts';
import { computeExit, evaluate, limitSize, type StateExit } from './visit.ts';

export function runParallel(visit: Visit, state: ParallelState): Promise<StateExit> {
  const { branch } = visit;
  const attempt = async (): Promise<StateExit> => {
    const input = state.arguments ? await evaluate(visit, state.arguments) : visit.input;
    record(branch, 'ParallelStateStarted');
    const result = await runBranches(branch, state, input);
    limitSize(visit, result);
    recordAside(branch, 'ParallelStateSucceeded');
    return computeExit(visit, state, state.next, result, { result });
  };
  return withRecovery(visit, state, attempt, () => record(branch, 'ParallelStateFailed'));
}

async function runBranches(parent: Branch, { branches }: ParallelState, input: Json): Promise<Json[]> {
  const inner = branches.map(() => createBranch(parent.run, parent));
  const run = async (branch: Branch, index: number): Promise<Json> => {
    const scope = branches[index];
    if (!scope) throw new Error(`branch ${index} has no definition`);
    const output = await runScope(scope, branch, input);
    parent.inner.delete(branch);
    parent.lastEventId = branch.lastEventId;
    return output;
  };
  try {
    return await Promise.all(
      inner.map((branch, index) => run(branch, index).catch((error) => endAll(parent, branch, error))),
    );
  } finally {
    parent.inner.clear();
  }
}

/** Ends every other branch in mid-state, and hands the failure on. */
function endAll(parent: Branch, failed: Branch, error: unknown): never {
  if (failed.cancelled) throw error;
  parent.lastEventId = failed.lastEventId;
  parent.inner.delete(failed);
  for (const other of [...parent.inner]) {
    recordAborted(other, failed.lastEventId);
    cancelBranch(other);
  }
  throw error;
}
