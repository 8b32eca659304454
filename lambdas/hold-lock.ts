/** HoldLock: the deployment cannot go on by itself: both sides stay as they are, and so does the lock, for a person. */
import { type Sfn, sfn } from './aws/sfn.ts';
import type { Outcome } from './common/deployment.ts';
import { describeFailure, isDriftOfEcs } from './common/failure.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { endOf } from './table/deployments.ts';
import { heldBy, lockKey } from './table/locks.ts';
import { rememberOutcome } from './table/memory.ts';
import { clearWait } from './table/open-waits.ts';
import { breakRound } from './waits/round.ts';

const holdLock: Step<{ sfn: Sfn }> = async ({ deployment }, ports, input) => {
  const { table, now, log } = ports;
  const { service, deploymentId } = deployment;
  const isDrift = input.outcome === 'HALTED' || isDriftOfEcs(input.failure);
  const outcome: Outcome = isDrift ? 'HALTED' : 'ROLLBACK_FAILED';
  const reason = describeFailure(input.failure) || outcome;
  await breakRound(deployment, reason, ports);
  const held = await table.write(
    {
      update: lockKey(service),
      set: { heldBecause: reason },
      condition: heldBy(deploymentId, input.executionArn),
    },
    endOf(deploymentId, { outcome, reason, endedAtMs: now() }),
    clearWait(service),
    ...rememberOutcome(deployment, outcome),
  );
  if (!held) return { outcome: 'TAKEN_OVER', reason: 'another execution goes on with it' };
  const resume = `when it is put right, start the machine with {"recover": "${deploymentId}"}`;
  log.error('a person must look', { service, outcome, reason, resume });
  return { outcome, reason: `${reason} — ${resume}` };
};

export const create = step('HoldLock', holdLock, { sfn });
export const handler = onLambda(create);
