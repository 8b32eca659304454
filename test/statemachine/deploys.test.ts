/** The straight path: a push moves the service, and nothing is left behind. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

describe('a push', () => {
  it('moves the service from blue to green and stops blue', async () => {
    bed = await makeBed();
    const { digest } = await bed.push('v2');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'SUCCESSFUL' } });
    const [blue, green] = await bed.sides();
    expect(blue).toMatchObject({ percent: 0, runningCount: 0, desiredCount: 0 });
    expect(green).toMatchObject({ percent: 100, runningCount: 2, healthyCount: 2 });
    const written = { doneAtMs: expect.any(Number) };
    expect(await bed.deployments()).toMatchObject([
      { outcome: 'SUCCESSFUL', image: { digest }, attach: written, testTraffic: written, shift: written },
    ]);
    expect(await bed.items('locks')).toEqual([]);
    expect(await bed.items('waits')).toEqual([]);
    expect(bed.cloud.faults).toEqual([]);
  });
});
