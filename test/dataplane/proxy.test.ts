/** The proxy over real sockets: what a client sees while targets come, go, drain and die. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { weightsFor } from '../../lambdas/decisions/weights.ts';
import type { DataPlane } from '../../local/dataplane/data-plane.ts';
import {
  type App,
  freePort,
  get,
  planeConfiguration,
  startApp,
  startProxy,
  target,
  until,
  weights,
} from './processes.ts';

let proxy: Awaited<ReturnType<typeof startProxy>>;
let plane: DataPlane;
let port: number;
let apps: App[] = [];

beforeAll(async () => {
  proxy = await startProxy();
  plane = proxy.plane;
});
afterAll(() => proxy.close());
beforeEach(async () => {
  port = await freePort();
});
afterEach(async () => {
  await plane.remove('lb');
  await plane.takeMetrics();
  for (const app of apps) app.kill();
  apps = [];
});

async function app(...args: Parameters<typeof startApp>): Promise<App> {
  const started = await startApp(...args);
  apps.push(started);
  return started;
}

/** An application whose answers wait until they are released. */
async function slowApp(version: string) {
  const waiting: (() => void)[] = [];
  const slow = await app(version, (_request, response) => void waiting.push(() => response.end(version)));
  return { ...slow, waiting, release: () => waiting.splice(0).forEach((answer) => void answer()) };
}

describe('forwarding', () => {
  it.each([{ percent: 0.1 }, { percent: 10 }, { percent: 50 }])(
    'splits 10,000 requests at $percent % within binomial bounds',
    async ({ percent }) => {
      const [blue, green] = [await app('blue'), await app('green')];
      await plane.apply(
        planeConfiguration(port, weights(weightsFor(percent)), {
          blue: [target(blue)],
          green: [target(green)],
        }),
      );
      const sent = 10_000;
      let greenCount = 0;
      for (let i = 0; i < sent / 40; i += 1) {
        const answers = await Promise.all(Array.from({ length: 40 }, () => get(port)));
        greenCount += answers.filter(({ body }) => body === 'green').length;
      }
      // Five standard deviations: by chance alone it fails once in some million runs.
      const share = percent / 100;
      const deviation = Math.sqrt(sent * share * (1 - share));
      expect(Math.abs(greenCount - sent * share)).toBeLessThan(Math.max(5 * deviation, 10));
      expect(greenCount).toBeGreaterThan(0);
    },
  );

  it('passes method, path, body and end-to-end headers, and adds X-Forwarded ones', async () => {
    const echo = await app('v1', (request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () =>
        response.end(
          JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }),
        ),
      );
    });
    await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [target(echo)] }));
    const headers = {
      'X-Mine': 'yes',
      'X-Hop': 'no',
      Connection: 'x-hop',
      'X-Forwarded-For': '10.1.2.3',
      Host: 'shop.example',
    };
    const { body } = await get(port, { path: '/a?b=c', method: 'POST', headers, body: 'hello' });
    const seen = JSON.parse(body) as { headers: Record<string, string> };
    expect(seen).toMatchObject({ method: 'POST', url: '/a?b=c', body: 'hello' });
    expect(seen.headers).toMatchObject({
      'x-mine': 'yes',
      host: 'shop.example',
      'x-forwarded-for': '10.1.2.3, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': String(port),
    });
    expect(seen.headers).not.toHaveProperty('x-hop');
  });

  it('streams: the first bytes arrive before the target has finished', async () => {
    let finish = (): void => {};
    const streaming = await app('v1', (_request, response) => {
      response.write('first');
      finish = () => response.end('last');
    });
    await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [target(streaming)] }));
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    expect(Buffer.from(first?.value ?? []).toString()).toBe('first');
    finish();
    const last = await reader?.read();
    expect(Buffer.from(last?.value ?? []).toString()).toBe('last');
  });

  it('keeps an application’s own error and its server header', async () => {
    const failing = await app(
      'v1',
      (_request, response) => void response.writeHead(503, { server: 'mine' }).end(),
    );
    await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [target(failing)] }));
    expect(await get(port)).toMatchObject({
      statusCode: 503,
      headers: { server: 'mine', 'x-version': 'v1' },
    });
  });

  it('binds a client to its group by cookie, even after the weight has gone', async () => {
    const [blue, green] = [await app('blue'), await app('green')];
    const groups = { blue: [target(blue)], green: [target(green)] };
    await plane.apply(planeConfiguration(port, weights({ blue: 1, green: 0 }, 60), groups));
    const cookie = (await get(port)).headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    await plane.apply(planeConfiguration(port, weights({ blue: 0, green: 1 }, 60), groups));
    expect((await get(port, { headers: { cookie } })).body).toBe('blue');
    expect((await get(port)).body).toBe('green');
  });

  it('tunnels WebSockets', async () => {
    const sockets = await app('v1');
    sockets.server.on('upgrade', (request, socket) => {
      const accept = createHash('sha1')
        .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.on('data', (data: Buffer) => socket.write(data.toString().toUpperCase()));
    });
    await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [target(sockets)] }));
    const client = connect(port, '127.0.0.1');
    let received = '';
    client.on('data', (data) => {
      received += data;
    });
    client.write(
      'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await until(() => received.includes('\r\n\r\n'));
    expect(received).toMatch(/^HTTP\/1.1 101 [\s\S]*sec-websocket-accept: /i);
    expect(await plane.inFlight(target(sockets))).toBe(1);
    client.write('ping');
    await until(() => received.endsWith('PING'));
    client.destroy();
    await until(async () => (await plane.inFlight(target(sockets))) === 0);
  });
});

