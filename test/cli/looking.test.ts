/** `sidestep status`, `history`, `show` and `logs` through the command, against deployments on the virtual clock. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HistoryDocument } from '../../cli/history/facts.ts';
import type { LogDocument } from '../../cli/logs/line.ts';
import type { ShowDocument } from '../../cli/show/facts.ts';
import type { StatusDocument } from '../../cli/status/facts.ts';
import { startHttpServer } from '../../local/wire/http-server.ts';
import * as names from '../../local/world/names.ts';
import { type Bed, makeBed } from '../statemachine/bed.ts';
import { type Ran, run } from './command.ts';

let bed: Bed;
let server: Awaited<ReturnType<typeof startHttpServer>>;
beforeAll(async () => {
  bed = await makeBed({
    configuration: {
      strategy: { type: 'canary', percent: 10, bakeSeconds: 300 },
      approval: { gates: ['before-full-traffic'], timeoutSeconds: 3600, otherwise: 'reject' },
    },
  });
  server = await startHttpServer(bed.cloud.endpoint);
});
afterAll(async () => {
  await server?.close();
  await bed?.close();
});

const sidestep = (...words: string[]): Promise<Ran> => run(...words, '--endpoint-url', server.url);
async function status(): Promise<StatusDocument['services'][number]> {
  const { exitCode, stdout, stderr } = await sidestep('status', 'orders', '--json');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const [service] = (JSON.parse(stdout) as StatusDocument).services;
  if (!service) throw new Error('no service');
  return service;
}

describe('sidestep status', () => {
  it('shows a service at rest: blue by the live weights, green stopped', async () => {
    const { sides, deployment, last, restraints } = await status();
    expect({ deployment, last, restraints }).toEqual({ deployment: undefined, last: [], restraints: [] });
    expect(sides).toMatchObject([
      { service: 'orders-a', role: 'blue', runningCount: 2, desiredCount: 2, revision: 'orders:1' },
      { service: 'orders-b', role: 'green', runningCount: 0 },
    ]);
    expect(sides[0]?.targetGroups).toEqual([
      {
        arn: names.targetGroupOf('orders-a'),
        percent: 100,
        healthyCount: 2,
        targetCount: 2,
        unhealthy: [],
      },
    ]);
    const { stdout } = await sidestep('status');
    expect(stdout).toMatch(/^the local cloud at http\S+, 20\S+Z\n\norders {2}canary\n/);
    expect(stdout).toMatch(
      /├─ orders-a {2}blue {3}100 % {2}2\/2 healthy {2}runs 2\/2 {2}orders:1 {2}sha256:\w{12}\n/,
    );
    expect(stdout).toMatch(/├─ no deployment under way\n└─ never deployed\n$/);
  });

  it('shows a bake: both sides by weight and health, what it waits for, the approval to come, and what can be said', async () => {
    const { digest } = await bed.push('v2');
    await bed.untilState('Bake');
    await bed.pass(60);
    const { sides, deployment } = await status();
    expect(sides).toMatchObject([
      { role: 'blue', targetGroups: [{ percent: 90, wantedPercent: 90, healthyCount: 2 }] },
      {
        role: 'green',
        digest,
        tag: 'v2',
        revision: 'orders:2',
        runningCount: 2,
        targetGroups: [{ percent: 10, wantedPercent: 10, healthyCount: 2, targetCount: 2 }],
      },
    ]);
    expect(deployment).toMatchObject({
      deploymentId: expect.stringMatching(/^orders-/),
      startedBy: 'push',
      stage: 'Bake',
      tag: 'v2',
      digest,
      trafficStep: { number: 1, count: 2, percent: 10 },
      waitsFor: { what: 'the bake time' },
      approvals: [{ gate: 'before-full-traffic', percent: 100 }],
      standsBy: false,
    });
    expect(deployment?.elapsedSeconds).toBeGreaterThan(60);
    const { since = '', until = '' } = deployment?.waitsFor ?? {};
    expect(Math.round((Date.parse(until) - Date.parse(since)) / 1000)).toBe(300);
    expect(deployment?.answers).toEqual([
      { word: 'promote', command: `sidestep promote orders --endpoint-url ${server.url}` },
      { word: 'pause', command: `sidestep pause orders --endpoint-url ${server.url}` },
      { word: 'abort', command: `sidestep abort orders --endpoint-url ${server.url}` },
    ]);
  });

  it('shows the one that waits behind it, and the approval that is asked for with its answers', async () => {
    const { digest } = await bed.push('v3');
    await bed.untilState('WaitForApproval');
    await bed.pass(1);
    const { deployment, waiting } = await status();
    expect(deployment).toMatchObject({
      stage: 'WaitForApproval',
      approvals: [{ gate: 'before-full-traffic', expiresAt: expect.any(String) }],
    });
    expect(deployment?.answers.map(({ word }) => word)).toEqual(['approve', 'reject', 'pause', 'abort']);
    expect(waiting).toMatchObject({ digest, by: 'push' });
    const { stdout } = await sidestep('status', 'orders');
    expect(stdout).toMatch(/WaitForApproval for 0:0\d/);
    expect(stdout).toMatch(/asks for the approval before-full-traffic, before 100 %: it expires in 59:5\d/);
    expect(stdout).toMatch(/next: sha256:\w{12}, asked for by a push/);
  });
});

/** The newest deployment of the list. */
async function history(...words: string[]): Promise<HistoryDocument['services'][number]> {
  const { exitCode, stdout, stderr } = await sidestep('history', 'orders', '--json', ...words);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const [service] = (JSON.parse(stdout) as HistoryDocument).services;
  if (!service) throw new Error('no service');
  return service;
}

