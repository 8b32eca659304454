/** `sidestep local` with real processes: it can be found, it deploys what is pushed, and it leaves nothing behind. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalCloudFile } from '../../cli/endpoint.ts';
import { createScaledClock } from '../../local/clock/scaled-clock.ts';
import { waitUntil } from '../../local/demo/wait-until.ts';
import { descendantsOf, isRunning, runBundle, start } from './command.ts';

interface Running {
  process: ChildProcess;
  file: LocalCloudFile;
  directory: string;
}

async function startLocal(): Promise<Running> {
  const directory = mkdtempSync(join(tmpdir(), 'sidestep-local-'));
  const process = start(['local', '--json', '--factor', '20'], directory);
  let complaint = '';
  process.stderr?.on('data', (text) => {
    complaint += text;
  });
  const ended = once(process, 'exit').then(([code]) => {
    throw new Error(`sidestep local ended with ${code}: ${complaint}`);
  });
  const lines = createInterface({ input: process.stdout as NonNullable<ChildProcess['stdout']> });
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  ended.catch(() => {});
  return { process, file: JSON.parse(line) as LocalCloudFile, directory };
}

/** Ends a process with a signal, and gives its exit code and those of its descendants that outlived it. */
async function endWith(
  { process }: Running,
  signal: NodeJS.Signals,
): Promise<{ exitCode: number | null; left: number[] }> {
  const descendants = await descendantsOf(process.pid ?? 0);
  expect(descendants.length).toBeGreaterThan(20);
  const exited = once(process, 'exit');
  process.kill(signal);
  const [exitCode] = (await exited) as [number | null];
  const left = async (): Promise<number[]> => {
    const states = await Promise.all(descendants.map(isRunning));
    return descendants.filter((_, index) => states[index]);
  };
  await waitUntil(createScaledClock(), async () => (await left()).length === 0, {
    everyMs: 50,
    limitMs: 5_000,
    what: `the processes of sidestep local end after ${signal}`,
  });
  return { exitCode, left: await left() };
}

let running: Running;

beforeAll(async () => {
  running = await startLocal();
}, 60_000);
afterAll(() => {
  running.process.kill('SIGKILL');
  rmSync(running.directory, { recursive: true });
});

describe('sidestep local', () => {
  it('writes down where it is, and serves there', async () => {
    const { file, directory, process } = running;
    expect(JSON.parse(readFileSync(join(directory, '.sidestep/local.json'), 'utf8'))).toEqual(file);
    expect(file.pid).toBe(process.pid);
    const serves = async (): Promise<boolean> =>
      (await fetch(file.loadBalancer)).headers.get('x-version') === 'v1';
    await waitUntil(createScaledClock(), serves, { everyMs: 100, limitMs: 10_000, what: 'v1 serves' });
  });

  it('does not start twice in one directory', async () => {
    const { exitCode, stderr } = await runBundle(['local'], { cwd: running.directory });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `a local cloud runs here already: ${running.file.endpoint}, process ${running.file.pid}`,
    );
  });

  it('deploys what `sidestep push` pushes, and says so', async () => {
    const { exitCode, stdout } = await runBundle(['push', 'orders:v2', '--json'], { cwd: running.directory });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      uri: expect.stringContaining('/orders@sha256:'),
      started: [
        {
          service: 'orders',
          executionArn: expect.stringContaining(':execution:sidestep-deploy:push-orders-'),
        },
      ],
    });
    const serves = async (): Promise<boolean> =>
      (await fetch(running.file.loadBalancer)).headers.get('x-version') === 'v2';
    await waitUntil(createScaledClock(), serves, { everyMs: 100, limitMs: 15_000, what: 'v2 serves' });
  });

  it('stops every process that it started on SIGTERM, and takes its file away', async () => {
    expect(await endWith(running, 'SIGTERM')).toEqual({ exitCode: 0, left: [] });
    expect(existsSync(join(running.directory, '.sidestep/local.json'))).toBe(false);
  });
});
