/** TCP listeners of the proxy over real sockets: whole connections, whatever they carry. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataPlane, PlaneConfiguration } from '../../local/dataplane/data-plane.ts';
import { startLoad } from '../../local/load/index.ts';
import { freePort, planeConfiguration, startApp, startProxy, target, until, weights } from './processes.ts';

let proxy: Awaited<ReturnType<typeof startProxy>>;
let plane: DataPlane;
let port: number;
const servers: Speaker[] = [];
const clients: Socket[] = [];

beforeAll(async () => {
  proxy = await startProxy();
  plane = proxy.plane;
});
afterAll(() => proxy.close());
beforeEach(async () => {
  port = await freePort();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  for (const { server, sockets } of servers.splice(0)) {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
  await plane.remove('lb');
  await until(async () => (await plane.takeFlows()).every(({ activeFlows }) => activeFlows === 0));
});

interface Speaker {
  port: number;
  server: Server;
  sockets: Socket[];
}

/** A target that says its name, then repeats what it hears; it ends when its client has ended. */
async function speaker(name: string): Promise<Speaker> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.write(`${name}\n`);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const one = { port: (server.address() as { port: number }).port, server, sockets };
  servers.push(one);
  return one;
}

interface Client {
  socket: Socket;
  heard(): string;
  /** Why the connection is over: undefined while it is not, '' after an orderly end. */
  over(): string | undefined;
}

function call(): Client {
  const socket = connect({ host: '127.0.0.1', port });
  clients.push(socket);
  let text = '';
  let end: string | undefined;
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end = error.code;
  });
  socket.on('close', () => {
    end ??= '';
  });
  return { socket, heard: () => text, over: () => end };
}

/** Calls and waits until a target has said its name. */
async function connected(): Promise<Client> {
  const client = call();
  await until(() => client.heard().endsWith('\n'));
  return client;
}

const tcp = (...args: Parameters<typeof planeConfiguration>): PlaneConfiguration => {
  const configuration = planeConfiguration(...args);
  return {
    ...configuration,
    listeners: configuration.listeners.map((listener) => ({ ...listener, protocol: 'tcp' })),
  };
};

const flows = async () => (await plane.takeFlows()).find(({ loadBalancerArn }) => loadBalancerArn === 'lb');

describe('a connection', () => {
  it('is joined with one target both ways, until both have ended', async () => {
    const blue = await speaker('blue');
    await plane.apply(tcp(port, weights({ blue: 1 }), { blue: [target(blue)] }));
    const client = await connected();
    const large = 'x'.repeat(1_000_000);
    client.socket.end(large);
    await until(() => client.over() !== undefined);
    expect(client.over()).toBe('');
    expect(client.heard()).toBe(`blue\n${large}`);
    expect(await flows()).toMatchObject({
      newFlows: 1,
      activeFlows: 0,
      processedBytes: 2_000_005,
      resets: { client: 0, target: 0, elb: 0 },
    });
  });

  it('stays where it is when weights change, and new ones follow the new weights', async () => {
    const [blue, green] = [await speaker('blue'), await speaker('green')];
    const groups = { blue: [target(blue)], green: [target(green)] };
    await plane.apply(tcp(port, weights({ blue: 1, green: 0 }), groups));
    const former = await connected();
    await plane.apply(tcp(port, weights({ blue: 0, green: 1 }), groups));
    expect((await connected()).heard()).toBe('green\n');
    former.socket.write('still here');
    await until(() => former.heard() === 'blue\nstill here');
  });

  it('goes by weight', async () => {
    const [blue, green] = [await speaker('blue'), await speaker('green')];
    const groups = { blue: [target(blue)], green: [target(green)] };
    await plane.apply(tcp(port, weights({ blue: 75, green: 25 }), groups));
    const heard = await Promise.all(Array.from({ length: 200 }, async () => (await connected()).heard()));
    const share = heard.filter((name) => name === 'green\n').length / heard.length;
    expect(share).toBeGreaterThan(0.12);
    expect(share).toBeLessThan(0.38);
  });

  it('goes to a healthy target, not to a draining or an unhealthy one', async () => {
    const [healthy, draining, unhealthy] = [await speaker('1'), await speaker('2'), await speaker('3')];
    const targets = [target(draining, 'draining'), target(unhealthy, 'unhealthy'), target(healthy)];
    await plane.apply(tcp(port, weights({ g: 1 }), { g: targets }));
    for (let i = 0; i < 5; i += 1) expect((await connected()).heard()).toBe('1\n');
  });
});

