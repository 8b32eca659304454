/** What may go wrong, or otherwise than somebody expects, though nothing refuses it. Pure. */
import type { Lock } from '../../lambdas/table/locks.ts';
import type { PlanFacts } from './facts.ts';
import { shortName, spellSeconds } from './spell.ts';
import type { Totals } from './steps.ts';

export function warningsOf(
  facts: PlanFacts,
  totals: Totals,
  lock: Pick<Lock, 'deploymentId'> | undefined,
  nowMs: number,
): string[] {
  return [
    busy(lock),
    busyInEcs(facts),
    late(facts, totals, nowMs),
    nothingToReturnTo(facts),
    drainTooShort(facts),
    downtime(totals),
    noTestTraffic(facts),
  ].flatMap((warning) => warning ?? []);
}

function busy(lock: Pick<Lock, 'deploymentId'> | undefined): string | undefined {
  return lock && `${lock.deploymentId} is being deployed: this one would wait for its turn`;
}

function busyInEcs({ openServiceDeploymentArn: arn }: PlanFacts): string | undefined {
  return arn && `ECS works on service deployment ${shortName(arn)}: it is let finish first`;
}

function late({ deployment }: PlanFacts, totals: Totals, nowMs: number): string | undefined {
  const { deadlineMs } = deployment;
  if (deadlineMs === undefined) return undefined;
  const leftSeconds = (deadlineMs - nowMs) / 1000;
  if (totals.untilGreenServesSeconds <= leftSeconds) return undefined;
  const needed = spellSeconds(totals.untilGreenServesSeconds);
  return `the deadline is ${new Date(deadlineMs).toISOString()}, in ${spellSeconds(Math.max(0, leftSeconds))}; green serves after ${needed} at the earliest`;
}

function nothingToReturnTo({ deployment, start }: PlanFacts): string | undefined {
  if (deployment.blueServes || start === 'native') return undefined;
  return 'nothing healthy serves now: green takes everything at once, and there is nothing to roll back to';
}

function drainTooShort({ blue, deployment, start }: PlanFacts): string | undefined {
  const delay = blue.targetGroup?.deregistrationDelaySeconds ?? 0;
  const { drainTimeoutSeconds } = deployment.configuration;
  const needed = delay + blue.stopTimeoutSeconds;
  if (start !== 'beside' || blue.isFleet || needed <= drainTimeoutSeconds) return undefined;
  return `${blue.name} may take ${spellSeconds(needed)} to stop (deregistration delay and stop timeout); drain.timeout is ${spellSeconds(drainTimeoutSeconds)}`;
}

function downtime({ downtimeSeconds }: Totals): string | undefined {
  return downtimeSeconds > 0
    ? `nothing serves for about ${spellSeconds(downtimeSeconds)}: the old version stops before the new one starts`
    : undefined;
}

/** Checks without a test rule see green only once users do. */
function noTestTraffic({ deployment, start }: PlanFacts): string | undefined {
  const { checks, traffic } = deployment.configuration;
  if (start !== 'beside' || traffic?.testRule || checks.http.length === 0) return undefined;
  return 'traffic has no testRule, so checks.http cannot reach green before users do: they are left out';
}
