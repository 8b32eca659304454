/** Runs the command as a user does. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { vi } from 'vitest';
import { main } from '../../cli/main.ts';
import { builtFile } from '../../local/paths.ts';

const entry = (): string => builtFile('cli', 'sidestep.js');

export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** In this process, with what it writes kept. */
export async function run(...words: string[]): Promise<Ran> {
  const ran: Ran = { exitCode: -1, stdout: '', stderr: '' };
  const keep = (name: 'stdout' | 'stderr') =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      ran[name] += String(text);
      return true;
    });
  const spies = [keep('stdout'), keep('stderr')];
  try {
    ran.exitCode = await main(words);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return ran;
}

/** In a process of its own. */
export async function runBundle(
  words: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  const settings = { cwd: options.cwd, env: { ...process.env, ...options.env }, timeout: 60_000 };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [entry(), ...words], settings);
    return { exitCode: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exitCode: code, stdout, stderr };
  }
}

export function start(words: readonly string[], cwd: string): ChildProcess {
  return spawn(process.execPath, [entry(), ...words], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Every process that descends from one, by id. */
export async function descendantsOf(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const childrenOf = (parent: number): number[] =>
    pairs.flatMap(([child = 0, of]) => (of === parent ? [child, ...childrenOf(child)] : []));
  return childrenOf(pid);
}

/** Whether a process runs: one that has ended and waits for its parent does not. */
export async function isRunning(pid: number): Promise<boolean> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}