describe('a connection is reset', () => {
  it('at once if its group has no target', async () => {
    await plane.apply(tcp(port, weights({ g: 1 }), { g: [] }));
    const client = call();
    await until(() => client.over() !== undefined);
    expect(client.over()).toBe('ECONNRESET');
    expect(await flows()).toMatchObject({ newFlows: 1, activeFlows: 0, resets: { elb: 1 } });
  });

  it('if its target refuses it or breaks it off', async () => {
    const blue = await speaker('blue');
    const groups = { g: [target({ port: await freePort() })] };
    await plane.apply(tcp(port, weights({ g: 1 }), groups));
    const refused = call();
    await until(() => refused.over() !== undefined);
    await plane.apply(tcp(port, weights({ g: 1 }), { g: [target(blue)] }));
    const broken = await connected();
    blue.sockets[0]?.resetAndDestroy();
    await until(() => broken.over() !== undefined);
    expect([refused.over(), broken.over()]).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect(await flows()).toMatchObject({ newFlows: 2, activeFlows: 0, resets: { target: 2, elb: 0 } });
  });

  it('for its target if its client breaks it off', async () => {
    const blue = await speaker('blue');
    await plane.apply(tcp(port, weights({ g: 1 }), { g: [target(blue)] }));
    const client = await connected();
    client.socket.resetAndDestroy();
    await until(() => blue.sockets[0]?.destroyed === true);
    expect(await flows()).toMatchObject({ activeFlows: 0, resets: { client: 1, target: 0 } });
  });

  it('when it has been idle for too long', async () => {
    const blue = await speaker('blue');
    await plane.apply({ ...tcp(port, weights({ g: 1 }), { g: [target(blue)] }), idleTimeoutSeconds: 0.3 });
    const client = await connected();
    await until(() => client.over() !== undefined);
    expect(client.over()).toBe('ECONNRESET');
  });

  it('when connections of its listener to its group are closed, and no other', async () => {
    const [blue, green] = [await speaker('blue'), await speaker('green')];
    const groups = { blue: [target(blue)], green: [target(green)] };
    await plane.apply(tcp(port, weights({ blue: 1, green: 0 }), groups));
    const toBlue = await connected();
    await plane.apply(tcp(port, weights({ blue: 0, green: 1 }), groups));
    const toGreen = await connected();
    await plane.closeConnections('another', 'blue');
    toBlue.socket.write('!');
    await until(() => toBlue.heard() === 'blue\n!');
    expect(await plane.inFlight(target(blue), 'blue')).toBe(1);
    await plane.closeConnections('listener', 'blue');
    await until(() => toBlue.over() !== undefined);
    expect(toBlue.over()).toBe('ECONNRESET');
    expect(await plane.inFlight(target(blue), 'blue')).toBe(0);
    toGreen.socket.write('!');
    await until(() => toGreen.heard() === 'green\n!');
  });
});

it('checks health by TCP without asking anything', async () => {
  const blue = await speaker('blue');
  const probe = (at: number) => plane.probe({ target: target({ port: at }), timeoutMs: 1000 });
  expect(await probe(blue.port)).toEqual({ connected: true });
  expect(await probe(await freePort())).toEqual({ reason: 'Target.FailedHealthChecks' });
});

it('loses no request of users who open a connection each while the traffic shifts', async () => {
  const [blue, green] = [await startApp('blue'), await startApp('green')];
  const groups = { blue: [target(blue)], green: [target(green)] };
  await plane.apply(tcp(port, weights({ blue: 1, green: 0 }), groups));
  const load = startLoad({ url: `http://127.0.0.1:${port}`, ratePerSecond: 200, connections: 'new' });
  await until(() => (load.snapshot().byVersion.blue ?? 0) > 50);
  await plane.apply(tcp(port, weights({ blue: 0, green: 1 }), groups));
  await until(async () => (await plane.inFlight(target(blue), 'blue')) === 0);
  await plane.closeConnections('listener', 'blue');
  await until(() => (load.snapshot().byVersion.green ?? 0) > 50);
  const totals = await load.stop();
  for (const app of [blue, green]) app.kill();
  expect(totals.failures).toEqual([]);
});
