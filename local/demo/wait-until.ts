/** Waits for a condition in the real world, by looking again and again, within a limit. */
import type { Clock } from '../clock/clock.ts';

export interface WaitLimits {
  readonly everyMs: number;
  readonly limitMs: number;
  /** What is waited for, as in "v1 serves". */
  readonly what: string;
  readonly signal?: AbortSignal;
}

/** @throws Error that says what was waited for, and for how long; the signal's reason if it is aborted */
export async function waitUntil(
  clock: Clock,
  holds: () => boolean | Promise<boolean>,
  { everyMs, limitMs, what, signal }: WaitLimits,
): Promise<void> {
  const deadlineMs = clock.now() + limitMs;
  while (!(await holds())) {
    signal?.throwIfAborted();
    if (clock.now() >= deadlineMs) throw new Error(`waited ${limitMs / 1000} s in vain: ${what}`);
    await clock.sleep(everyMs);
  }
}
