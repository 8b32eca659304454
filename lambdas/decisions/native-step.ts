/** A production step of ECS's own strategies, seen as a traffic step: how long it bakes, and what is compared in it. */
import type { Deployment, NativeStep } from '../common/deployment.ts';

export interface NativeBakes {
  strategy?: string;
  bakeTimeInMinutes?: number;
  linearConfiguration?: { stepBakeTimeInMinutes?: number };
  canaryConfiguration?: { canaryBakeTimeInMinutes?: number };
}

/** What ECS takes where the service says nothing (API reference, "LinearConfiguration", "CanaryConfiguration"). */
const DEFAULT_LINEAR_MINUTES = 6;
const DEFAULT_CANARY_MINUTES = 10;

/** How long ECS lets both revisions run after green was given so many percent. */
export function bakeSecondsAt(percent: number, bakes: NativeBakes = {}): number {
  return minutesAt(percent, bakes) * 60;
}

function minutesAt(percent: number, bakes: NativeBakes): number {
  if (percent >= 100) return bakes.bakeTimeInMinutes ?? 0;
  return bakes.strategy === 'LINEAR'
    ? (bakes.linearConfiguration?.stepBakeTimeInMinutes ?? DEFAULT_LINEAR_MINUTES)
    : (bakes.canaryConfiguration?.canaryBakeTimeInMinutes ?? DEFAULT_CANARY_MINUTES);
}

/** The deployment as if Sidestep had shifted this step itself: what the comparison reads. */
export function asShifted(deployment: Deployment, step: NativeStep): Deployment {
  const { percent, startedAtMs, bakeSeconds, productionRule, blueTargetGroup, greenTargetGroup } = step;
  const weights = { [greenTargetGroup]: percent, [blueTargetGroup]: 100 - percent };
  const to = [{ arn: productionRule, weights }];
  return {
    ...deployment,
    blue: { ...deployment.blue, targetGroup: blueTargetGroup },
    green: { ...deployment.green, targetGroup: greenTargetGroup },
    shift: { from: [], to, intendedAtMs: startedAtMs, doneAtMs: startedAtMs },
    bakeStartedAtMs: startedAtMs,
    trafficStep: 0,
    trafficSteps: [{ percent, bakeSeconds }],
  };
}
