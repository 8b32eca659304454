/** The rule of exclusive consumers among modelled processes: of those that share a name only one may run. */
import { describeViolation, VIOLATION_EXIT_CODE } from '../world/exclusive-lock.ts';
import type { VirtualProcess } from './virtual-process.ts';

export interface VirtualExclusion {
  /** Holds the name for a process, or ends the process with its violation. @returns whether it may go on */
  take(name: string, holder: string, process: VirtualProcess): boolean;
  /** The process has ended. */
  release(process: VirtualProcess): void;
}

export function createVirtualExclusion(): VirtualExclusion {
  const held = new Map<string, { holder: string; process: VirtualProcess }>();
  return {
    take(name, holder, process) {
      const found = held.get(name);
      if (found) {
        process.exit(VIOLATION_EXIT_CODE, describeViolation(name, holder, found.holder));
        return false;
      }
      held.set(name, { holder, process });
      return true;
    },
    release(process) {
      for (const [name, one] of held) if (one.process === process) held.delete(name);
    },
  };
}