describe('sidestep history and show', () => {
  it('tell of a rejected deployment and the one behind it, who started them, and how often changes fail', async () => {
    await bed.signal('reject', { reason: 'not today' });
    await bed.untilState('Bake', 2);
    await bed.pass(1);
    const { deployments, dora } = await history('--dora');
    expect(deployments[0]).toMatchObject({ tag: 'v3', startedBy: 'push', by: 'push of v3' });
    expect(deployments.at(-1)).toMatchObject({
      outcome: 'ROLLBACK_SUCCESSFUL',
      tag: 'v2',
      reason: expect.stringContaining('not today'),
    });
    expect(deployments[0]).not.toHaveProperty('outcome');
    expect(dora).toMatchObject({ deployments: 0, changes: 2, failedChanges: 1, changeFailureRate: 0.5 });
    const filtered = await history('--outcome', 'rollback-successful');
    expect(filtered.deployments.map(({ tag }) => tag)).toEqual(['v2']);
    expect((await history('--since', '1m')).deployments.map(({ tag }) => tag)).toEqual(['v3']);

    const { stdout } = await sidestep('show', filtered.deployments[0]?.deploymentId ?? '', '--json');
    const shown = JSON.parse(stdout) as ShowDocument;
    expect(shown).toMatchObject({
      outcome: 'ROLLBACK_SUCCESSFUL',
      revision: 'orders:2',
      baseRevision: 'orders:1',
      blue: { service: 'orders-a', revision: 'orders:1', desiredCount: 2 },
      signals: [{ word: 'reject', reason: 'not today', by: expect.stringContaining('arn:') }],
    });
    expect(shown.stages.map(({ state }) => state)).toEqual(expect.arrayContaining(['StartGreen', 'Bake']));
    expect(shown.writes.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['attach', 'shift', 'restore']),
    );
    expect(shown.audit).toContainEqual(
      expect.objectContaining({ state: 'StartGreen', operation: 'UpdateService', result: 'done' }),
    );
    expect(shown).not.toHaveProperty('auditBrokenAt');
    const told = await sidestep('show', shown.deploymentId);
    expect(told.stdout).toMatch(/ModifyListener +Modify\w+ {2}arn:/);
    expect(told.stdout).toMatch(/reject by arn:\S+.*: not today/);
    expect(told.stdout).toMatch(/shift 1 +orders-a 90 : orders-b 10/);
  });
});

