/** When a deployment may begin: windows, freezes, suspension, and the schedules that ask for one. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Window } from '../../lambdas/common/service.ts';
import { freeze, resume, suspend, unfreeze } from '../../lambdas/table/restraints.ts';
import { type Bed, makeBed } from './bed.ts';
import { tableOf } from './table.ts';

let bed: Bed;
afterEach(() => bed?.close());

const ADA = 'arn:aws:iam::000000000000:role/ada';
const MINUTE = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, '');

/** A window that opens in so many whole minutes, in a zone that is not UTC. */
function windowIn(minutes: number): { window: Window; opensAtMs: number } {
  const opensAtMs = Math.ceil(bed.cloud.clock.now() / MINUTE + minutes) * MINUTE;
  // Two hours before UTC all the year.
  const there = new Date(opensAtMs + 2 * 60 * MINUTE);
  const opens = `cron(${there.getUTCMinutes()} ${there.getUTCHours()} * * ? *)`;
  return { window: { opens, seconds: 3600, timeZone: 'Etc/GMT-2' }, opensAtMs };
}

const outcomes = async () =>
  (await bed.deployments()).map(({ image, outcome }) => [image.tag, outcome] as const);
const startedOf = async (tag: string): Promise<number> =>
  (await bed.deployments()).find(({ image }) => image.tag === tag)?.startedAtMs ?? 0;

describe('a push outside of the windows', () => {
  it('waits, the newest alone, and starts by itself when one opens, whoever is killed meanwhile', async () => {
    bed = await makeBed();
    const { window, opensAtMs } = windowIn(4);
    await bed.configure({ windows: [window] });
    // Each function is killed in the middle a few times: before it takes the place, after it, before it calls.
    const kills: Record<string, number[]> = {
      ResolveDeployment: [4, 9, 12, 13],
      'Sweep[^I]': [2, 3, 4, 5, 6],
      AcquireLock: [3, 5],
    };
    bed.cloud.interrupt((functionName) => {
      const [name = ''] = Object.keys(kills).filter((one) => new RegExp(one).test(functionName));
      const afterCalls = kills[name]?.shift();
      return afterCalls === undefined ? undefined : { afterCalls, as: 'exit' };
    });
    await bed.push('v2');
    await bed.untilEnded(1);
    await bed.push('v3');
    await bed.untilEnded(2);
    expect(await bed.items('waiting')).toMatchObject([
      { notBeforeMs: opensAtMs, waitsFor: `window opens at ${iso(opensAtMs)}`, byPerson: false },
    ]);
    expect(await bed.executions()).toMatchObject([
      { output: { queued: true, reason: `waits: window opens at ${iso(opensAtMs)}` } },
      { output: { queued: true } },
    ]);
    await bed.pass(150);
    // Nothing was started to find it still closed.
    expect(await bed.executions()).toHaveLength(2);
    expect(await bed.items('locks')).toEqual([]);

    await bed.pass((opensAtMs - bed.cloud.clock.now()) / 1000);
    await bed.untilEnded(3);
    expect(Object.values(kills).flat()).toEqual([]);
    expect(await outcomes()).toEqual([['v3', 'SUCCESSFUL']]);
    const began = (await startedOf('v3')) - opensAtMs;
    expect(began).toBeGreaterThanOrEqual(0);
    expect(began).toBeLessThanOrEqual(2 * MINUTE);
    expect(await bed.items('waiting')).toEqual([]);
  });

  it('is what a deployment that waited for its turn becomes, a person’s too, if its turn comes too late', async () => {
    bed = await makeBed();
    await bed.push('v2');
    await bed.untilState('Bake');
    bed.cloud.events.disturb((event) => (event.source === 'aws.ecr' ? [] : undefined));
    await bed.push('v3');
    await bed.start({ service: 'orders', tag: 'v3' });
    await bed.pass(2);
    const { window, opensAtMs } = windowIn(30);
    await bed.configure({ windows: [window] });
    // The window closes under v2, which goes on.
    await bed.untilEnded(3);
    expect(await outcomes()).toEqual(expect.arrayContaining([['v2', 'SUCCESSFUL']]));
    await bed.pass(1);
    expect(await bed.items('waiting')).toMatchObject([{ notBeforeMs: opensAtMs, byPerson: true }]);
    await bed.untilEnded(4);
    const went = (await bed.deployments()).at(-1);
    expect(went).toMatchObject({ outcome: 'SUCCESSFUL', image: { tag: 'v3' } });
    expect(went?.startedAtMs).toBeGreaterThanOrEqual(opensAtMs);
  });
});

