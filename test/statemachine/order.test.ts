/** Whose turn it is among pushes, requests and services: supersede, reject, and what comes after what. */
import { afterEach, describe, expect, it } from 'vitest';
import { NEIGHBOUR_SERVICE } from '../../local/world/index.ts';
import { type Bed, makeBed } from './bed.ts';
import { KILL_STEP, killEach, killPoints } from './kill-points.ts';

let bed: Bed;
afterEach(() => bed?.close());

/** The waiting place is taken, or the lock freed, in the midst of these calls. */
const KILLS = KILL_STEP === 1 ? killPoints(12) : [2, 7];

const told = async (service = 'orders') =>
  (await bed.deployments(service)).map(({ image, outcome }) => `${image.tag} ${outcome}`);
const untilTold = (line: string, service = 'orders') =>
  bed.until(async () => (await told(service)).includes(line), `${service}: ${line}`);

describe('supersede', () => {
  it('stops a deployment that has not shifted, in favour of the newer push, and leaves one that has alone', async () => {
    bed = await makeBed({ seed: 'supersede', configuration: { whenBusy: 'supersede' } });
    await bed.push('v2');
    await bed.untilState('WaitForSteadyState');
    await bed.pass(1);
    const askedAtMs = bed.cloud.clock.now();
    await bed.push('v3');
    await bed.untilState('Bake');
    const [first, waiting, third] = await bed.deployments();
    expect(first).toMatchObject({
      outcome: 'SUPERSEDED',
      successor: waiting?.deploymentId,
      supersededBy: { deploymentId: waiting?.deploymentId, kind: 'push' },
      reason: expect.stringContaining('DeploymentSuperseded'),
    });
    expect(first?.endedAtMs).toBeLessThan(askedAtMs + 60_000);
    expect(waiting?.successor).toBe(third?.deploymentId);

    // v3 has shifted: v4 waits, and v3 goes on to its end.
    await bed.push('v4');
    await untilTold('v4 SUCCESSFUL');
    expect(await told()).toEqual([
      'v2 SUPERSEDED',
      'v3 SUPERSEDED',
      'v3 SUCCESSFUL',
      'v4 SUPERSEDED',
      'v4 SUCCESSFUL',
    ]);
    const [superseded] = await bed.executions();
    expect(superseded).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'SUPERSEDED' } });

    // Its digest did not fail: it may be tried again, and a push does not stop what a person has started.
    await bed.start({ service: 'orders', tag: 'v2' });
    await bed.untilState('WaitForSteadyState');
    await bed.push('v5');
    await untilTold('v5 SUCCESSFUL');
    expect((await told()).slice(5)).toEqual(['v2 SUCCESSFUL', 'v5 SUPERSEDED', 'v5 SUCCESSFUL']);
  });

  it.each(KILLS)('survives kills of the hand-over’s handlers after call %i', async (calls) => {
    bed = await makeBed({ seed: `hand-over ${calls}`, configuration: { whenBusy: 'supersede' } });
    await bed.push('v2');
    await bed.untilState('WaitForSteadyState');
    killEach(bed.cloud, ['AcquireLock', 'RestoreListener', 'ReleaseLock'], calls);
    await bed.push('v3');
    await untilTold('v3 SUCCESSFUL');
    expect((await told())[0]).toBe('v2 SUPERSEDED');
    expect(await bed.items('waiting')).toEqual([]);
  });

  it('and a shift at the same moment exclude each other, whichever is written first', async () => {
    bed = await makeBed({ seed: 'race', configuration: { whenBusy: 'supersede' } });
    /** The write is on its way for so long that the other is faster. */
    const delay = (state: string, word: string) =>
      bed.cloud.endpoint.intercept({
        async before({ caller, operation, input }) {
          const isMeant = caller.includes(`Sidestep${state}Function`) && operation === 'TransactWriteItems';
          if (isMeant && JSON.stringify(input).includes(word)) await bed.cloud.clock.sleep(20_000);
        },
      });
    const first = delay('ModifyListener', 'shift');
    await bed.push('v2');
    await bed.untilState('ModifyListener');
    await bed.push('v3');
    await untilTold('v2 SUPERSEDED');
    first();
    expect((await bed.deployments())[0]?.shift).toBeUndefined();

    const second = delay('AcquireLock', 'supersededBy');
    await bed.untilState('VerifyTargets');
    await bed.push('v4');
    await untilTold('v4 SUCCESSFUL');
    second();
    expect(await told()).toEqual([
      'v2 SUPERSEDED',
      'v3 SUPERSEDED',
      'v3 SUCCESSFUL',
      'v4 SUPERSEDED',
      'v4 SUCCESSFUL',
    ]);
    const asked = bed.cloud.endpoint.calls.filter(({ input }) =>
      JSON.stringify(input).includes('supersededBy = '),
    );
    expect(asked.length).toBeGreaterThanOrEqual(2);
  });
});