describe('the load balancer’s own answers', () => {
  const server = 'awselb/2.0';

  it('are 503 for a group without targets that has weight', async () => {
    await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [] }));
    expect(await get(port)).toMatchObject({ statusCode: 503, headers: { server } });
  });

  it('are 502 when the target refuses the connection', async () => {
    await plane.apply(
      planeConfiguration(port, weights({ g: 1 }), { g: [target({ port: await freePort() })] }),
    );
    expect(await get(port)).toMatchObject({ statusCode: 502, headers: { server } });
  });

  it('are 502 for a request whose target is killed before it answers', async () => {
    const dying = await slowApp('v1');
    await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [target(dying)] }));
    const answer = get(port);
    await until(() => dying.waiting.length === 1);
    dying.kill();
    expect(await answer).toMatchObject({ statusCode: 502, headers: { server } });
  });

  it('are 502 when the target speaks nonsense', async () => {
    const nonsense = await app('v1', (request) => void request.socket.end('what?\r\n\r\n'));
    await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [target(nonsense)] }));
    expect(await get(port)).toMatchObject({ statusCode: 502, headers: { server } });
  });

  it('are 504 when nothing comes within the idle time-out', async () => {
    const silent = await slowApp('v1');
    const configuration = planeConfiguration(port, weights({ g: 1 }), { g: [target(silent)] });
    await plane.apply({ ...configuration, idleTimeoutSeconds: 1 });
    expect(await get(port)).toMatchObject({ statusCode: 504, headers: { server } });
  });

  it('break off an answer whose target dies in the middle of it', async () => {
    const partial = await app('v1', (_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('only this', () => response.destroy());
    });
    await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [target(partial)] }));
    await expect(get(port)).rejects.toThrow('aborted');
  });

  it('are fixed responses and redirects as the rule says', async () => {
    await plane.apply(
      planeConfiguration(
        port,
        { type: 'fixed-response', statusCode: 418, contentType: 'text/plain', body: 'tea' },
        {},
      ),
    );
    expect(await get(port)).toMatchObject({
      statusCode: 418,
      body: 'tea',
      headers: { server, 'content-type': 'text/plain' },
    });
    await plane.apply(
      planeConfiguration(
        port,
        { type: 'redirect', statusCode: 302, location: 'https://#{host}/#{path}' },
        {},
      ),
    );
    expect(await get(port, { path: '/x' })).toMatchObject({
      statusCode: 302,
      headers: { location: 'https://127.0.0.1/x' },
    });
  });
});

describe('targets that leave', () => {
  it('get no new request while draining, and finish those in flight', async () => {
    const [old, young] = [await slowApp('old'), await app('young')];
    await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [target(old)] }));
    const inFlight = get(port);
    await until(() => old.waiting.length === 1);
    await plane.apply(
      planeConfiguration(port, weights({ g: 1 }), { g: [target(old, 'draining'), target(young)] }),
    );
    for (let i = 0; i < 10; i += 1) expect((await get(port)).body).toBe('young');
    expect(await plane.inFlight(target(old), 'g')).toBe(1);
    old.release();
    expect((await inFlight).body).toBe('old');
    await until(async () => (await plane.inFlight(target(old))) === 0);
  });

  it('lose their idle connections at once, and the busy one when it is done', async () => {
    const old = await slowApp('old');
    let open = 0;
    old.server.on('connection', (socket) => {
      open += 1;
      socket.on('close', () => {
        open -= 1;
      });
    });
    await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [target(old)] }));
    const [first, second] = [get(port), get(port)];
    await until(() => old.waiting.length === 2);
    old.waiting.shift()?.();
    await Promise.race([first, second]);
    await until(async () => (await plane.inFlight(target(old))) === 1);
    await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [target(old, 'draining')] }));
    await until(() => open === 1);
    old.release();
    await Promise.all([first, second]);
    await until(() => open === 0);
  });

  it('are cut at the end of the delay: 502 for what has no answer yet, through that group only', async () => {
    const old = await slowApp('old');
    await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [target(old)] }));
    const inFlight = get(port);
    await until(() => old.waiting.length === 1);
    await plane.cut(target(old), 'another');
    expect(await plane.inFlight(target(old))).toBe(1);
    await plane.cut(target(old), 'g');
    expect((await inFlight).statusCode).toBe(502);
  });
});

