/** Retry, then Catch: around each attempt of a Task, a Parallel or a Map. */
import type { Recovery } from '../definition/machine.ts';
import { errorOutput, matchesError, StateFailure } from '../errors.ts';
import { judgeRetry } from '../retry.ts';
import { sleepIn, type Visit } from './branch.ts';
import { computeExit, type StateExit } from './visit.ts';

/**
 * Runs `attempt` until it succeeds, no Retrier takes its failure, and a Catcher does or none.
 * @param onFailed called once when no Retrier takes the failure
 * @throws StateFailure that nobody caught
 */
export async function withRecovery(
  visit: Visit,
  recovery: Recovery,
  attempt: () => Promise<StateExit>,
  onFailed: () => void = () => {},
): Promise<StateExit> {
  const { run } = visit.branch;
  const attempts = recovery.retriers.map(() => 0);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StateFailure)) throw error;
      const verdict = judgeRetry(recovery.retriers, attempts, error, () => run.random.next());
      if (!verdict.retry) {
        onFailed();
        return catchFailure(visit, recovery, error);
      }
      attempts[verdict.retrier] = (attempts[verdict.retrier] ?? 0) + 1;
      visit.retryCount += 1;
      await sleepIn(visit.branch, verdict.delayMs);
    }
  }
}

async function catchFailure(visit: Visit, { catchers }: Recovery, failure: StateFailure): Promise<StateExit> {
  const catcher = catchers.find(({ errorEquals }) => errorEquals.some((name) => matchesError(name, failure)));
  if (!catcher) throw failure;
  const caught = errorOutput(failure);
  return computeExit(visit, catcher, catcher.next, caught, { errorOutput: caught });
}
