/** The virtual runner: the sample application's behaviour on a clock that jumps. */
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../local/clock/virtual-clock.ts';
import { createVirtualRunner } from '../../local/tasks/virtual-runner.ts';
import { containerSpec, observe } from './containers.ts';

function start(environment: Record<string, string>, stopTimeoutSeconds = 30) {
  const clock = createVirtualClock();
  const runner = createVirtualRunner(clock);
  const observed = observe();
  const container = runner.start(containerSpec({ environment, stopTimeoutSeconds }), observed);
  const get = (path: string) =>
    runner.at('127.0.0.1', observed.hostPorts?.get(8080) ?? 0)?.respond({ path, method: 'GET' });
  const runMs = async (ms: number) => {
    let isOver = false;
    clock.setTimer(ms, () => {
      isOver = true;
    });
    await clock.run(() => isOver, ms);
  };
  return { clock, runner, observed, container, get, runMs };
}

describe('a modelled container', () => {
  it('starts at once but refuses connections until it has booted', async () => {
    const { observed, get, runMs } = start({ BOOT_MS: '5000', VERSION: 'v2' });

    await runMs(1_000);
    expect(observed.hostPorts?.has(8080)).toBe(true);
    expect(get('/')).toBeUndefined();

    await runMs(5_000);
    expect(get('/')).toMatchObject({ statusCode: 200, body: expect.stringContaining('"version":"v2"') });
  });

  it('answers probes and requests with the statuses it was told', async () => {
    const { get, runMs } = start({
      HEALTH_STATUS: '500',
      REQUEST_STATUS: '502',
      REQUEST_FAILURE_RATE: '0.25',
      RESPONSE_MS: '80',
    });
    await runMs(100);

    expect(get('/health?x=1')).toMatchObject({ statusCode: 500, durationMs: 0 });
    const statuses = [1, 2, 3, 4, 5].map(() => get('/')?.statusCode);
    expect(statuses).toEqual([200, 200, 200, 502, 200]);
    expect(get('/')?.durationMs).toBe(80);
  });

  it('dies with its code, its last words logged, and its port closed', async () => {
    const { observed, get, runMs } = start({ EXIT_CODE: '1', EXIT_AFTER_MS: '2000' });

    await runMs(1_000);
    expect(observed.exitCode).toBeUndefined();
    await runMs(2_000);

    expect(observed.exitCode).toBe(1);
    expect(observed.lines.at(-1)).toBe('FATAL: cannot read DATABASE_URL');
    expect(get('/')).toBeUndefined();
  });

  it('finishes the request in flight after the stop signal, then exits 0', async () => {
    const { observed, container, get, runMs } = start({ RESPONSE_MS: '3000' });
    await runMs(100);
    get('/');

    container.stop();

    await runMs(2_000);
    expect([get('/'), observed.exitCode]).toEqual([undefined, undefined]);
    await runMs(2_000);
    expect(observed.exitCode).toBe(0);
  });

  it('is killed after the stop time-out if it ignores the stop signal', async () => {
    const { observed, container, get, runMs } = start({ IGNORE_SIGTERM: '1' }, 10);
    await runMs(100);

    container.stop();

    await runMs(9_000);
    expect([get('/')?.statusCode, observed.exitCode]).toEqual([200, undefined]);
    await runMs(2_000);
    expect(observed.exitCode).toBe(137);
  });

  it('cannot be started from a command that nobody modelled', async () => {
    const clock = createVirtualClock();
    const observed = observe();
    createVirtualRunner(clock).start(containerSpec({ command: ['nginx'] }), observed);

    await clock.run(() => false, 1_000);

    expect(observed.failure).toContain('nginx');
  });

  it('says which environment variable it cannot read', async () => {
    const { observed, runMs } = start({ BOOT_MS: 'soon' });

    await runMs(1_000);

    expect(observed).toMatchObject({ exitCode: 1, lines: [expect.stringContaining('BOOT_MS is "soon"')] });
  });
});
