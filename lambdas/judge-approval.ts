/** JudgeApproval: the time for an approval is up: the record is read once more, then silence means what was configured. */
import { ApprovalExpired, ApprovalRejected } from './common/errors.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { judgeApproval as judge } from './decisions/approval.ts';
import { beforeStep } from './decisions/next-act.ts';

const judgeApproval: Step<object> = async (journal) => {
  const { openGate, gatesPassed = [], configuration, nextTrafficStep = 0 } = journal.deployment;
  await journal.intend();
  const verdict = judge(journal.deployment);
  if (verdict.given === 'rejected') throw new ApprovalRejected(verdict.reason);
  if (verdict.given === 'none' && configuration.approval?.otherwise !== 'approve') {
    const seconds = configuration.approval?.timeoutSeconds ?? 0;
    throw new ApprovalExpired(`nobody answered the approval ${openGate?.gate} within ${seconds} s`);
  }
  await journal.done({ gatesPassed: openGate ? [...gatesPassed, openGate.gate] : gatesPassed });
  return beforeStep(journal.deployment, nextTrafficStep);
};

export const create = step('JudgeApproval', judgeApproval, {});
export const handler = onLambda(create);
