/** A host that is closed in the middle of its work leaves nothing running. */
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../local/clock/virtual-clock.ts';
import { createSandboxHost, type Sandbox } from '../../local/lambda/sandbox-host.ts';
import { functionOf } from './functions.ts';

describe('a host that is closed', () => {
  it('starts no sandbox any more, for warm-ups that were still to come', async () => {
    const started: string[] = [];
    const sandbox: Sandbox = {
      invoke: async () => ({ payload: {} }),
      isUsable: () => true,
      kill: async () => {},
    };
    const host = createSandboxHost({
      clock: createVirtualClock(),
      sandboxesMax: 4,
      start: async ({ functionName }) => {
        started.push(functionName);
        return sandbox;
      },
    });
    await host.warmUp(functionOf('', { functionName: 'one' }));
    await host.close();
    await expect(host.warmUp(functionOf('', { functionName: 'two' }))).rejects.toThrow(
      'the local cloud is shutting down',
    );
    expect(started).toEqual(['one']);
  });
});

it('gives the sandbox of an event that cannot be sent to the next one', async () => {
  const host = createSandboxHost({
    clock: createVirtualClock(),
    sandboxesMax: 1,
    start: async () => ({
      invoke: async (event) => ({ payload: event }),
      isUsable: () => true,
      kill: async () => {},
    }),
  });

  const refused = await host.invoke(functionOf(''), { count: 1n }, 'r-1');
  const answered = await host.invoke(functionOf(''), { count: 1 }, 'r-2');

  expect(refused).toMatchObject({ error: { errorType: 'TypeError' } });
  expect(answered).toEqual({ payload: { count: 1 } });
});
