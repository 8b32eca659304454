/** Health checks of one target: probes by the clock, and the verdict that follows from them. */
import type { Clock, Timer } from '../clock/clock.ts';
import type { ProbeResult } from '../dataplane/data-plane.ts';
import type { Random } from '../random.ts';
import type { TargetGroupSettings, TargetHealth } from './records.ts';

type Thresholds = Pick<TargetGroupSettings, 'healthyThresholdCount' | 'unhealthyThresholdCount'>;

/** Consecutive results of one kind. */
export interface Streak {
  passed: boolean;
  count: number;
}

/**
 * The health that follows from one more probe. A new target is healthy after one pass; one that was unhealthy
 * needs the healthy threshold; a target turns unhealthy by the unhealthy threshold.
 */
export function judgeHealth(
  was: TargetHealth,
  streak: Streak,
  result: ProbeResult,
  thresholds: Thresholds,
): TargetHealth {
  if (streak.passed) {
    const needed = was.state === 'unhealthy' ? thresholds.healthyThresholdCount : 1;
    return streak.count >= needed ? { state: 'healthy' } : was;
  }
  return streak.count >= thresholds.unhealthyThresholdCount ? explainFailure(result) : was;
}

function explainFailure({ statusCode, reason }: ProbeResult): TargetHealth {
  if (statusCode !== undefined) {
    const description = `Health checks failed with these codes: [${statusCode}]`;
    return { state: 'unhealthy', reason: 'Target.ResponseCodeMismatch', description };
  }
  const description = reason === 'Target.Timeout' ? 'Request timed out' : 'Health checks failed';
  return { state: 'unhealthy', reason: reason ?? 'Target.FailedHealthChecks', description };
}

/** Whether a probe has passed: the status matches, or, of a TCP check, the connection was accepted. */
export function hasPassed(
  { healthCheckProtocol, matcher }: Pick<TargetGroupSettings, 'healthCheckProtocol' | 'matcher'>,
  { statusCode, connected }: ProbeResult,
): boolean {
  return healthCheckProtocol === 'TCP' ? connected === true : matches(matcher, statusCode);
}

/** Whether a status is in a matcher such as `200`, `200,202` or `200-299`. */
export function matches(matcher: string, statusCode: number | undefined): boolean {
  if (statusCode === undefined) return false;
  return matcher.split(',').some((part) => {
    const [from = '', to = from] = part.split('-');
    return statusCode >= Number(from) && statusCode <= Number(to);
  });
}

export interface CheckedTarget {
  /** Read before each probe: a group's settings may change. */
  settings(): TargetGroupSettings;
  health(): TargetHealth;
  probe(): Promise<ProbeResult>;
  report(health: TargetHealth): void;
}

/**
 * Probes until stopped: first at a random moment within the interval, as a node's own rhythm would have it, then
 * once per interval (or less often, if a probe takes longer than that).
 */
export function startHealthChecks(target: CheckedTarget, clock: Clock, random: Random): () => void {
  let streak: Streak = { passed: true, count: 0 };
  let isStopped = false;
  let timer: Timer;

  const check = async (): Promise<void> => {
    const startedMs = clock.now();
    const result = await target.probe();
    if (isStopped) return;
    const settings = target.settings();
    const passed = hasPassed(settings, result);
    streak = { passed, count: streak.passed === passed ? streak.count + 1 : 1 };
    schedule(startedMs + intervalMs() - clock.now());
    target.report(judgeHealth(target.health(), streak, result, settings));
  };
  const schedule = (delayMs: number): void => {
    timer = clock.setTimer(Math.max(0, delayMs), () => void check());
  };
  const intervalMs = (): number => target.settings().healthCheckIntervalSeconds * 1000;

  schedule(random.next() * intervalMs());
  return () => {
    isStopped = true;
    timer.cancel();
  };
}
