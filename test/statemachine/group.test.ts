/** Two services of one group: they shift as one, succeed as one, and step back as one. */
import { afterEach, describe, expect, it } from 'vitest';
import { globPolicy } from '../../lambdas/common/configuration/glob.ts';
import type { Deployment } from '../../lambdas/common/deployment.ts';
import type { ServiceConfiguration } from '../../lambdas/common/service.ts';
import { NEIGHBOUR_SERVICE } from '../../local/world/index.ts';
import { type Bed, makeBed } from './bed.ts';
import { KILL_STEP, killEach, killPoints } from './kill-points.ts';

const GROUP = { name: 'shop', together: true, timeoutSeconds: 600 };

let bed: Bed;
afterEach(() => bed?.close());

/** Both services, fed by one repository; all of the configuration but the second service is written as parameters. */
async function makeShop(
  seed: string,
  orders: Partial<ServiceConfiguration> = {},
  users: Partial<ServiceConfiguration> = {},
): Promise<void> {
  bed = await makeBed({ seed, world: { neighbour: true }, others: { users: NEIGHBOUR_SERVICE } });
  await bed.configure({ group: GROUP, ...orders });
  await bed.configure({ group: GROUP, ...users }, 'users');
}

const tagged = (glob: string): ServiceConfiguration['image'] => ({
  repository: 'orders',
  containers: ['app'],
  tags: globPolicy(glob),
  base: 'running',
  minimumAgeSeconds: 0,
  sidecars: [],
});

const both = async (): Promise<[Deployment | undefined, Deployment | undefined]> => [
  (await bed.deployments()).at(-1),
  (await bed.deployments('users')).at(-1),
];
const at = (deployment: Deployment | undefined, state: string): number =>
  deployment?.stages[state]?.intendedAtMs ?? Number.NaN;

describe('one push that feeds both', () => {
  it('shifts both when both are ready, and drains neither before both have baked', async () => {
    await makeShop('together', {}, { bakeSeconds: 240 });
    await bed.push('v2');
    await bed.untilEnded(2);

    const [orders, users] = await both();
    expect([orders?.outcome, users?.outcome]).toEqual(['SUCCESSFUL', 'SUCCESSFUL']);
    expect(orders?.round).toEqual(users?.round);
    const closedAtMs = orders?.round?.closedAtMs ?? Number.NaN;
    for (const one of [orders, users]) {
      expect(at(one, 'ModifyListener')).toBeGreaterThanOrEqual(closedAtMs);
      expect(at(one, 'ModifyListener')).toBeLessThan(closedAtMs + 10_000);
    }
    expect(at(orders, 'DrainBlue')).toBeGreaterThanOrEqual(at(users, 'JudgeBake'));
    expect(at(orders, 'DrainBlue')).toBeLessThan(at(users, 'JudgeBake') + 10_000);
    expect(orders?.succeededAtMs).toBe(users?.succeededAtMs);
  });

  it('takes both back at once if one is aborted after the shift', async () => {
    await makeShop('aborted');
    await bed.push('v2');
    await bed.untilState('Bake', 2);
    const before = bed.cloud.clock.now();
    await bed.signal('abort');
    await bed.untilEnded(2);

    const [orders, users] = await both();
    expect([orders?.outcome, users?.outcome]).toEqual(['STOPPED', 'ROLLBACK_SUCCESSFUL']);
    expect(users?.reason).toContain('steps back with orders');
    expect(at(users, 'RestoreListener')).toBeLessThan(before + 10_000);
    expect((await bed.service('users-a')).runningCount).toBe(1);
    expect((await bed.service('users-b')).desiredCount).toBe(0);
  });
});

describe('services of a group', () => {
  it('shift alone if the others have nothing to deploy, and together if both are under way by pushes of their own', async () => {
    await makeShop('apart', { image: tagged('[ov]*') }, { image: tagged('[uv]*'), bakeSeconds: 120 });
    await bed.push('o2');
    await bed.untilEnded();
    expect((await both()).map((one) => one?.outcome)).toEqual(['SUCCESSFUL', undefined]);

    await bed.push('o3');
    await bed.pass(1);
    await bed.push('u3');
    await bed.untilEnded(3);
    const [orders, users] = await both();
    expect([orders?.outcome, users?.outcome]).toEqual(['SUCCESSFUL', 'SUCCESSFUL']);
    expect(orders?.round).toEqual(users?.round);
  });

  it('step back when one of them does not come within the time', async () => {
    await makeShop(
      'late',
      { group: { ...GROUP, timeoutSeconds: 60 } },
      { approval: { gates: ['before-traffic'], timeoutSeconds: 3600, otherwise: 'approve' } },
    );
    await bed.push('v2');
    await bed.untilEnded(2);
    const [orders, users] = await both();
    expect(orders).toMatchObject({
      outcome: 'ROLLBACK_SUCCESSFUL',
      reason: expect.stringContaining('wanting was users'),
    });
    expect(users).toMatchObject({ outcome: 'ROLLBACK_SUCCESSFUL' });
    expect(users?.stages.ModifyListener).toBeUndefined();
  });

  it('step back when the execution of one of them is stopped in mid-bake', async () => {
    await makeShop('stopped');
    await bed.push('v2');
    await bed.stopIn('Bake');
    await bed.untilEnded(3);
    expect((await both()).map((one) => one?.outcome)).toEqual(['ROLLBACK_SUCCESSFUL', 'ROLLBACK_SUCCESSFUL']);
    expect(await bed.items('locks')).toEqual([]);
  });
});

describe('a handler that is killed after its n-th call', () => {
  const FORWARD = ['AcquireLock', 'WaitForGroup', 'ModifyListener', 'JudgeBake', 'DrainBlue', 'ReleaseLock'];
  const BACK = ['RestoreListener', 'StopGreen', 'ReleaseLock'];

  it.each(KILL_STEP === 1 ? killPoints(15) : [3, 9])(
    'lets both come through all the same: %i',
    async (calls) => {
      await makeShop(`forward ${calls}`);
      killEach(bed.cloud, FORWARD, calls);
      await bed.push('v2');
      await bed.untilEnded(2);
      expect((await both()).map((one) => one?.outcome)).toEqual(['SUCCESSFUL', 'SUCCESSFUL']);
      expect(await bed.items('locks')).toEqual([]);
    },
  );

  it.each(KILL_STEP === 1 ? killPoints(12) : [2, 6])(
    'lets both step back all the same: %i',
    async (calls) => {
      await makeShop(`back ${calls}`);
      killEach(bed.cloud, BACK, calls);
      await bed.push('v2');
      await bed.untilState('Bake', 2);
      await bed.signal('abort');
      await bed.untilEnded(2);
      expect((await both()).map((one) => one?.outcome)).toEqual(['STOPPED', 'ROLLBACK_SUCCESSFUL']);
      expect(await bed.items('locks')).toEqual([]);
    },
  );
});
