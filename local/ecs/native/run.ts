/** One native deployment while it runs: what cuts it short, what it waits for, the hooks that are open. */
import type { Platform } from '../../platform.ts';
import type { AlarmStates, InvokeHook, ListenerRules } from '../../simulators.ts';
import type { Announcements } from '../announcements.ts';
import type { Deployments } from '../deployments.ts';
import type { Judged } from '../judgement.ts';
import type { EcsParameters } from '../parameters.ts';
import type { DeploymentRecord, ServiceDeploymentRecord, ServiceRecord } from '../records.ts';
import type { Timers } from '../timers.ts';
import { createInterrupt, type Interrupt, Interrupted, rolledBackFor } from './interruption.ts';
import type { HookAction, HookRecord, NativeProgress } from './records.ts';

export interface NativePorts {
  readonly platform: Platform;
  readonly timers: Timers;
  readonly parameters: EcsParameters;
  readonly announcements: Announcements;
  readonly deployments: Deployments;
  readonly rules: ListenerRules;
  readonly alarms: AlarmStates;
  readonly invokeHook: InvokeHook;
  /** Makes the scheduler look at the service soon. */
  wake(service: ServiceRecord): void;
}

export interface Run {
  readonly ports: NativePorts;
  readonly service: ServiceRecord;
  readonly record: ServiceDeploymentRecord;
  readonly progress: NativeProgress;
  readonly green: DeploymentRecord;
  /** Of the present attempt: the way forward has one, the way back another. */
  interrupt: Interrupt;
  /** PAUSE hooks that await an action, by what ends them. */
  readonly paused: Map<HookRecord, (action: HookAction) => void>;
  /** Asked in every round of the scheduler. */
  readonly watches: Set<(judged: Judged) => void>;
}

export function createRun(
  ports: NativePorts,
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
  progress: NativeProgress,
): Run {
  return {
    ports,
    service,
    record,
    progress,
    green: record.deployment,
    interrupt: createInterrupt(),
    paused: new Map(),
    watches: new Set(),
  };
}

/** Waits for so much cloud time. @throws Interrupted */
export async function pause({ ports, interrupt }: Run, delayMs: number): Promise<void> {
  let wake: () => void = () => {};
  const over = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const timer = ports.timers.after(delayMs, wake);
  try {
    await interrupt.race(over);
  } finally {
    timer.cancel();
  }
}

/** Waits until a round of the scheduler finds that this holds. @throws Interrupted */
export async function until(run: Run, holds: (judged: Judged) => boolean): Promise<void> {
  let watch: ((judged: Judged) => void) | undefined;
  const found = new Promise<void>((resolve) => {
    watch = (judged) => {
      if (holds(judged)) resolve();
    };
    run.watches.add(watch);
  });
  run.ports.wake(run.service);
  try {
    await run.interrupt.race(found);
  } finally {
    if (watch) run.watches.delete(watch);
  }
}

/** Lets work take so long at most; then the deployment rolls back. @throws Interrupted */
export async function within(run: Run, limitMs: number, what: string, work: Promise<unknown>): Promise<void> {
  const { interrupt } = run;
  const timer = run.ports.timers.after(limitMs, () =>
    interrupt.give(rolledBackFor(`${what} took longer than ${limitMs / 3_600_000} hours`).interruption),
  );
  try {
    await interrupt.race(work);
  } finally {
    timer.cancel();
  }
}

/** The interruption in an error that a run ended with. @throws the error itself if it is none */
export function interruptionIn(error: unknown): Interrupted['interruption'] {
  if (error instanceof Interrupted) return error.interruption;
  throw error;
}
