/** The HTTP server takes local programs only, bounds what it reads, and ends every socket when it closes. */
import { Agent, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpServer, startHttpServer } from '../../local/wire/http-server.ts';
import { clientConfiguration } from '../../local/wire/in-process-handler.ts';
import { signed, toyCloud } from './toy-cloud.ts';

const BODY = '{"services":["a"]}';
const agent = new Agent({ keepAlive: true });

let server: HttpServer;
beforeAll(async () => {
  server = await startHttpServer((await toyCloud()).endpoint);
});
afterAll(async () => {
  agent.destroy();
  await server.close();
});

function post(
  headers: Record<string, string>,
  body: string | Uint8Array,
  to = server,
): Promise<{ statusCode: number; text: string; headers: object }> {
  const all = {
    ...signed('ecs', {}).headers,
    'x-amz-target': 'AmazonEC2ContainerServiceV20141113.DescribeServices',
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port: to.port, method: 'POST', headers: all, agent },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          text += chunk;
        });
        incoming.on('end', () =>
          resolve({ statusCode: incoming.statusCode ?? 0, text, headers: incoming.headers }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

describe('who may call', () => {
  it.each(['localhost', '127.0.0.1:4566', 'LOCALHOST:1', '[::1]:80'])('host %s', async (host) => {
    expect((await post({ host }, BODY)).statusCode).toBe(200);
  });

  it.each(['evil.example', '127.0.0.1.evil.example', 'localhost.evil:80', '10.0.0.1', '0.0.0.0'])(
    'not host %s',
    async (host) => {
      expect(await post({ host }, BODY)).toMatchObject({
        statusCode: 403,
        text: expect.stringContaining('allowed are localhost'),
      });
    },
  );

  it('not a page in a browser', async () => {
    expect((await post({ origin: 'https://evil.example' }, BODY)).statusCode).toBe(403);
  });
});

describe('bodies', () => {
  it('may be compressed', async () => {
    const { text } = await post({ 'content-encoding': 'gzip' }, gzipSync(BODY));
    expect(JSON.parse(text).services).toHaveLength(1);
  });

  it('that claim to be compressed and are not, or grow beyond the bound, are refused', async () => {
    const gzip = { 'content-encoding': 'gzip' };
    expect(await post(gzip, BODY)).toMatchObject({
      statusCode: 400,
      text: expect.stringContaining('not gzip'),
    });
    expect(await post(gzip, gzipSync(Buffer.alloc(9 * 1024 * 1024)))).toMatchObject({
      statusCode: 400,
      text: expect.stringContaining('not gzip of at most'),
    });
  });

  it('may have 8 MiB, not more', async () => {
    const sized = (bytes: number): string => `{"services":["${'a'.repeat(bytes - 17)}"]}`;
    expect((await post({}, sized(8 * 1024 * 1024))).statusCode).toBe(200);
    expect((await post({}, sized(8 * 1024 * 1024 + 1))).statusCode).toBe(413);
  });
});

it('clients are configured for loopback only', () => {
  expect(clientConfiguration(server.url, 'a')).toMatchObject({ endpoint: server.url });
  expect(() => clientConfiguration('https://ecs.us-east-1.amazonaws.com', 'a')).toThrow(
    'allowed hosts are localhost',
  );
});

it('gives no date, by which clients would correct their clocks', async () => {
  expect((await post({}, BODY)).headers).not.toHaveProperty('date');
});

it('refuses a port that is taken', async () => {
  await expect(startHttpServer((await toyCloud()).endpoint, { port: server.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});

it('ends idle and busy connections when it closes', async () => {
  const { endpoint, clock } = await toyCloud();
  const own = await startHttpServer(endpoint);
  await post({}, BODY, own);
  endpoint.intercept({ before: () => clock.sleep(1) });
  const busy = post({}, BODY, own).catch((error: { code: string }) => error.code);
  while (endpoint.calls.length < 2) await new Promise((resolve) => setImmediate(resolve));

  await own.close();
  expect(await busy).toBe('ECONNRESET');
});
