/** Calls are logged, can be failed before their effect or lose their answer after it, and retries run on the clock. */
import { DescribeServicesCommand, ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '../../local/random.ts';
import { AwsError } from '../../local/wire/aws-error.ts';
import { ConnectionLost } from '../../local/wire/connection-lost.ts';
import type { Interceptor } from '../../local/wire/endpoint.ts';
import { type HttpServer, startHttpServer } from '../../local/wire/http-server.ts';
import { clientConfiguration, inProcessClientConfiguration } from '../../local/wire/in-process-handler.ts';
import { type ToyCloud, toyCloud } from './toy-cloud.ts';

let cloud: ToyCloud;
let effects: string[];
let client: ECSClient;

beforeEach(async () => {
  effects = [];
  const operations = {
    DescribeServices: ({ services }: { services: string[] }) => {
      effects.push(...services.splice(0));
      return { services: [] };
    },
    ListTasks: () => {
      throw new AwsError('ThrottlingException', 'Rate exceeded');
    },
  };
  cloud = await toyCloud({ services: { ecs: { operations } }, recordLimit: 3 });
  const random = createRandom('x');
  client = new ECSClient(
    inProcessClientConfiguration(cloud.endpoint, { caller: 'alice', clock: cloud.clock, random }),
  );
});

/** Sends, with time to retry; gives the error's name or `answered`. */
async function outcome(names: string[], by = client): Promise<string> {
  const sent = by.send(new DescribeServicesCommand({ services: names })).then(
    () => 'answered',
    (error: Error) => error.name,
  );
  await cloud.clock.run(() => false, 60_000);
  return sent;
}

const once = (throwing: () => Error): (() => void) => {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    throw throwing();
  };
};

describe('the log', () => {
  it('keeps the newest calls with caller, input as it came, and error', async () => {
    for (const name of ['a', 'b', 'c']) await outcome([name]);
    await client
      .send(new ListTasksCommand({ launchType: 'FARGATE', maxResults: 'no' as unknown as number }))
      .catch(() => {});

    expect(cloud.endpoint.calls).toEqual([
      expect.objectContaining({
        service: 'ecs',
        operation: 'DescribeServices',
        caller: 'alice',
        input: { services: ['b'] },
      }),
      expect.objectContaining({ input: { services: ['c'] } }),
      expect.objectContaining({ operation: 'ListTasks', input: undefined, error: 'SerializationException' }),
    ]);
    expect(cloud.endpoint.calls[0]).not.toHaveProperty('error');
  });
});

describe('an interceptor', () => {
  it('fails a call before it takes effect, until it is removed', async () => {
    const remove = cloud.endpoint.intercept({
      before: ({ operation }) => {
        throw new AwsError('ClientException', `no ${operation} today`);
      },
    });
    expect(await outcome(['a'])).toBe('ClientException');
    expect(effects).toEqual([]);

    remove();
    expect(await outcome(['a'])).toBe('answered');
  });

  it('may delay a call', async () => {
    cloud.endpoint.intercept({ before: () => cloud.clock.sleep(5_000) });
    const startMs = cloud.clock.now();
    const sent = client.send(new DescribeServicesCommand({ services: ['a'] }));
    expect(await cloud.clock.run(() => effects.length > 0, 60_000)).toBe(true);

    await sent;
    expect(cloud.clock.now() - startMs).toBe(5_000);
  });

  it.each<[string, Interceptor]>([
    ['an internal failure', { after: once(() => new Error('answer lost')) }],
    ['a lost connection', { after: once(() => new ConnectionLost()) }],
    [
      'an error of AWS',
      { after: once(() => new AwsError('ServiceUnavailable', 'later', { statusCode: 503 })) },
    ],
  ])('loses an answer after the effect, as %s; the SDK then repeats the call', async (_name, interceptor) => {
    cloud.endpoint.intercept(interceptor);

    expect(await outcome(['a'])).toBe('answered');
    expect(effects).toEqual(['a', 'a']);
    expect(cloud.endpoint.calls.map(({ error }) => error !== undefined)).toEqual([true, false]);
    expect(cloud.faults).toEqual([]);
  });
});

describe('over HTTP', () => {
  let server: HttpServer;
  beforeEach(async () => {
    server = await startHttpServer(cloud.endpoint);
  });
  afterEach(() => server.close());

  it('a lost connection is a reset socket', async () => {
    cloud.endpoint.intercept({
      after: () => {
        throw new ConnectionLost();
      },
    });
    const remote = new ECSClient({ ...clientConfiguration(server.url, 'bob'), maxAttempts: 1 });

    await expect(remote.send(new DescribeServicesCommand({ services: ['a'] }))).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    expect(effects).toEqual(['a']);
  });
});

describe('retries in process', () => {
  it('repeat a throttled call twice, with jittered back-off on the virtual clock', async () => {
    const startMs = cloud.clock.now();
    const sent = client.send(new ListTasksCommand({})).catch((error: unknown) => error);
    await cloud.clock.run(() => cloud.endpoint.calls.length === 3, 60_000);

    expect(await sent).toMatchObject({ name: 'ThrottlingException', $metadata: { attempts: 3 } });
    expect(cloud.clock.now() - startMs).toBeGreaterThan(0);
    expect(cloud.clock.now() - startMs).toBeLessThanOrEqual(1_500);
    expect(cloud.endpoint.calls.map(({ error }) => error)).toEqual(Array(3).fill('ThrottlingException'));
  });
});
