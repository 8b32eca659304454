/** Enters a stage: its own work and its hooks go on together, within the stage's time. */
import { hooksOf, runHooks, timeoutMsOf } from './hooks.ts';
import { STAGE_MAX_MS } from './limits.ts';
import type { LifecycleStage } from './records.ts';
import { pause, type Run, within } from './run.ts';

export interface StageWork {
  /** Done at once on entry, so that the hooks' events tell what the stage aims at. */
  readonly begin?: () => void;
  /** What the stage waits for beside its hooks. */
  readonly done?: () => Promise<void>;
}

/** Resolves when the stage is over. @throws Interrupted if it fails, or takes longer than it may */
export async function enterStage(run: Run, stage: LifecycleStage, work: StageWork = {}): Promise<void> {
  const { platform } = run.ports;
  await pause(run, platform.latencies.schedulerMs);
  run.progress.stage = stage;
  run.record.updatedAtMs = platform.clock.now();
  work.begin?.();
  const all = Promise.all([work.done?.(), runHooks(run, stage)]);
  await within(run, limitMs(run, stage), `the lifecycle stage ${stage}`, all);
}

/** A PAUSE hook may wait longer than a stage may last otherwise. */
function limitMs(run: Run, stage: LifecycleStage): number {
  const pauses = hooksOf(run, stage).filter(({ targetType }) => targetType === 'PAUSE');
  return Math.max(STAGE_MAX_MS, ...pauses.map(timeoutMsOf));
}
