/** Starts the recovery of a deployment whose execution died: StopExecution and time-outs run no Catch. */
import type { Sfn } from '../aws/sfn.ts';
import { needsRecovery } from '../decisions/turns.ts';
import type { Lock } from '../table/locks.ts';
import type { Ground } from './step.ts';

export interface RecoveryPorts extends Pick<Ground, 'now' | 'log'> {
  readonly sfn: Sfn;
}

/**
 * Asks Step Functions about the holder of a lock and, if it is dead, starts the machine with `{"recover": …}`.
 * The name holds the minute: whoever notices first starts it, and one that failed early is tried again later.
 */
export async function recover(lock: Lock, { sfn, now, log }: RecoveryPorts): Promise<boolean> {
  const { deploymentId, executionArn, fencing, recoveryCount, heldBecause, acquiredAtMs } = lock;
  const status = await sfn.describeExecution(executionArn);
  if (!needsRecovery({ status, heldForMs: now() - acquiredAtMs, recoveryCount, heldBecause })) return false;
  const name = `recover-${deploymentId}-${fencing}-${Math.floor(now() / 60_000)}`;
  const started = await sfn.startExecution(name, { recover: deploymentId, automatic: true });
  if (started) log.warn('execution died; recovery started', { deploymentId, executionArn, status });
  return started;
}