describe('reject', () => {
  it('refuses a push during a deployment for good, and a person until it has ended', async () => {
    bed = await makeBed({ seed: 'reject', configuration: { whenBusy: 'reject' } });
    await bed.push('v2');
    await bed.untilState('WaitForSteadyState');
    const { digest } = await bed.push('v3');
    await bed.start({ service: 'orders', tag: 'v1' });
    await bed.untilEnded(3);
    expect((await told()).filter((line) => !line.startsWith('v1'))).toEqual(['v2 SUCCESSFUL', 'v3 REFUSED']);
    const refused = (await bed.executions()).filter(({ error }) => error === 'REFUSED');
    expect(refused.map(({ cause }) => cause)).toEqual(
      expect.arrayContaining([expect.stringContaining('DeploymentUnderWay')]),
    );
    const v3 = { repository: 'orders', registryId: '000000000000', digest, tag: 'v3' };
    await bed.start({
      service: 'orders',
      push: { ...v3, pushedAtMs: bed.cloud.clock.now() },
      found: 'sweep',
    });
    await bed.untilEnded(4);
    expect((await told()).at(-1)).toBe('v3 NOTHING_TO_DEPLOY');
    await bed.start({ service: 'orders', tag: 'v3' });
    await bed.untilEnded(5);
    expect((await told()).at(-1)).toBe('v3 SUCCESSFUL');
  });
});

describe('after', () => {
  it('waits for the service that comes first, which the same push feeds, and is refused if that one failed', async () => {
    bed = await makeBed({
      seed: 'after',
      world: { neighbour: true },
      others: { users: NEIGHBOUR_SERVICE },
      configuration: { after: ['users'] },
    });
    await bed.push('v2');
    await bed.untilState('WaitForSteadyState');
    await bed.pass(5);
    expect(await bed.items('waiting')).toMatchObject([
      { service: 'orders', waitsFor: expect.stringContaining('users') },
    ]);
    await untilTold('v2 SUCCESSFUL');
    const [users] = await bed.deployments('users');
    const orders = (await bed.deployments()).at(-1);
    expect(users?.outcome).toBe('SUCCESSFUL');
    expect(orders?.startedAtMs).toBeGreaterThanOrEqual(Math.floor(users?.endedAtMs ?? Number.NaN));
    // Called by the release, not by a sweep.
    expect(orders?.startedAtMs).toBeLessThan((users?.endedAtMs ?? 0) + 5_000);
    await bed.untilEnded(3);

    await bed.push('v3');
    await bed.untilState('Bake');
    await bed.signal('abort', { service: 'users' });
    await untilTold('v3 REFUSED');
    expect(await told('users')).toEqual(['v2 SUCCESSFUL', 'v3 STOPPED']);
    expect((await bed.deployments()).at(-1)?.reason).toContain('PredecessorFailed: users');
    expect(await bed.items('waiting')).toEqual([]);

    await bed.start({ service: 'orders', tag: 'v3', despite: 'orders needs no v3 of users' });
    await untilTold('v3 SUCCESSFUL');
    expect((await bed.deployments()).at(-1)?.despite).toMatchObject({
      reason: 'orders needs no v3 of users',
      refusals: ['PredecessorFailed'],
    });
  });
});

describe('one deployment, and a push at each of its states', () => {
  it('of which the newest is deployed last, and an older one that comes late never', async () => {
    bed = await makeBed({ seed: 'each state' });
    const STATES = ['AcquireLock', 'RegisterRevision', 'AttachGreen', 'StartGreen', 'WaitForSteadyState'];
    const LATER = ['VerifyTargets', 'ModifyListener', 'Bake', 'JudgeBake', 'DrainBlue', 'ReleaseLock'];
    const unsubscribe = bed.cloud.states.onHistoryEvent((_arn, { stateEnteredEventDetails }) => {
      const index = [...STATES, ...LATER].indexOf(stateEnteredEventDetails?.name ?? '');
      if (index < 0 || seen.has(index)) return;
      seen.add(index);
      void bed.push(`v${3 + index}`);
    });
    const seen = new Set<number>();
    const { digest } = await bed.push('v2');
    await bed.untilState('ReleaseLock');
    unsubscribe();
    await untilTold(`v${3 + STATES.length + LATER.length - 1} SUCCESSFUL`);
    const served = (await bed.deployments()).filter(({ outcome }) => outcome === 'SUCCESSFUL');
    const versions = served.map(({ image }) => Number(image.tag?.slice(1)));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(versions.at(-1)).toBe(13);

    // Both within the same millisecond, and v2's event once more, late.
    const [one, other] = await Promise.all([bed.push('v20'), bed.push('v21')]);
    const late = { repository: 'orders', registryId: '000000000000', digest, tag: 'v2', pushedAtMs: 1 };
    await bed.start({ service: 'orders', push: late });
    await bed.pass(600);
    const newest = one.digest > other.digest ? 'v20' : 'v21';
    const done = (await bed.deployments()).filter(({ outcome }) => outcome === 'SUCCESSFUL');
    expect(done.at(-1)?.image.tag).toBe(newest);
    expect(await bed.items('locks')).toEqual([]);
    expect(await bed.items('waiting')).toEqual([]);
  });
});
