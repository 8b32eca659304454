/** What a lifecycle hook of ECS is called with, and what there is to do in its stage. */
import type { Deployment } from '../common/deployment.ts';
import { describeSignal, mayGoOn, ordersOf } from './orders.ts';

/** Revision ARN → percent; empty outside the stages that shift. */
export type RevisionWeights = Readonly<Record<string, number>>;

export interface HookEvent {
  readonly lifecycleStage: string;
  readonly serviceDeploymentArn: string;
  readonly serviceArn: string;
  readonly targetServiceRevisionArn: string;
  readonly testTrafficWeights: RevisionWeights;
  readonly productionTrafficWeights: RevisionWeights;
  /** When this hook of this stage was first called: what an earlier answer gave back. */
  readonly sinceMs?: number;
}

/**
 * Whether ECS is on its way back: it has no stage of its own for that, and runs the shifting ones again with the same
 * target, whose share is then 0.
 */
export function isRollingBack(event: HookEvent): boolean {
  const { lifecycleStage, targetServiceRevisionArn: green } = event;
  if (lifecycleStage === 'TEST_TRAFFIC_SHIFT') return hasNone(event.testTrafficWeights, green);
  if (lifecycleStage === 'PRODUCTION_TRAFFIC_SHIFT') return hasNone(event.productionTrafficWeights, green);
  return false;
}

const hasNone = (weights: RevisionWeights, revision: string): boolean =>
  Object.keys(weights).length > 0 && (weights[revision] ?? 0) === 0;

export interface HookWork {
  /** HTTP checks through the test rule. */
  readonly checks: boolean;
  readonly alarms: boolean;
  /** The comparison with blue in the step that has just baked. */
  readonly comparison: boolean;
  /** The step that begins is noted, so that it can be compared. */
  readonly noteStep: boolean;
}

/**
 * Checks come when test requests reach green; alarms before each shift and after the last. Before each shift the step
 * before it has baked: the first has none.
 */
export function workAt(lifecycleStage: string): HookWork {
  return {
    checks: lifecycleStage === 'POST_TEST_TRAFFIC_SHIFT',
    alarms: ['PRE_PRODUCTION_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT'].includes(lifecycleStage),
    comparison: lifecycleStage === 'PRE_PRODUCTION_TRAFFIC_SHIFT',
    noteStep: lifecycleStage === 'PRODUCTION_TRAFFIC_SHIFT',
  };
}

export type OrdersVerdict =
  | { readonly go: true }
  | { readonly go: false; readonly hold: true; readonly reason: string }
  | { readonly go: false; readonly hold: false; readonly reason: string };

/** What people have said, and the deadline, come before whatever a stage has to do. */
export function judgeOrders(deployment: Deployment, nowMs: number): OrdersVerdict {
  const verdict = mayGoOn('FollowServiceDeployment', deployment, nowMs);
  if (verdict.stop) return { go: false, hold: false, reason: verdict.reason };
  const { pause } = ordersOf(deployment);
  if (!pause) return { go: true };
  const { pauseTimeoutSeconds } = deployment.configuration;
  const reason = describeSignal(pause);
  if (nowMs < pause.atMs + pauseTimeoutSeconds * 1000) return { go: false, hold: true, reason };
  return { go: false, hold: false, reason: `nobody said resume within ${pauseTimeoutSeconds} s (${reason})` };
}
