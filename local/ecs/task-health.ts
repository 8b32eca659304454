/** What the scheduler thinks of a task, and whether its end counts as a failure. Pure. */
import type { TaskRecord } from './records.ts';

export type TaskHealth = 'healthy' | 'pending' | 'unhealthy';

export interface HealthFacts {
  readonly nowMs: number;
  readonly healthyAfterRunningMs: number;
  readonly gracePeriodMs: number;
  /** The state of each of the task's targets; empty if it has none. */
  readonly targetStates: readonly string[];
}

/**
 * Judges a task that is meant to run. With targets, ELB's word counts; without, a task is healthy some time after it
 * began to run. Bad health within the grace period is ignored, which is ECS's doing: the load balancer acts on it.
 */
export function judgeTask(
  task: Pick<TaskRecord, 'lastStatus' | 'startedAtMs' | 'wasHealthy'>,
  facts: HealthFacts,
): TaskHealth {
  if (task.lastStatus !== 'RUNNING' || task.startedAtMs === undefined) return 'pending';
  const runningMs = facts.nowMs - task.startedAtMs;
  if (facts.targetStates.length === 0)
    return runningMs >= facts.healthyAfterRunningMs ? 'healthy' : 'pending';
  if (facts.targetStates.every((state) => state === 'healthy')) return 'healthy';
  if (!facts.targetStates.some((state) => state.startsWith('unhealthy'))) return 'pending';
  if (runningMs >= facts.gracePeriodMs) return 'unhealthy';
  return task.wasHealthy ? 'healthy' : 'pending';
}

/** When time alone may change the judgement next; undefined if it cannot. */
export function nextJudgementMs(
  task: Pick<TaskRecord, 'lastStatus' | 'startedAtMs'>,
  facts: HealthFacts,
): number | undefined {
  if (task.lastStatus !== 'RUNNING' || task.startedAtMs === undefined) return undefined;
  const waitMs = facts.targetStates.length === 0 ? facts.healthyAfterRunningMs : facts.gracePeriodMs;
  const atMs = task.startedAtMs + waitMs;
  return atMs > facts.nowMs ? atMs : undefined;
}