describe('a freeze', () => {
  it('holds pushes and refuses people, unless they say why, until somebody lifts it', async () => {
    bed = await makeBed();
    const table = await tableOf(bed);
    const untilMs = bed.cloud.clock.now() + 86_400_000;
    await freeze(table, 'orders', { untilMs, why: 'the sale', by: ADA, atMs: bed.cloud.clock.now() });
    const waitsFor = `frozen until ${iso(untilMs)} by ${ADA}: the sale`;
    const { digest } = await bed.push('v2');
    await bed.untilEnded(1);
    expect(await bed.items('waiting')).toMatchObject([{ notBeforeMs: untilMs, waitsFor }]);

    await bed.start({ service: 'orders', digest });
    const [, refused] = await bed.untilEnded(2);
    expect(refused).toMatchObject({ status: 'FAILED', error: 'REFUSED' });
    expect(refused?.cause).toContain(`DeploymentFrozen: orders: ${waitsFor}`);

    // Another word on the same freeze is what is shown from the next sweep on.
    await freeze(table, 'orders', { untilMs, why: 'the sale goes on', by: ADA, atMs: 1 });
    await bed.pass(61);
    expect(await bed.items('waiting')).toMatchObject([{ waitsFor: `${waitsFor} goes on` }]);

    await unfreeze(table, 'orders', { by: ADA, atMs: bed.cloud.clock.now() });
    const liftedAtMs = bed.cloud.clock.now();
    await bed.untilEnded(3);
    expect((await startedOf('v2')) - liftedAtMs).toBeLessThanOrEqual(MINUTE);

    await freeze(table, 'orders', { untilMs, why: 'again', by: ADA, atMs: bed.cloud.clock.now() });
    await bed.push('v3');
    await bed.pass(2);
    await bed.start({ service: 'orders', tag: 'v3', despite: 'the sale is broken' });
    await bed.untilEnded(5);
    const repair = (await bed.deployments()).at(-1);
    expect(repair).toMatchObject({ outcome: 'SUCCESSFUL', image: { tag: 'v3' } });
    expect(repair?.despite).toEqual({
      reason: 'the sale is broken',
      alarms: [],
      refusals: ['DeploymentFrozen'],
    });
    expect(await bed.items('waiting')).toEqual([]);
  });
});

describe('a suspended service', () => {
  it('is deployed by nobody but a person, and told so, until it is resumed', async () => {
    bed = await makeBed();
    const table = await tableOf(bed);
    await suspend(table, 'orders', { why: 'v2 lost money', by: ADA, atMs: bed.cloud.clock.now() });
    await bed.push('v2');
    const [push] = await bed.untilEnded(1);
    expect(push).toMatchObject({
      output: {
        outcome: 'NOTHING_TO_DEPLOY',
        reason: expect.stringMatching(
          /^automatic deployment is suspended since .* by .*ada: v2 lost money.*resume/,
        ),
      },
    });
    await bed.start({ service: 'orders', schedule: 'nightly', force: true });
    await bed.untilEnded(2);
    // Two sweeps of the images pass.
    await bed.pass(660);
    expect(await bed.executions()).toHaveLength(2);
    await bed.start({ service: 'orders', tag: 'v2' });
    await bed.untilEnded(3);
    await bed.push('v3');
    await bed.untilEnded(4);
    await resume(table, 'orders', { by: ADA, atMs: bed.cloud.clock.now() });
    // The sweep finds v3.
    await bed.untilEnded(5);
    expect((await outcomes()).filter(([, outcome]) => outcome === 'SUCCESSFUL')).toEqual([
      ['v2', 'SUCCESSFUL'],
      ['v3', 'SUCCESSFUL'],
    ]);
  });
});

describe('a schedule', () => {
  it('deploys what is newest, nothing that serves unless it is forced, and each of its times once', async () => {
    const schedules = [{ name: 'nightly', at: 'cron(0 3 * * ? *)', timeZone: 'Etc/GMT-2', force: true }];
    bed = await makeBed({ service: { schedules } });
    const ask = (more: object = {}) => bed.start({ service: 'orders', schedule: 'by-hand', ...more });
    bed.cloud.events.disturb((event) => (event.source === 'aws.ecr' ? [] : undefined));
    const { digest } = await bed.push('v2');
    await ask();
    expect(await bed.untilEnded(1)).toMatchObject([{ output: { outcome: 'SUCCESSFUL' } }]);
    const [first] = await bed.deployments();
    expect(first).toMatchObject({ startedBy: { kind: 'schedule' }, image: { digest, tag: 'v2' } });
    await ask();
    const [, unchanged] = await bed.untilEnded(2);
    expect(unchanged).toMatchObject({
      output: { outcome: 'NOTHING_TO_DEPLOY', reason: `${digest} already serves` },
    });
    await bed.start({ service: 'orders', tag: 'v2', force: true });
    const byHand = (await bed.untilEnded(3)).at(-1);
    expect(byHand).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });

    // One in the morning in UTC, and the first of the year is the day of the bed.
    bed.cloud.scheduler.disturb(() => 2);
    await bed.pass((Date.UTC(2026, 0, 1, 1) - bed.cloud.clock.now()) / 1000 - 1);
    await bed.untilEnded(5);
    const [forced, again] = (await bed.deployments()).slice(-2);
    const scheduledAt = '2026-01-01T01:00:00Z';
    expect(forced?.startedBy).toMatchObject({
      kind: 'schedule',
      input: { service: 'orders', schedule: 'nightly', force: true, scheduledAt },
    });
    expect([forced?.outcome, again?.outcome].sort()).toEqual(['NOTHING_TO_DEPLOY', 'SUCCESSFUL']);
    expect([forced?.reason, again?.reason].join()).toContain(
      `schedule nightly of ${scheduledAt} was handled by orders-`,
    );
  });
});
