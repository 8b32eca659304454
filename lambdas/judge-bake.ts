/** JudgeBake: the time is up, which is no success by itself: alarms, tasks, live weights and targets are read once more. */

import { cloudwatch } from './aws/cloudwatch.ts';
import { ecs } from './aws/ecs.ts';
import { type Elbv2, elbv2 } from './aws/elbv2.ts';
import { logs } from './aws/logs.ts';
import { analyse } from './common/analysis.ts';
import type { Deployment } from './common/deployment.ts';
import {
  ComparisonFailed,
  ListenerChangedByOthers,
  TargetsNotHealthy,
  TasksKeepFailing,
} from './common/errors.ts';
import { readTargetHealth } from './common/health.ts';
import { readWeights } from './common/places.ts';
import { isInPlace } from './common/service.ts';
import { type Ground, onLambda, type Step, step } from './common/step.ts';
import { afterBake } from './decisions/next-act.ts';
import { ordersOf } from './decisions/orders.ts';
import { describeWeights, sameShares } from './decisions/weights.ts';
import { type BakePorts, lookWhileServing, watchedAlarms } from './waits/bake.ts';

const judgeBake: Step<BakePorts> = async (journal, ports) => {
  await journal.intend();
  const { deployment } = journal;
  const look = await lookWhileServing(deployment, watchedAlarms(deployment), ports);
  if (!look.open && 'failure' in look) throw look.failure;
  await requireIntendedWeights(deployment, ports);
  await requireHealthyGreen(deployment, ports);
  const pausedBecause = await compareWithBlue(deployment, ports);
  const then = afterBake(deployment);
  // Nothing comes after the last bake in place: a recovery that has only this record must not step back.
  const isOver = isInPlace(deployment.configuration) && then.next === 'done';
  const succeededAtMs = isOver ? (deployment.succeededAtMs ?? ports.now()) : deployment.succeededAtMs;
  await journal.done({ pausedBecause, succeededAtMs });
  return pausedBecause === undefined ? then : { ...then, next: 'pause' };
};

export const create = step('JudgeBake', judgeBake, { cloudwatch, ecs, elbv2, logs });
export const handler = onLambda(create);

/**
 * @returns why a person has to look, if the comparison says nothing and that is what the configuration makes of it
 * @throws ComparisonFailed
 */
async function compareWithBlue(
  deployment: Deployment,
  ports: BakePorts & Ground,
): Promise<string | undefined> {
  const { verdict, reason } = await analyse(deployment, ports, ports.now());
  const otherwise = deployment.configuration.analysis?.otherwise;
  const isPromoted = ordersOf(deployment).promote !== undefined;
  // Blue's past is too weak a witness to hold up a deployment that has nothing more to give to green.
  const isAlone = deployment.trafficSteps[deployment.trafficStep ?? 0]?.percent === 100;
  if (verdict === 'fail') throw new ComparisonFailed(reason);
  if (verdict === 'pass' || otherwise === 'pass' || isPromoted || isAlone) return undefined;
  if (otherwise === 'fail') throw new ComparisonFailed(reason);
  return reason;
}

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
async function requireHealthyGreen({ green, greenCount = 0 }: Deployment, ports: BakePorts): Promise<void> {
  const { ecs, elbv2 } = ports;
  if (!green.targetGroup) {
    const { runningCount = 0 } = await ecs.describeService(green.cluster, green.service);
    if (greenCount > 0 && runningCount === 0)
      throw new TasksKeepFailing(`no task of ${green.service} runs at the end of the bake`);
    return;
  }
  const health = await readTargetHealth(elbv2, green.targetGroup, 1);
  if (health.healthyCount === 0 && !health.healthy) throw new TargetsNotHealthy(health.reason);
}
