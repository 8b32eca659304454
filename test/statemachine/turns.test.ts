/** Several pushes to one service: one deployment at a time, one waiting place, the newest in it. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

const outcomes = async () => (await bed.deployments()).map(({ image, outcome }) => [image.tag, outcome]);

describe('pushes during a deployment', () => {
  it('leave the newest waiting, which has its turn by itself', async () => {
    bed = await makeBed();
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.push('v3');
    await bed.pass(2);
    await bed.push('v4');
    await bed.pass(2);
    expect(await bed.items('waiting')).toMatchObject([{ service: 'orders' }]);

    await bed.until(
      async () => (await outcomes()).filter(([, outcome]) => outcome === 'SUCCESSFUL').length === 2,
      'two deployments',
    );

    expect(await outcomes()).toEqual([
      ['v2', 'SUCCESSFUL'],
      ['v3', 'SUPERSEDED'],
      ['v4', 'SUPERSEDED'],
      ['v4', 'SUCCESSFUL'],
    ]);
    expect(await bed.items('waiting')).toEqual([]);
    expect((await bed.sides())[0]).toMatchObject({ percent: 100, healthyCount: 2 });
  });

  it('of the digest that is being deployed do not wait', async () => {
    bed = await makeBed();
    const { digest } = await bed.push('v2');
    await bed.untilState('WaitForSteadyState');
    await bed.start({ service: 'orders', digest });
    await bed.untilEnded(2);
    expect(await bed.items('waiting')).toEqual([]);
    const [first, second] = await bed.executions();
    expect(first).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
    expect(second).toMatchObject({
      output: { queued: true, reason: expect.stringContaining('is being deployed') },
    });
  });

  it('within one second, of two versions, deploy the one and then the other at most', async () => {
    bed = await makeBed();
    await Promise.all([bed.push('v2'), bed.push('v3')]);
    await bed.untilEnded(2);
    await bed.pass(300);
    const done = await outcomes();
    expect(done.filter(([, outcome]) => outcome === 'SUCCESSFUL').length).toBeGreaterThanOrEqual(1);
    expect(await bed.items('locks')).toEqual([]);
    expect(await bed.items('waiting')).toEqual([]);
    const sides = await bed.sides();
    expect(sides.filter(({ percent, healthyCount }) => percent === 100 && healthyCount === 2)).toHaveLength(
      1,
    );
  });

  it('wait through a rollback too, and are called after it', async () => {
    bed = await makeBed();
    await bed.push('v2', { HEALTH_STATUS: '503' });
    await bed.untilState('RestoreListener');
    await bed.push('v3');
    await bed.until(
      async () => (await outcomes()).some(([tag, outcome]) => tag === 'v3' && outcome === 'SUCCESSFUL'),
      'v3',
    );
    expect((await outcomes())[0]).toEqual(['v2', 'ROLLBACK_SUCCESSFUL']);
  });

  it('survive the death of the execution that should have called them: the sweep does', async () => {
    bed = await makeBed();
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.push('v3');
    // The lock is gone and nobody was called: ReleaseLock died in between, every time it was tried.
    bed.cloud.interrupt((functionName) =>
      /ReleaseLock/.test(functionName) ? { afterCalls: 3, as: 'exit' } : undefined,
    );
    await bed.until(async () => (await bed.items('locks')).length === 0, 'the lock to be free');
    await bed.until(
      async () => (await outcomes()).some(([tag, outcome]) => tag === 'v3' && outcome === 'SUCCESSFUL'),
      'v3',
    );
  });
});

describe('the same version again', () => {
  it('is nothing to deploy, for a push and for a person', async () => {
    bed = await makeBed();
    const { digest } = await bed.push('v2');
    await bed.untilEnded();
    await bed.start({ service: 'orders', digest });
    const [, second] = await bed.untilEnded(2);
    expect(second).toMatchObject({
      output: { outcome: 'NOTHING_TO_DEPLOY', reason: `${digest} already serves` },
    });
  });

  it('comes back as the same revision when a version returns to a side that ran it', async () => {
    bed = await makeBed();
    await bed.push('v2');
    await bed.untilEnded();
    await bed.push('v3');
    await bed.untilEnded(2);
    await bed.start({ service: 'orders', tag: 'v2' });
    await bed.untilEnded(3);
    const [first, , third] = await bed.deployments();
    expect(third).toMatchObject({ outcome: 'SUCCESSFUL', revisionArn: first?.revisionArn });
  });
});