describe('sidestep logs', () => {
  it('merges the lines of all functions about one deployment, and of no other', async () => {
    const { deployment } = await status();
    const { stdout, exitCode } = await sidestep('logs', 'orders', '--json');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as LogDocument);
    expect(exitCode).toBe(0);
    expect(new Set(lines.map((line) => line.function)).size).toBeGreaterThan(3);
    const times = lines.map(({ at }) => at);
    expect(times).toEqual([...times].sort());
    expect(lines.map(({ message }) => message)).toContain('turn decided');
    expect(times[0] && times[0] >= (deployment?.startedAt ?? '')).toBe(true);
    const { stdout: text } = await sidestep('logs', deployment?.deploymentId ?? '');
    expect(text).toMatch(/^20\S+Z {2}acquire-lock +turn decided {2}turn=deploy/m);
  });
});

describe('what is not there', () => {
  it.each<[string[], RegExp]>([
    [
      ['status', 'ordres'],
      /^error: there is no service 'ordres' \(did you mean orders\?\); known are: orders, in the local cloud/,
    ],
    [['history', 'billing'], /^error: there is no service 'billing'; known are: orders/],
    [['show', 'ordres'], /did you mean orders/],
    [
      ['show', 'orders-20261121t034211z-1f2e3d'],
      /^error: there is no deployment orders-20261121t034211z-1f2e3d in the history of the local cloud at \S+; `sidestep history orders .*` lists them\n$/,
    ],
    [['logs', 'orders-20261121t034211z-1f2e3d'], /there is no deployment/],
    [
      ['status', '--prefix', 'other'],
      /^error: Sidestep is not deployed in the local cloud at \S+ \(account 000000000000, us-east-1\) with the prefix other: there is no parameter \/other\/stack\. /,
    ],
  ])('%j says so and what to do', async (words, complaint) => {
    const { exitCode, stdout, stderr } = await sidestep(...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(complaint);
    expect(stderr).not.toMatch(/\n +at /);
  });
});

describe('words about a service', () => {
  it('freeze it for a time by its own clock and suspend it, are shown by status and kept by history', async () => {
    const frozen = await sidestep('freeze', 'orders', '--until', '3h', '--why', 'the sale', '--json');
    expect(frozen).toMatchObject({ exitCode: 0, stderr: '' });
    const { frozen: freeze } = JSON.parse(frozen.stdout) as { frozen: { untilMs: number } };
    expect(Math.round((freeze.untilMs - bed.cloud.clock.now()) / 60_000)).toBe(180);
    await bed.pass(1);
    expect(await sidestep('suspend', 'orders', '--why', 'a leak')).toMatchObject({ exitCode: 0 });
    expect((await status()).restraints).toMatchObject([
      { kind: 'frozen', why: 'the sale', by: expect.stringMatching(/^arn:/) },
      { kind: 'suspended', why: 'a leak' },
    ]);
    const { stdout } = await sidestep('status', 'orders');
    expect(stdout).toMatch(/─ frozen until 20\S+Z: the sale, said arn:/);
    await bed.pass(1);
    expect(await sidestep('unfreeze', 'orders')).toMatchObject({ exitCode: 0 });
    const again = await sidestep('unfreeze', 'orders');
    expect(again).toMatchObject({ exitCode: 14, stdout: '', stderr: expect.stringMatching(/not frozen/) });
    await bed.pass(1);
    expect(await sidestep('resume', 'orders')).toMatchObject({ exitCode: 0 });
    expect((await history()).words.map(({ word }) => word)).toEqual([
      'resume',
      'unfreeze',
      'suspend',
      'freeze',
    ]);
  });
});
