/** RestoreListener: the traffic back to blue, in one write to each rule. */
import { type Elbv2, elbv2 } from './aws/elbv2.ts';
import { type Sfn, sfn } from './aws/sfn.ts';
import type { Deployment, ListenerWrite } from './common/deployment.ts';
import { NothingToRollBackTo } from './common/errors.ts';
import { describeFailure } from './common/failure.ts';
import { readTargetHealth } from './common/health.ts';
import { everywhere, writeWeights } from './common/listener.ts';
import { readWeights } from './common/places.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { percentOf } from './decisions/weights.ts';
import { breakRound } from './waits/round.ts';

const restoreListener: Step<{ elbv2: Elbv2; sfn: Sfn }> = async (journal, ports, input) => {
  const { elbv2, now } = ports;
  const { shift, restore: known } = journal.deployment;
  const restore = known ?? (shift && restoreOf(journal.deployment, shift, now()));
  await journal.intend({ restore });
  if (restore) {
    await requireSomewhereToGo(journal.deployment, restore, elbv2);
    await writeWeights(elbv2, restore);
  }
  await restoreTestTraffic(journal.deployment, elbv2, now);
  await journal.done({ restore: restore && { ...restore, doneAtMs: now() } });
  // Its own traffic first: then the others of the group take theirs back.
  const isSuperseded = journal.deployment.supersededBy !== undefined;
  if (!isSuperseded)
    await breakRound(journal.deployment, describeFailure(input.failure) || 'it stepped back', ports);
  return { restored: restore !== undefined };
};

export const create = step('RestoreListener', restoreListener, { elbv2, sfn });
export const handler = onLambda(create);

/** From wherever the last shift was going, or had come from: all of it to what was found live at the start. */
function restoreOf({ liveWeights, green }: Deployment, shift: ListenerWrite, nowMs: number): ListenerWrite {
  const to = everywhere(liveWeights, (live) => ({ ...live, [green.targetGroup]: 0 }));
  return { from: shift.to, orFrom: shift.from, to, intendedAtMs: nowMs };
}

/** Traffic is never taken from a side that can serve to one that cannot. */
async function requireSomewhereToGo(
  { blue, green }: Deployment,
  { to }: ListenerWrite,
  elbv2: Elbv2,
): Promise<void> {
  const live = await readWeights(
    elbv2,
    to.map(({ arn }) => arn),
  );
  if (!live.some(({ weights }) => percentOf(weights, green.targetGroup) > 0)) return;
  const blueHealth = await readTargetHealth(elbv2, blue.targetGroup, 1);
  if (blueHealth.healthyCount > 0) return;
  const greenHealth = await readTargetHealth(elbv2, green.targetGroup, 1);
  if (greenHealth.healthyCount === 0) return;
  throw new NothingToRollBackTo(
    `${blue.service} has no healthy target, so the traffic stays on ${green.service}, which has ${greenHealth.healthyCount}`,
  );
}

async function restoreTestTraffic(
  { testTraffic, green }: Deployment,
  elbv2: Elbv2,
  now: () => number,
): Promise<void> {
  if (!testTraffic) return;
  const to = everywhere(testTraffic.from, (before) => ({ [green.targetGroup]: 0, ...before }));
  await writeWeights(elbv2, { from: testTraffic.to, to, intendedAtMs: now() });
}
