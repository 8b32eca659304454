/** Nothing that was started outlives a run. */
import { describe, expect, it } from 'vitest';
import { createStops } from '../../local/demo/stops.ts';

describe('stops', () => {
  it('are called once, the last first', async () => {
    const called: string[] = [];
    const stops = createStops();
    stops.add(() => called.push('first'));
    stops.add(async () => called.push('second'));
    await stops.stop();
    await stops.stop();
    expect(called).toEqual(['second', 'first']);
  });

  it('are all called, even if one fails, and the failure is told', async () => {
    const called: string[] = [];
    const stops = createStops();
    stops.add(() => called.push('first'));
    stops.add(() => Promise.reject(new Error('stuck')));
    await expect(stops.stop()).rejects.toThrow('stuck');
    expect(called).toEqual(['first']);
  });

  it('that come after the end are called at once', async () => {
    const called: string[] = [];
    const stops = createStops();
    await stops.stop();
    stops.add(() => called.push('late'));
    expect(called).toEqual(['late']);
  });
});
