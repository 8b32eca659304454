/** A consumer of which two must never run: real processes of the sample application, and the lock between them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createScaledClock } from '../../local/clock/scaled-clock.ts';
import { createProcessRunner } from '../../local/tasks/process-runner.ts';
import type { RunningContainer, TaskRunner } from '../../local/tasks/task-runner.ts';
import { VIOLATION_EXIT_CODE, violationsPath } from '../../local/world/exclusive-lock.ts';
import { SAMPLE_APP } from '../../local/world/image.ts';

let directory = '';
let runner: TaskRunner;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sidestep-exclusive-test-'));
  runner = createProcessRunner(createScaledClock());
});
afterEach(async () => {
  await runner.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Consumer {
  readonly container: RunningContainer;
  /** Resolves when it has said that it listens. */
  readonly listens: Promise<void>;
  readonly ended: Promise<number>;
  readonly lines: readonly string[];
}

function startConsumer(version: string): Consumer {
  const lines: string[] = [];
  let listening = (): void => {};
  let end = (_exitCode: number): void => {};
  const listens = new Promise<void>((resolve) => {
    listening = resolve;
  });
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  const container = runner.start(
    {
      taskArn: `task/${version}`,
      name: 'app',
      command: SAMPLE_APP,
      environment: { VERSION: version, EXCLUSIVE: 'ledger', EXCLUSIVE_DIR: directory },
      containerPorts: [8080],
      stopTimeoutSeconds: 10,
    },
    {
      started: () => {},
      log: (line) => {
        lines.push(line);
        if (line.includes(' listens on ')) listening();
      },
      exited: end,
      failedToStart: () => end(-1),
    },
  );
  return { container, listens, ended, lines };
}

it('ends as soon as it finds another one running, and writes that down', async () => {
  const first = startConsumer('v1');
  await first.listens;
  const second = startConsumer('v2');

  expect(await second.ended).toBe(VIOLATION_EXIT_CODE);
  expect(second.lines).toEqual([expect.stringMatching(/^VIOLATION: v2 in .* found ledger held by v1 in /)]);
  const written = readFileSync(violationsPath({ name: 'ledger', directory }), 'utf8');
  expect(written.trim()).toBe(second.lines[0]);
});

it('runs after another one that has stopped', async () => {
  const first = startConsumer('v1');
  await first.listens;
  first.container.stop();
  expect(await first.ended).toBe(0);

  await startConsumer('v2').listens;
});

it('runs after another one that was killed and could give nothing back', async () => {
  const first = startConsumer('v1');
  await first.listens;
  first.container.kill();
  expect(await first.ended).toBe(137);

  await startConsumer('v2').listens;
});

it('is not kept from running by the lock of a process that is long gone', async () => {
  // No process has an id that is larger than the kernel gives.
  writeFileSync(join(directory, 'ledger.lock'), '99999999 v0 in yesterday');

  await startConsumer('v1').listens;
});
