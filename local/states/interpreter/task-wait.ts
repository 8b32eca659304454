/** Waits for a Task's outcome: the call's own result, an answer to its token, or a time-out. */
import type { Timer } from '../../clock/clock.ts';
import { TIMEOUT } from '../errors.ts';
import type { CallResult } from '../integrations.ts';
import type { TaskAnswer } from '../task-tokens.ts';
import { type Branch, waitIn } from './branch.ts';

export type TaskOutcome =
  | { kind: 'answered'; answer: CallResult | TaskAnswer }
  | { kind: 'timed-out'; error: string };

export interface TaskWait {
  /** Only for a task that waits for its token. */
  readonly token: string | undefined;
  /** Rejects with BranchCancelled when the branch is cut off. */
  readonly outcome: Promise<TaskOutcome>;
  readonly isOpen: () => boolean;
  answer(answer: CallResult | TaskAnswer): void;
  /** Ends the wait with an error of the interpreter's own. */
  fail(error: unknown): void;
  startTimeout(seconds: number | undefined): void;
  startHeartbeat(seconds: number | undefined): void;
}

/** Opens a wait; it closes itself, timers and token included, with its first outcome. */
export function openTaskWait(branch: Branch, waitsForTaskToken: boolean): TaskWait {
  const { clock, tokens } = branch.run;
  let open = true;
  let resolveOutcome: (outcome: TaskOutcome) => void = () => {};
  let rejectOutcome: (error: unknown) => void = () => {};
  let timeout: Timer | undefined;
  let heartbeat: Timer | undefined;
  let restartHeartbeat = (): void => {};

  const answer: TaskWait['answer'] = (given) => resolveOutcome({ kind: 'answered', answer: given });
  const token = waitsForTaskToken ? tokens.open({ answer, heartbeat: () => restartHeartbeat() }) : undefined;
  const close = (): void => {
    open = false;
    timeout?.cancel();
    heartbeat?.cancel();
    if (token !== undefined) tokens.close(token);
  };
  const outcome = waitIn<TaskOutcome>(branch, (resolve, reject) => {
    resolveOutcome = (result) => open && resolve(result);
    rejectOutcome = (error) => open && reject(error);
    return close;
  });
  // The branch may be cut off before anybody awaits the outcome; whoever does will see it.
  outcome.catch(close);

  // The recorded name of a lost heartbeat is States.Timeout, although States.HeartbeatTimeout is documented too.
  const timeOut = (): void => resolveOutcome({ kind: 'timed-out', error: TIMEOUT });
  return {
    token,
    outcome,
    isOpen: () => open,
    answer,
    fail: (error) => rejectOutcome(error),
    startTimeout(seconds) {
      if (seconds === undefined || !open) return;
      // A plain call is real work, and real work is never scaled; a wait for a token is a deadline, which is.
      const delayMs = seconds * 1000;
      timeout = waitsForTaskToken ? clock.setTimer(delayMs, timeOut) : clock.setWallTimer(delayMs, timeOut);
    },
    startHeartbeat(seconds) {
      if (seconds === undefined || !open) return;
      restartHeartbeat = () => {
        heartbeat?.cancel();
        heartbeat = clock.setTimer(seconds * 1000, timeOut);
      };
      restartHeartbeat();
    },
  };
}
