/** When the deployment circuit breaker trips. Pure. */
import type { EcsApi } from '../wire/models.ts';

/** Bounds of BOUNDED_PERCENT. */
const THRESHOLD_MIN = 3;
const THRESHOLD_MAX = 200;
const DEFAULT_PERCENT = 50;

/** The number of failed tasks at which a deployment of `desiredCount` tasks fails. */
export function failureThreshold(breaker: EcsApi.DeploymentCircuitBreaker, desiredCount: number): number {
  const { type = 'BOUNDED_PERCENT', value = DEFAULT_PERCENT } = breaker.thresholdConfiguration ?? {};
  if (type === 'COUNT') return value;
  const share = Math.ceil((value * desiredCount) / 100);
  if (type === 'UNBOUNDED_PERCENT') return Math.max(1, share);
  return Math.min(THRESHOLD_MAX, Math.max(THRESHOLD_MIN, share));
}

/** Whether so many failures fail the deployment. */
export function isTripped(
  breaker: EcsApi.DeploymentCircuitBreaker,
  facts: { desiredCount: number; failedTasks: number },
): boolean {
  return breaker.enable === true && facts.failedTasks >= failureThreshold(breaker, facts.desiredCount);
}

/** Whether one healthy task makes the earlier failures forgotten. */
export function forgetsOnHealthyTask(breaker: EcsApi.DeploymentCircuitBreaker): boolean {
  return breaker.resetOnHealthyTask ?? true;
}
