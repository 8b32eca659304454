/** Watches the processes that this one starts: what they are, and whether any of them outlives its work. */
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

export interface ProcessWatch {
  /** The script or program of each process started so far. */
  started(): string[];
  /** The same of those that still run, with their ids. */
  alive(): string[];
}

/** Runs `work` and sees every process that is started meanwhile, whoever starts it. */
export async function watchingProcesses<T>(work: () => Promise<T>): Promise<ProcessWatch & { result: T }> {
  const children: ChildProcess[] = [];
  const note = (message: unknown): void => {
    children.push((message as { process: ChildProcess }).process);
  };
  subscribe('child_process', note);
  try {
    const result = await work();
    return {
      result,
      started: () => children.map(nameOf),
      alive: () => children.filter(isAlive).map((child) => `${nameOf(child)} (${child.pid})`),
    };
  } finally {
    unsubscribe('child_process', note);
  }
}

/** `proxy.js` of `node …/dist/local/proxy.js …` */
const nameOf = ({ spawnargs: [program, script = program] }: ChildProcess): string =>
  script?.split('/').at(-1) ?? '';

/** Asks the operating system, not our own books. */
function isAlive({ pid }: ChildProcess): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
