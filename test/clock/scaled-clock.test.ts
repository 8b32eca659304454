/** The scaled clock: it never jumps, all processes see the same time, and no timer fires before its time. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createScaledClock, presentOrigin } from '../../local/clock/scaled-clock.ts';

const HOUR_MS = 3_600_000;

afterEach(() => {
  vi.restoreAllMocks();
});

/** Sets the machine's time of day. */
function setTimeOfDay(changeMs: number): void {
  const present = Date.now();
  vi.spyOn(Date, 'now').mockReturnValue(present + changeMs);
}

describe.each([1, 10])('a clock at factor %i', (factor) => {
  it.each([
    ['back', -HOUR_MS],
    ['forward', HOUR_MS],
  ])('does not notice that the time of day is put %s', (_, changeMs) => {
    const clock = createScaledClock({ factor });
    const beforeMs = clock.now();

    setTimeOfDay(changeMs);

    const passedMs = clock.now() - beforeMs;
    expect(passedMs).toBeGreaterThanOrEqual(0);
    expect(passedMs).toBeLessThan(HOUR_MS / 10);
  });

  it('fires a timer that was planned for a moment when that moment has come, whatever the time of day', async () => {
    const clock = createScaledClock({ factor });
    const atMs = clock.now() + 50;
    setTimeOfDay(-HOUR_MS);

    await new Promise<void>((resolve) => clock.setTimer(atMs - clock.now(), resolve));

    expect(clock.now()).toBeGreaterThanOrEqual(atMs);
    expect(clock.now()).toBeLessThan(atMs + HOUR_MS / 10);
  });

  it('fires no timer early', async () => {
    const clock = createScaledClock({ factor });
    const delays = Array.from({ length: 200 }, (_, at) => 5 + at * 1.37);

    const earlyBy = await Promise.all(
      delays.map(async (delayMs) => {
        const atMs = clock.now() + Math.floor(delayMs);
        await clock.sleep(Math.floor(delayMs));
        return atMs - clock.now();
      }),
    );

    expect(Math.max(...earlyBy)).toBeLessThanOrEqual(0);
  });

  it('shows another process with the same origin the same time', async () => {
    const origin = presentOrigin();
    const clock = createScaledClock({ factor, origin });
    const script = fileURLToPath(new URL('./print-time.ts', import.meta.url));

    const beforeMs = clock.now();
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import',
      'tsx',
      script,
      JSON.stringify({ factor, origin }),
    ]);
    const afterMs = clock.now();

    expect(Number(stdout)).toBeGreaterThanOrEqual(beforeMs);
    expect(Number(stdout)).toBeLessThanOrEqual(afterMs);
  });
});

it('waits for longer than a timer of Node can', async () => {
  vi.useFakeTimers();
  try {
    const clock = createScaledClock();
    const daysMs = 30 * 24 * HOUR_MS;
    let fired = false;
    clock.setTimer(daysMs, () => {
      fired = true;
    });

    await vi.advanceTimersByTimeAsync(daysMs - 1_000);
    expect(fired).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(fired).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

it('fires no timer that was cancelled', async () => {
  const clock = createScaledClock({ factor: 10 });
  let fired = false;
  const timer = clock.setTimer(20, () => {
    fired = true;
  });
  timer.cancel();
  timer.cancel();

  await clock.sleep(100);

  expect(fired).toBe(false);
});

it.each([0, 0.5, 21, Number.NaN])('refuses the factor %s', (factor) => {
  expect(() => createScaledClock({ factor })).toThrow(`clock factor is ${factor}; allowed are 1 to 20`);
});
