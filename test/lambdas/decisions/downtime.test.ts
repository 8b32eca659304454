/** How long nobody served: from the first task that began to stop to the first that runs. */
import { describe, expect, it } from 'vitest';
import { judgeDowntime, totalSeconds } from '../../../lambdas/decisions/downtime.ts';

const at = (seconds: number): Date => new Date(seconds * 1_000);
const started = (seconds: number, lastStatus = 'RUNNING') => ({ startedAt: at(seconds), lastStatus });
const stopping = (seconds: number) => ({ stoppingAt: at(seconds), lastStatus: 'STOPPED' });

describe('judgeDowntime', () => {
  it('begins with the first of several tasks that stop, and ends with the first that runs', () => {
    const running = [started(150), started(140), started(130, 'PENDING')];
    expect(judgeDowntime(running, [stopping(103), stopping(101)], 100_000)).toEqual({
      fromMs: 101_000,
      toMs: 140_000,
    });
  });

  it('has nothing to do with tasks that stopped long before', () => {
    expect(judgeDowntime([started(140)], [stopping(20), stopping(101)], 100_000)?.fromMs).toBe(101_000);
  });

  it('believes clocks that differ a little', () => {
    expect(judgeDowntime([started(140)], [stopping(98)], 100_000)?.fromMs).toBe(98_000);
  });

  it('begins with the order to stop if ECS has forgotten the tasks', () => {
    expect(judgeDowntime([started(9_000)], [], 100_000)).toEqual({ fromMs: 100_000, toMs: 9_000_000 });
  });

  it('is none while nothing runs, or if something ran all the time', () => {
    expect(judgeDowntime([started(140, 'PENDING')], [stopping(101)], 100_000)).toBeUndefined();
    expect(judgeDowntime([started(20)], [stopping(101)], 100_000)).toBeUndefined();
  });
});

it('counts every time that nobody served', () => {
  expect(totalSeconds([])).toBe(0);
  expect(
    totalSeconds([
      { fromMs: 0, toMs: 7_450 },
      { fromMs: 60_000, toMs: 62_000 },
    ]),
  ).toBe(9.5);
});
