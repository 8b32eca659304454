/** Functions as processes: isolation, reuse, failures as Lambda reports them, and an end to every process. */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { createScaledClock, presentOrigin } from '../../local/clock/scaled-clock.ts';
import type { FunctionHost } from '../../local/lambda/function-host.ts';
import { createProcessHost, type ProcessLimits } from '../../local/lambda/process-host.ts';
import { lambdaChildPath } from '../../local/paths.ts';
import { createRandom } from '../../local/random.ts';
import { functionOf, keptLogs } from './functions.ts';

const hosts: FunctionHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

function startHost({
  factor = 1,
  endpointUrl = 'http://127.0.0.1:1',
  limits = {},
}: {
  factor?: number;
  endpointUrl?: string;
  limits?: Partial<ProcessLimits>;
} = {}) {
  const logs = keptLogs();
  const origin = presentOrigin();
  const clock = createScaledClock({ factor, origin });
  const host = createProcessHost({
    clock,
    random: createRandom('test'),
    clockOrigin: origin,
    endpointUrl,
    logs,
    limits,
  });
  hosts.push(host);
  return { host, clock, logs };
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 200 && !condition(); attempt += 1)
    await new Promise((resolve) => setTimeout(resolve, 25));
  expect(condition()).toBe(true);
}

describe('a function in a process', () => {
  it('answers what its handler returned, copied through JSON', async () => {
    const { host } = startHost();
    const toy = functionOf(
      'export const handler = async (event) => ({ twice: event.n * 2, gone: undefined, at: new Date(0) });',
    );

    const result = await host.invoke(toy, { n: 21, alsoGone: undefined }, 'r-1');

    expect(result).toEqual({ payload: { twice: 42, at: '1970-01-01T00:00:00.000Z' } });
  });

  it('sees its own environment and credentials that name it, and nothing of its parent', async () => {
    const { host } = startHost();
    process.env.OF_THE_PARENT = 'secret';
    const toy = functionOf('export const handler = async () => process.env;', {
      environment: { TABLE_NAME: 't' },
    });

    const { payload } = (await host.invoke(toy, {}, 'r-1')) as { payload: Record<string, string> };
    delete process.env.OF_THE_PARENT;

    expect(payload).toMatchObject({
      TABLE_NAME: 't',
      AWS_ACCESS_KEY_ID: 'toy',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    });
    expect(payload).not.toHaveProperty('OF_THE_PARENT');
    expect(payload).not.toHaveProperty('PATH');
  });

  it('keeps its process for the next invocation and gives a concurrent one another', async () => {
    const { host } = startHost();
    const toy = functionOf(
      `export const handler = ({ ms }) => new Promise((resolve) => setTimeout(() => resolve(process.pid), ms));`,
    );

    const first = await host.invoke(toy, { ms: 0 }, 'r-1');
    const [second, third] = await Promise.all([
      host.invoke(toy, { ms: 50 }, 'r-2'),
      host.invoke(toy, { ms: 50 }, 'r-3'),
    ]);

    expect(second).toEqual(first);
    expect(third).not.toEqual(first);
  });

  it('bounds its processes and lets further invocations wait', async () => {
    const { host } = startHost();
    const toy = functionOf(
      `export const handler = () => new Promise((resolve) => setTimeout(() => resolve(process.pid), 30));`,
    );

    const results = await Promise.all(Array.from({ length: 9 }, (_, n) => host.invoke(toy, {}, `r-${n}`)));

    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBeLessThanOrEqual(4);
  });

  it('reports what was thrown by its name and message', async () => {
    const { host } = startHost();
    const toy = functionOf(
      `export const handler = async () => { throw Object.assign(new Error('not one task'), { name: 'TargetsNotHealthyYet' }); };`,
    );

    const result = await host.invoke(toy, {}, 'r-1');

    expect(result).toMatchObject({
      error: { errorType: 'TargetsNotHealthyYet', errorMessage: 'not one task' },
    });
  });

  it('is killed on its time-out and starts afresh for the next invocation', async () => {
    const { host } = startHost();
    const toy = functionOf(
      `let count = 0; export const handler = ({ hang }) => { count += 1; return hang ? new Promise(() => {}) : count; };`,
      { timeoutSeconds: 1 },
    );

    const hung = await host.invoke(toy, { hang: true }, 'r-1');
    const next = await host.invoke(toy, {}, 'r-2');

    expect(hung).toEqual({
      error: {
        errorType: 'Sandbox.Timedout',
        errorMessage: 'RequestId: r-1 Error: Task timed out after 1.00 seconds',
      },
    });
    expect(next).toEqual({ payload: 1 });
  });

  it('reports an exit in mid-invocation', async () => {
    const { host } = startHost();
    const toy = functionOf(`export const handler = () => process.exit(3);`);

    const result = await host.invoke(toy, {}, 'r-1');

    expect(result).toMatchObject({
      error: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('exit status 3') },
    });
  });

  it('reports an error of its module at every invocation', async () => {
    const { host } = startHost();
    const toy = functionOf(`throw new Error('TABLE_NAME is missing');`);

    const results = [await host.invoke(toy, {}, 'r-1'), await host.invoke(toy, {}, 'r-2')];

    for (const result of results)
      expect(result).toMatchObject({ error: { errorMessage: 'TABLE_NAME is missing' } });
  });

  it('shares the scaled clock of its parent', async () => {
    const { host, clock } = startHost({ factor: 20 });
    const toy = functionOf(
      `export const handler = () => { throw new Error('the plain handler knows no scaled clock'); };
       export const create = (runtime) => async () => { await runtime.sleep(2000); return runtime.now(); };`,
    );
    await host.warmUp(toy);

    const beforeMs = clock.now();
    const { payload } = (await host.invoke(toy, {}, 'r-1')) as { payload: number };

    expect(payload).toBeGreaterThanOrEqual(beforeMs + 1900);
    expect(payload).toBeLessThanOrEqual(clock.now());
  });

  it('logs what it prints', async () => {
    const { host, logs } = startHost();
    const toy = functionOf(`export const handler = () => { console.log('one'); console.error('two'); };`);

    await host.invoke(toy, {}, 'r-1');

    await until(() => logs.lines.includes('one') && logs.lines.includes('two'));
  });

  it('ends with its host, even in mid-invocation', async () => {
    const { host } = startHost();
    const toy = functionOf(
      `export const handler = ({ hang }) => (hang ? new Promise(() => {}) : process.pid);`,
    );
    const { payload: pid } = (await host.invoke(toy, {}, 'r-1')) as { payload: number };

    void host.invoke(toy, { hang: true }, 'r-2');
    await host.close();

    expect(isAlive(pid)).toBe(false);
  });

  it('ends when its parent is gone without a word', async () => {
    const toy = functionOf('setInterval(() => {}, 1000); export const handler = () => {};');
    const settings = {
      ...toy,
      clock: { factor: 1, origin: presentOrigin() },
      seed: 's',
      requestTimeoutMs: 10_000,
    };
    const child = fork(lambdaChildPath(), [JSON.stringify(settings)], { execArgv: [] });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.once('message', resolve));

    child.disconnect();

    expect(await exited).toBe(0);
  });
});

