/** ModifyListener: one traffic step: production weights from where they are to the step's percentage on green. */

import { type Elbv2, elbv2 } from './aws/elbv2.ts';
import type { Deployment, ListenerWrite } from './common/deployment.ts';
import { ApprovalExpired, DeadlinePassed, StepMiscalled, TargetsNotHealthy } from './common/errors.ts';
import { readTargetHealth } from './common/health.ts';
import { everywhere, writeAllOrNone } from './common/listener.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { judgeApproval } from './decisions/approval.ts';
import { judgeDeadline } from './decisions/deadline.ts';
import { mayShift } from './decisions/next-act.ts';
import { weightsFor } from './decisions/weights.ts';

const modifyListener: Step<{ elbv2: Elbv2 }> = async (journal, { elbv2, now }, input) => {
  const trafficStep = Number(input.trafficStep);
  const shift = shiftOf(journal.deployment, trafficStep, now());
  const gatesPassed = requireGatePassed(journal.deployment, trafficStep);
  requireTimeToBake(journal.deployment, trafficStep, now());
  requireGroup(journal.deployment);
  await journal.commit({ shift, trafficStep, gatesPassed });
  await requireHealthyGreen(journal.deployment, elbv2);
  await writeAllOrNone(elbv2, shift);
  await journal.done({ shift: { ...shift, doneAtMs: now() } });
  return { trafficStep };
};

export const create = step('ModifyListener', modifyListener, { elbv2 });
export const handler = onLambda(create);

function stepOf({ trafficSteps }: Deployment, index: number) {
  const found = trafficSteps[index];
  if (!found) throw new RangeError(`traffic step is ${index}; there are ${trafficSteps.length}`);
  return found;
}

/** Traffic that would have to be taken back before its bakes are over is not moved. */
function requireTimeToBake(deployment: Deployment, trafficStep: number, nowMs: number): void {
  const verdict = judgeDeadline(deployment, trafficStep, nowMs);
  if (!verdict.inTime) throw new DeadlinePassed(verdict.reason);
}

/** A service of a group shifts with the others or not at all, whatever brought the machine here. */
function requireGroup(deployment: Deployment): void {
  if (mayShift(deployment)) return;
  throw new StepMiscalled(`the group of ${deployment.service} is not complete: it does not shift alone`);
}

/** Traffic never moves on a machine's word alone where a person's was asked for. */
function requireGatePassed(deployment: Deployment, trafficStep: number): Deployment['gatesPassed'] {
  const { gate } = stepOf(deployment, trafficStep);
  const { gatesPassed = [] } = deployment;
  if (gate === undefined || gatesPassed.includes(gate)) return gatesPassed;
  const { given } = judgeApproval(deployment);
  if (given === 'approved') return [...gatesPassed, gate];
  throw new ApprovalExpired(`nobody has given the approval ${gate} of traffic step ${trafficStep}`);
}

/** The write of this step: begins where the last one ended. A step that is run again finds its own. */
function shiftOf(deployment: Deployment, index: number, nowMs: number): ListenerWrite {
  const { shift, trafficStep, attach, blue, green } = deployment;
  if (shift && trafficStep === index) return shift;
  const from = shift?.to ?? attach?.to ?? deployment.liveWeights;
  const { percent } = stepOf(deployment, index);
  const weights = weightsFor(percent);
  const to = everywhere(from, (live) => ({
    ...live,
    [blue.targetGroup]: weights.blue,
    [green.targetGroup]: weights.green,
  }));
  return { from, to, intendedAtMs: nowMs };
}

/** ELB does not fail over: weight on a group without healthy targets is lost requests, so it is looked at right before. */
async function requireHealthyGreen({ green, greenCount = 1 }: Deployment, elbv2: Elbv2): Promise<void> {
  const verdict = await readTargetHealth(elbv2, green.targetGroup, greenCount);
  // A target that scaling has just added does not count against those that are healthy.
  if (verdict.healthyCount >= greenCount || verdict.healthy) return;
  throw new TargetsNotHealthy(verdict.reason);
}
