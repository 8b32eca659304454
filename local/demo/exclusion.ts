/** Where the exclusive consumers of a scenario find each other, and what they said when they did. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { violationsPath } from '../world/exclusive-lock.ts';
import type { Scenario } from '../world/scenarios.ts';

export interface Exclusion {
  /** What every version's image has to set beside the name. */
  readonly environment: Readonly<Record<string, string>>;
  /** One line for each process that found another one running. */
  violations(): string[];
  remove(): void;
}

/** @returns undefined for a scenario without exclusive consumers */
export function createExclusion({ green }: Scenario): Exclusion | undefined {
  const name = green.EXCLUSIVE;
  if (name === undefined) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'sidestep-exclusive-'));
  const path = violationsPath({ name, directory });
  return {
    environment: { EXCLUSIVE_DIR: directory },
    violations: () => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
