/** The lock of a consumer of which two must never run: a file that its process holds from its first moment to its last. */
import { appendFileSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ExclusiveLock {
  /** The name that the processes share. */
  readonly name: string;
  /** An existing directory that all of them can write. */
  readonly directory: string;
}

/** Exit code of the process that finds another one running. */
export const VIOLATION_EXIT_CODE = 70;

/** Its last words, which also stand in the file of {@link violationsPath}. */
export const describeViolation = (name: string, loser: string, holder: string): string =>
  `VIOLATION: ${loser} found ${name} held by ${holder}: two run at once`;

export const violationsPath = ({ name, directory }: ExclusiveLock): string =>
  join(directory, `${name}.violations`);

/**
 * Takes the lock for this process. A process that was killed leaves its file behind: whoever finds its holder dead takes over.
 * @param holder how this process is told from others, in words
 * @returns undefined if it was taken; otherwise the violation, already written down
 */
export function takeLock(lock: ExclusiveLock, holder: string): string | undefined {
  const path = pathOf(lock);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${process.pid} ${holder}`);
  try {
    while (!putInPlace(draft, path)) {
      const other = findLivingHolder(path);
      if (other === undefined) continue;
      const violation = describeViolation(lock.name, holder, other);
      appendFileSync(violationsPath(lock), `${violation}\n`);
      return violation;
    }
    return undefined;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Gives the lock back; for the process that holds it, as its last act. */
export function releaseLock(lock: ExclusiveLock): void {
  rmSync(pathOf(lock), { force: true });
}

const pathOf = ({ name, directory }: ExclusiveLock): string => join(directory, `${name}.lock`);

/** With its content, at one stroke. @returns false if there is one */
const putInPlace = (draft: string, path: string): boolean =>
  unless('EEXIST', () => linkSync(draft, path)) !== undefined;

/** @returns undefined if there is none any more; a dead one's file is taken away */
function findLivingHolder(path: string): string | undefined {
  const aside = `${path}.${process.pid}.aside`;
  const found = readHolder(path);
  if (found === undefined) return undefined;
  if (isAlive(found.pid)) return found.holder;
  // Another may take over at the same time: what was moved is looked at again, and put back if it is alive.
  if (!unless('ENOENT', () => renameSync(path, aside))) return undefined;
  const moved = readHolder(aside);
  const isLiving = moved !== undefined && isAlive(moved.pid);
  if (isLiving) putInPlace(aside, path);
  rmSync(aside, { force: true });
  return isLiving ? moved.holder : undefined;
}

function readHolder(path: string): { pid: number; holder: string } | undefined {
  const content = unless('ENOENT', () => readFileSync(path, 'utf8'))?.done;
  const [, pid, holder = ''] = /^(\d+) (.*)$/.exec(content ?? '') ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), holder };
}

function isAlive(pid: number): boolean {
  return unless('ESRCH', () => process.kill(pid, 0)) !== undefined;
}

/** @returns undefined if the act failed with this code */
function unless<T>(code: string, act: () => T): { done: T } | undefined {
  try {
    return { done: act() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return undefined;
    throw error;
  }
}
