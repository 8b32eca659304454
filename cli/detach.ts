/** Follows something until it ends or a person has seen enough: Ctrl-C ends the following, and says how to come back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { interruptible } from './interrupt.ts';
import type { Output } from './output.ts';

/**
 * @param back what is told on the way out: how to come back, and how to stop what goes on
 * @throws Interrupted, which gives the exit code
 */
export function untilDetached<T>(
  work: (signal: AbortSignal) => Promise<T>,
  back: () => readonly string[],
  { progress }: Pick<Output, 'progress'>,
): Promise<T> {
  return interruptible(async (signal) => {
    try {
      return await work(signal);
    } catch (error) {
      if (signal.aborted) for (const line of back()) progress(line);
      throw error;
    }
  });
}

/** A wait between two looks. @throws the signal's reason once it is aborted */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
}