describe('fail-open', () => {
  it('sends requests to unhealthy targets when no other is there', async () => {
    const sick = await app('sick');
    await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [target(sick, 'unhealthy')] }));
    expect((await get(port)).body).toBe('sick');
  });
});

describe('configuration', () => {
  it('keeps requests in flight across a change, and moves the next ones', async () => {
    const [blue, green] = [await slowApp('blue'), await app('green')];
    const groups = { blue: [target(blue)], green: [target(green)] };
    await plane.apply(planeConfiguration(port, weights({ blue: 1 }), groups));
    const inFlight = get(port);
    await until(() => blue.waiting.length === 1);
    await plane.apply(planeConfiguration(port, weights({ green: 1 }), groups));
    expect((await get(port)).body).toBe('green');
    blue.release();
    expect((await inFlight).body).toBe('blue');
  });

  it('with a port that is taken changes nothing and says so', async () => {
    const v1 = await app('v1');
    const configuration = planeConfiguration(port, weights({ g: 1 }), { g: [target(v1)] });
    await plane.apply(configuration);
    const [listener] = configuration.listeners;
    const taken = { arn: 'second', port: v1.port, rules: listener?.rules ?? [] };
    await expect(
      plane.apply({ ...configuration, listeners: [...configuration.listeners, taken] }),
    ).rejects.toThrow('EADDRINUSE');
    expect((await get(port)).body).toBe('v1');
  });

  it('without a listener closes its port', async () => {
    const v1 = await app('v1');
    const configuration = planeConfiguration(port, weights({ g: 1 }), { g: [target(v1)] });
    await plane.apply(configuration);
    await plane.apply({ ...configuration, listeners: [] });
    await expect(get(port)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('probes', () => {
  it('give the status, or why there is none', async () => {
    const [sick, silent] = [
      await app('v1', (_request, response) => void response.writeHead(500).end()),
      await slowApp('v1'),
    ];
    const gone = { port: await freePort() };
    const probe = (to: { port: number }) =>
      plane.probe({ target: target(to), path: '/health', timeoutMs: 100 });
    expect(await probe(sick)).toEqual({ statusCode: 500 });
    expect(await probe(silent)).toEqual({ reason: 'Target.Timeout' });
    expect(await probe(gone)).toEqual({ reason: 'Target.FailedHealthChecks' });
  });
});

describe('a client that leaves in the middle', () => {
  const leave = {
    reset: (client: Socket) => client.resetAndDestroy(),
    end: (client: Socket) => client.destroy(),
  };
  const texts = {
    'of an upload': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf',
    'of an upgrade': 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'of waiting': 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  };
  it.each(Object.entries(texts))('%s is forgotten, and harms no other', async (_says, text) => {
    const slow = await slowApp('v1');
    slow.server.on('upgrade', () => {});
    await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [target(slow)] }));
    for (const by of [leave.reset, leave.end, leave.reset]) {
      const client = connect(port, '127.0.0.1');
      client.on('error', () => {});
      client.write(text);
      await until(async () => (await plane.inFlight(target(slow))) === 1);
      by(client);
      await until(async () => (await plane.inFlight(target(slow))) === 0);
    }
    const asked = slow.waiting.length;
    const answer = get(port, { method: 'POST', body: 'x'.repeat(100_000) });
    await until(() => slow.waiting.length > asked);
    slow.release();
    expect((await answer).body).toBe('v1');
  });

  it('after nonsense gets 400', async () => {
    await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [] }));
    const client = connect(port, '127.0.0.1', () => client.write('nonsense\r\n\r\n'));
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 400 /);
    client.destroy();
  });
});

it('counts what it carried, targets’ answers and its own apart', async () => {
  const v1 = await app(
    'v1',
    (request, response) => void response.writeHead(request.url === '/bad' ? 500 : 200).end(),
  );
  await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [target(v1)] }));
  for (const path of ['/', '/', '/bad']) await get(port, { path });
  await plane.apply(planeConfiguration(port, weights({ g: 1 }), { g: [] }));
  await get(port);
  const [metrics] = await plane.takeMetrics();
  expect(metrics).toMatchObject({
    targetGroupArn: 'g',
    requestCount: 3,
    targetResponses: { 2: 2, 5: 1 },
    elbResponses: { 503: 1 },
  });
  expect(metrics?.responseTimes).toHaveLength(3);
  expect(await plane.takeMetrics()).toEqual([]);
});

it('rejects calls, but no probe, once its process has ended', async () => {
  const { plane: short, close } = await startProxy();
  await close();
  await expect(short.takeMetrics()).rejects.toThrow('the proxy process has ended');
  expect(await short.probe({ target: target({ port }), path: '/', timeoutMs: 100 })).toEqual({
    reason: 'Elb.InternalError',
  });
});
