/** The file that tells a product's deployment hook of a success: whole and there, or not there at all. */
import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from './failures.ts';

export interface ResultFile {
  /** In one stroke: whoever waits for the file never reads half of it. */
  write(content: object): void;
}

/**
 * Removes what an earlier deployment has left there, which must not pass for this one's.
 * @throws UsageError before anything is begun, if the file could not be written at the end
 */
export function prepareResultFile(given: string): ResultFile {
  const path = resolve(given);
  const draft = `${path}.${process.pid}.draft`;
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${path} is a directory`);
    rmSync(path, { force: true });
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `--result-file is '${given}', which cannot be written: ${found}; allowed is a path in a directory that is there`,
      { cause },
    );
  }
  return {
    write(content) {
      try {
        writeFileSync(draft, `${JSON.stringify(content, undefined, 2)}\n`);
        renameSync(draft, path);
      } finally {
        rmSync(draft, { force: true });
      }
    },
  };
}
