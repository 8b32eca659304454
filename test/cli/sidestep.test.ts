/** The command line, as a user and a script meet it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OUTCOMES } from '../../lambdas/common/deployment.ts';
import { SCENARIOS } from '../../local/world/scenarios.ts';
import { run, runBundle } from './command.ts';

describe('sidestep', () => {
  it.each([[[]], [['demo']], [['local']], [['push']]])('%s --help begins with examples', async (words) => {
    const { exitCode, stdout } = await run(...words, '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Examples:\n {2}sidestep .*Usage: sidestep/s);
  });

  it.each([
    [['deploi'], /unknown command 'deploi'/],
    [['demo', '--speed', '3'], /unknown option '--speed'/],
    [['demo', '--rate', '0'], /--rate.*found '0', allowed are numbers from 1 to 1000/],
    [['demo', '--rate', ''], /found '', allowed/],
    [['demo', '--factor', '21'], /found '21', allowed are numbers from 1 to 20/],
    [['demo', '--scenario', 'nope'], /'nope'; known are blue-green, bad-health, bad-start/],
    [['local', '--port', '70000'], /found '70000', allowed are ports/],
    [['local', '--config', 'nowhere.yaml'], /--config is nowhere.yaml; there is no such file/],
    [['push', 'orders'], /found 'orders', allowed is repository:tag/],
    [
      ['push', 'orders:v2', '--endpoint-url', 'https://ecr.us-east-1.amazonaws.com'],
      /allowed are addresses of this machine/,
    ],
  ])('%j is a usage error that says what is wrong', async (words, complaint) => {
    const { exitCode, stdout, stderr } = await run(...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(complaint);
    expect(stderr).not.toMatch(/\n +at /);
  });

  it('says how to start a local cloud if there is none to push to', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'sidestep-nowhere-'));
    const { exitCode, stderr } = await runBundle(['push', 'orders:v2'], { cwd });
    rmSync(cwd, { recursive: true });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: no local cloud runs in this directory; start one with `sidestep local`/);
  });

  it('says so if nothing answers at the endpoint', async () => {
    const { exitCode, stderr } = await run('push', 'orders:v2', '--endpoint-url', 'http://127.0.0.1:1');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: nothing answers at http:\/\/127\.0\.0\.1:1/);
  });

  it('names every problem of a bad configuration, and starts nothing', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'sidestep-bad-'));
    writeFileSync(join(cwd, 'sidestep.yaml'), 'services: { orders: { image: 3, sides: [] } }');
    const { exitCode, stdout, stderr } = await runBundle(['local'], { cwd });
    rmSync(cwd, { recursive: true });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^error: .*sidestep\.yaml has 3 problems:\n {2}services\.orders\.image: found 3/);
    expect(stderr).not.toMatch(/\n +at /);
  });

  it('gives its version', async () => {
    expect((await runBundle(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('sidestep demo --list', () => {
  const NAMES = SCENARIOS.map(({ name }) => name);

  it('--json gives an array of the documented objects', async () => {
    const { stdout } = await runBundle(['demo', '--list', '--json']);
    const scenarios = JSON.parse(stdout) as Record<string, string>[];
    expect(scenarios.map(({ name }) => name)).toEqual(NAMES);
    for (const scenario of scenarios) {
      expect(Object.keys(scenario)).toEqual(['name', 'strategy', 'expectedOutcome', 'says', 'exitCode']);
      expect(OUTCOMES).toContain(scenario.expectedOutcome);
      expect(scenario.says).not.toBe('');
    }
  });

  it('names every scenario on a line of its own', async () => {
    const { stdout } = await run('demo', '--list');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(NAMES);
  });
});
