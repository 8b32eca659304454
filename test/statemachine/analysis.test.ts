/** The comparison of green with blue, in whole deployments: what no alarm would notice. */
import { afterEach, describe, expect, it } from 'vitest';
import { startVirtualLoad } from '../../local/load/index.ts';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

const load = (ratePerSecond: number) =>
  startVirtualLoad({
    clock: bed.cloud.clock,
    plane: bed.cloud.plane,
    listenerPort: 8080,
    ratePerSecond,
    maxSeconds: 7_200,
  });

/** Half of the traffic for twenty minutes, and no alarm that could see it first. */
const compared = (analysis: object = {}) => ({
  strategy: { type: 'steps', steps: [{ percent: 50, bake: '20m' }, { percent: 100 }] },
  bake: '1m',
  checks: { http: [{ path: '/health' }], alarms: [] },
  analysis: { minimumRequests: 500, ...analysis },
});

describe('a comparison of green with blue', () => {
  it('steps back from a version that answers five in a hundred requests wrongly', async () => {
    bed = await makeBed({ service: compared() });
    const run = load(5);
    await bed.push('v2', { REQUEST_STATUS: '500', REQUEST_FAILURE_RATE: '0.05' });
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ status: 'FAILED', error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toContain('ComparisonFailed');
    const [blue] = await bed.sides();
    expect(blue).toMatchObject({ percent: 100, healthyCount: 2 });
    expect((await run.stop()).failed).toBe(0);
  });

  it('lets a version pass that is as good', async () => {
    bed = await makeBed({ service: compared() });
    load(5);
    await bed.push('v2');
    expect((await bed.untilEnded())[0]).toMatchObject({ status: 'SUCCEEDED' });
    const entered = await bed.statesOf((await bed.executions())[0]?.executionArn ?? '');
    expect(entered).not.toContain('Pause');
  });

  it('without enough requests pauses for a person, who may go on', async () => {
    bed = await makeBed({ service: compared() });
    load(0.1);
    await bed.push('v2');
    await bed.untilState('Pause');
    await bed.pass(600);
    expect((await bed.sides())[1].percent).toBe(50);
    const [record] = await bed.deployments();
    expect(record?.pausedBecause).toMatch(/requests/);
    await bed.signal('resume', { reason: 'it is night' });
    await bed.untilState('ModifyListener', 2);
  });

  it.each([
    ['pass', 'SUCCEEDED'],
    ['fail', 'FAILED'],
  ])('without enough requests follows the configured default, %s', async (otherwise, status) => {
    bed = await makeBed({ service: compared({ otherwise }) });
    await bed.push('v2');
    expect((await bed.untilEnded())[0]).toMatchObject({ status });
  });
});
