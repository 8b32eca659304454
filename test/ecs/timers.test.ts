/** Timers that end together. */
import { expect, it } from 'vitest';
import { createVirtualClock } from '../../local/clock/virtual-clock.ts';
import { createTimers } from '../../local/ecs/timers.ts';

it('fires no timer after it is closed, neither one set before nor one set after', async () => {
  const clock = createVirtualClock();
  const timers = createTimers(clock);
  const fired: string[] = [];
  timers.after(1_000, () => fired.push('in time'));
  timers.after(3_000, () => fired.push('set before'));
  void timers.sleep(3_000).then(() => fired.push('slept'));

  await clock.run(() => fired.length > 0, 10_000);
  timers.close();
  timers.after(1_000, () => fired.push('set after'));
  await clock.run(() => false, 10_000);

  expect(fired).toEqual(['in time']);
});
