/** Canary, linear and any steps: exposure only grows, each step is verified, and a bad version is met at the first. */
import { afterEach, describe, expect, it } from 'vitest';
import { startVirtualLoad } from '../../local/load/index.ts';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

/** Green's percentages, in the order in which they were seen after each write. */
function watchExposure(): number[] {
  const seen: number[] = [];
  bed.cloud.states.onHistoryEvent(async (_, { type, stateExitedEventDetails }) => {
    if (type !== 'TaskStateExited' || stateExitedEventDetails?.name !== 'ModifyListener') return;
    const [, green] = await bed.sides();
    seen.push(green.percent);
  });
  return seen;
}

const load = () =>
  startVirtualLoad({
    clock: bed.cloud.clock,
    plane: bed.cloud.plane,
    listenerPort: 8080,
    ratePerSecond: 20,
    maxSeconds: 3_600,
  });

describe('exposure', () => {
  it.each([
    ['canary', { type: 'canary', percent: 10, bake: '2m' }, [10, 100]],
    ['a tenth of a percent', { type: 'canary', percent: 0.1, bake: '1m' }, [0.1, 100]],
    ['linear', { type: 'linear', percent: 25, every: '1m' }, [25, 50, 75, 100]],
    [
      'linear that does not divide 100',
      { type: 'linear', percent: 33.3, every: '1m' },
      [33.3, 66.6, 99.9, 100],
    ],
    [
      'steps',
      {
        type: 'steps',
        steps: [{ percent: 1, bake: '1m' }, { percent: 20, bake: '2m' }, { percent: 100 }],
      },
      [1, 20, 100],
    ],
  ])('of %s grows step by step', async (_, strategy, expected) => {
    bed = await makeBed({ service: { strategy } });
    const exposure = watchExposure();
    const run = load();
    await bed.push('v2');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ status: 'SUCCEEDED' });
    expect(exposure).toEqual(expected.map((percent) => expect.closeTo(percent, 5)));
    expect(await run.stop()).toMatchObject({ failed: 0, failedByApplication: 0 });
  });

  it('lasts as long as each bake says', async () => {
    bed = await makeBed({ service: { strategy: { type: 'canary', percent: 10, bake: '7m' }, bake: '3m' } });
    const writes: number[] = [];
    bed.cloud.states.onHistoryEvent((__, { stateEnteredEventDetails }) => {
      if (['ModifyListener', 'DrainBlue'].includes(stateEnteredEventDetails?.name ?? ''))
        writes.push(bed.cloud.clock.now());
    });
    await bed.push('v2');
    await bed.untilEnded();
    const [first = 0, second = 0, drain = 0] = writes;
    expect(second - first).toBeGreaterThanOrEqual(420_000);
    expect(drain - second).toBeGreaterThanOrEqual(180_000);
  });
});

describe('a bad version', () => {
  it('is met at the canary: only its share of the requests sees it, and blue has everything again', async () => {
    bed = await makeBed({ service: { strategy: { type: 'canary', percent: 10, bake: '5m' } } });
    const exposure = watchExposure();
    const run = load();
    await bed.push('v2', { REQUEST_STATUS: '500' });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ status: 'FAILED', error: 'ROLLBACK_SUCCESSFUL' });
    expect(exposure).toEqual([10]);
    const [blue, green] = await bed.sides();
    expect(blue).toMatchObject({ percent: 100, healthyCount: 2 });
    expect(green).toMatchObject({ percent: 0, runningCount: 0 });
    const { failed, failedByApplication, sent } = await run.stop();
    expect(failed).toBe(0);
    expect(failedByApplication).toBeLessThan(sent * 0.1);
  });

  it('is all at once where nothing serves that could be compared with', async () => {
    bed = await makeBed({
      world: { blueCount: 0 },
      service: { strategy: { type: 'canary', percent: 10, bake: '5m' } },
    });
    const exposure = watchExposure();
    await bed.push('v2');
    expect((await bed.untilEnded())[0]).toMatchObject({ status: 'SUCCEEDED' });
    expect(exposure).toEqual([100]);
  });
});

describe('weights between two steps', () => {
  it('that somebody else wrote halt the deployment, untouched', async () => {
    bed = await makeBed({ service: { strategy: { type: 'linear', percent: 50, every: '5m' } } });
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.pass(60);
    const [a, b] = [bed.world.targetGroups['orders-a'], bed.world.targetGroups['orders-b']];
    const { ModifyRuleCommand } = await import('@aws-sdk/client-elastic-load-balancing-v2');
    await bed.clients.elbv2.send(
      new ModifyRuleCommand({
        RuleArn: bed.world.productionRuleArn,
        Actions: [
          {
            Type: 'forward',
            ForwardConfig: {
              TargetGroups: [
                { TargetGroupArn: a, Weight: 70 },
                { TargetGroupArn: b, Weight: 30 },
              ],
            },
          },
        ],
      }),
    );
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ status: 'FAILED', error: 'HALTED' });
    const [blue] = await bed.sides();
    expect(blue.percent).toBeCloseTo(70);
  });

  it('do not refuse a push that comes in mid-canary: it waits for its turn', async () => {
    bed = await makeBed({ service: { strategy: { type: 'canary', percent: 10, bake: '5m' } } });
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.push('v3');
    const executions = await bed.untilEnded(3);
    expect(executions.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
    const records = await bed.deployments();
    expect(records.filter(({ outcome }) => outcome === 'SUCCESSFUL').map(({ image }) => image.tag)).toEqual([
      'v2',
      'v3',
    ]);
  });
});