describe('what a function waits for', () => {
  it('is not its bundle for ever: a process that does not get ready is ended, and a later one may', async () => {
    const { host } = startHost({ limits: { startMs: 1_500 } });
    const toy = functionOf(`
      import { existsSync, writeFileSync } from 'node:fs';
      const tried = new URL('tried', import.meta.url);
      if (!existsSync(tried)) {
        writeFileSync(tried, String(process.pid));
        setInterval(() => {}, 1_000);
        await new Promise(() => {});
      }
      export const handler = () => 'ready';
    `);

    const first = await host.invoke(toy, {}, 'r-1');
    const second = await host.invoke(toy, {}, 'r-2');

    expect(first).toMatchObject({ error: { errorType: 'Sandbox.Timedout' } });
    expect(second).toEqual({ payload: 'ready' });
    expect(isAlive(Number(readFileSync(join(toy.codeDirectory, 'tried'), 'utf8')))).toBe(false);
  });

  it('is no answer of AWS for longer than a request may take', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const endpointUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const { host } = startHost({ factor: 10, endpointUrl, limits: { requestMs: 300 } });
    const sdk = pathToFileURL(createRequire(import.meta.url).resolve('@aws-sdk/client-ecs')).href;
    const toy = functionOf(`
      import ecs from '${sdk}';
      export const create = ({ clientConfiguration }) => async () => {
        const client = new ecs.ECSClient({ maxAttempts: 1, ...clientConfiguration });
        await client.send(new ecs.ListClustersCommand({}));
      };
      export const handler = () => {};
    `);

    const result = await host.invoke(toy, {}, 'r-1');
    silent.closeAllConnections();
    silent.close();

    expect(result).toMatchObject({ error: { errorType: 'TimeoutError' } });
  });
});
