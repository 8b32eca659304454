/** The looks of WaitForApproval and Pause: has a person said how to go on? */
import type { Deployment } from '../common/deployment.ts';
import { ApprovalRejected } from '../common/errors.ts';
import { judgeApproval } from '../decisions/approval.ts';
import { onwards } from '../decisions/next-act.ts';
import { ordersOf } from '../decisions/orders.ts';
import { answered, failed, type Look, stillOpen } from './look.ts';

export async function lookAtApproval(deployment: Deployment): Promise<Look> {
  const { openGate } = deployment;
  const verdict = judgeApproval(deployment);
  if (verdict.given === 'rejected') return failed(new ApprovalRejected(verdict.reason));
  if (verdict.given === 'none' || !openGate) return stillOpen(`the approval ${openGate?.gate}`);
  return answered(onwards({ ...deployment, gatesPassed: [openGate.gate] }, openGate.trafficStep));
}

/** A pause ends with `resume` or `promote`, said after it began. */
export async function lookAtPause(deployment: Deployment): Promise<Look> {
  const { nextTrafficStep = 0, stages, pausedBecause = 'a person paused it' } = deployment;
  const { resume } = ordersOf(deployment);
  const begunAtMs = stages.Pause?.intendedAtMs ?? 0;
  const isResumed = resume !== undefined && resume.atMs >= begunAtMs;
  return isResumed ? answered(onwards(deployment, nextTrafficStep)) : stillOpen(`resume: ${pausedBecause}`);
}
