/** Whether a deadline can still be met: the bakes that have yet to come need their time, whatever else goes fast. */
import type { Deployment } from '../common/deployment.ts';
import { ordersOf } from './orders.ts';

export type DeadlineVerdict = { readonly inTime: true } | { readonly inTime: false; readonly reason: string };

type Facts = Pick<
  Deployment,
  'deadlineMs' | 'trafficSteps' | 'trafficStep' | 'configuration' | 'signals' | 'startedAtMs'
>;

/** By when green has to serve and to have baked. @param startedAtMs when the outer deployment began, or else this one */
export function deadlineOf(
  { deadlineSeconds }: Facts['configuration'],
  startedAtMs: number,
): number | undefined {
  return deadlineSeconds === undefined ? undefined : startedAtMs + deadlineSeconds * 1000;
}

/** @param from the traffic step that is about to begin; 0 before the first */
export function judgeDeadline(deployment: Facts, from: number, nowMs: number): DeadlineVerdict {
  const { deadlineMs } = deployment;
  if (deadlineMs === undefined) return { inTime: true };
  const bakes = bakesFrom(deployment, from);
  const leftMs = deadlineMs - nowMs;
  if (leftMs > bakes * 1000) return { inTime: true };
  const deadline = `the deadline is ${new Date(deadlineMs).toISOString()}`;
  const left = leftMs > 0 ? `${Math.floor(leftMs / 1000)} s are left` : 'it has passed';
  return {
    inTime: false,
    reason: `${deadline}: ${left}, and the bakes that have yet to come take ${bakes} s`,
  };
}

/** Seconds of all bakes from a traffic step on; a person who has promoted the deployment skips them. */
function bakesFrom({ trafficSteps, trafficStep, configuration, signals }: Facts, from: number): number {
  if (ordersOf({ signals, trafficStep }).promote?.all) return 0;
  // ECS bakes by its own settings, which are not ours to count.
  if (configuration.strategy.type === 'native') return 0;
  if (trafficSteps.length === 0) return configuration.bakeSeconds;
  return trafficSteps.slice(from).reduce((sum, { bakeSeconds }) => sum + bakeSeconds, 0);
}
