/** Functions in the process of the tests, on the virtual clock, and killed on purpose. */
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../local/clock/virtual-clock.ts';
import { createInProcessHost } from '../../local/lambda/in-process-host.ts';
import { createRandom } from '../../local/random.ts';
import { functionOf, keptLogs } from './functions.ts';

/** Makes two calls through its client, one after the other. */
const CALLS_TWICE = `export const handler = () => {};
export const create = ({ clientConfiguration: { requestHandler } }) => async () => {
  await requestHandler.handle('first');
  await requestHandler.handle('second');
  return 'done';
};`;

function startHost() {
  const clock = createVirtualClock();
  const effects: string[] = [];
  const logs = keptLogs();
  const host = createInProcessHost({
    clock,
    random: createRandom('test'),
    logs,
    clientConfiguration: (caller) => ({
      requestHandler: { handle: async (call: string) => void effects.push(`${caller}: ${call}`) },
    }),
    request: async () => ({ statusCode: 200, body: '', durationMs: 0 }),
  });
  return { host, clock, effects, logs };
}

describe('a function in this process', () => {
  it('sleeps an hour of virtual time at once', async () => {
    const { host, clock } = startHost();
    const toy = functionOf(
      `export const handler = () => {};
       export const create = (runtime) => async () => { await runtime.sleep(3_600_000); return runtime.now(); };`,
      { timeoutSeconds: 7200 },
    );
    await host.warmUp(toy);
    let payload: unknown;

    void host.invoke(toy, {}, 'r-1').then((result) => {
      payload = result;
    });
    await clock.run(() => payload !== undefined, 7_200_000);

    expect(payload).toEqual({ payload: clock.now() });
  });

  it('is refused if its bundle cannot be given a clock', async () => {
    const { host } = startHost();
    const toy = functionOf('export const handler = async () => 1;');

    const result = await host.invoke(toy, {}, 'r-1');

    expect(result).toMatchObject({ error: { errorMessage: expect.stringContaining('create(runtime)') } });
  });

  it.each([0, 1, 2])(
    'is killed after %i of its calls took effect, and Lambda says that its process is gone',
    async (afterCalls) => {
      const { host, effects } = startHost();
      const toy = functionOf(CALLS_TWICE);
      host.interrupt(() => ({ afterCalls, as: 'exit' }));

      const result = await host.invoke(toy, {}, 'r-1');

      expect(result).toMatchObject({ error: { errorType: 'Runtime.ExitError' } });
      expect(effects).toEqual(['toy: first', 'toy: second'].slice(0, afterCalls));
    },
  );

  it('hangs when it is killed silently, until its time-out', async () => {
    const { host, clock, effects } = startHost();
    const toy = functionOf(CALLS_TWICE);
    const stop = host.interrupt(() => ({ afterCalls: 1, as: 'hang' }));
    await host.warmUp(toy);
    let result: unknown;

    void host.invoke(toy, {}, 'r-1').then((given) => {
      result = given;
    });
    await clock.run(() => result !== undefined, 60_000);
    stop();
    const next = await host.invoke(toy, {}, 'r-2');

    expect(result).toMatchObject({ error: { errorType: 'Sandbox.Timedout' } });
    expect(next).toEqual({ payload: 'done' });
    expect(effects).toEqual(['toy: first', 'toy: first', 'toy: second']);
  });
});
