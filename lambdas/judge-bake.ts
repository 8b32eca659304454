/** JudgeBake: the time is up, which is no success by itself: alarms, tasks, live weights and targets are read once more. */

import { cloudwatch } from './aws/cloudwatch.ts';
import { ecs } from './aws/ecs.ts';
import { type Elbv2, elbv2 } from './aws/elbv2.ts';
import { logs } from './aws/logs.ts';
import type { Deployment } from './common/deployment.ts';
import { ListenerChangedByOthers, TargetsNotHealthy } from './common/errors.ts';
import { readTargetHealth } from './common/health.ts';
import { readWeights } from './common/places.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { afterBake } from './decisions/next-act.ts';
import { describeWeights, sameShares } from './decisions/weights.ts';
import { type BakePorts, lookWhileServing, watchedAlarms } from './waits/bake.ts';

const judgeBake: Step<BakePorts> = async (journal, ports) => {
  await journal.intend();
  const { deployment } = journal;
  const look = await lookWhileServing(deployment, watchedAlarms(deployment), ports);
  if (!look.open && 'failure' in look) throw look.failure;
  await requireIntendedWeights(deployment, ports);
  await requireHealthyGreen(deployment, ports);
  await journal.done();
  return afterBake(deployment);
};

export const create = step('JudgeBake', judgeBake, { cloudwatch, ecs, elbv2, logs });
export const handler = onLambda(create);

async function requireIntendedWeights({ shift }: Deployment, { elbv2 }: { elbv2: Elbv2 }): Promise<void> {
  const intended = shift?.to ?? [];
  const arns = intended.map(({ arn }) => arn);
  for (const [index, { arn, weights }] of (await readWeights(elbv2, arns)).entries()) {
    const wanted = intended[index]?.weights ?? {};
    if (sameShares(weights, wanted)) continue;
    const reason = `${arn} has ${describeWeights(weights)} at the end of the bake; we wrote ${describeWeights(wanted)}`;
    throw new ListenerChangedByOthers(reason);
  }
}

/** One is enough here: a task may be on its way in or out with autoscaling; lookWhileServing has seen those that fail. */
async function requireHealthyGreen({ green }: Deployment, { elbv2 }: { elbv2: Elbv2 }): Promise<void> {
  if (!green.targetGroup) return;
  const health = await readTargetHealth(elbv2, green.targetGroup, 1);
  if (health.healthyCount === 0 && !health.healthy) throw new TargetsNotHealthy(health.reason);
}
