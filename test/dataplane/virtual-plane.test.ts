/** The virtual data plane: the proxy's behaviour without sockets. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../../local/clock/virtual-clock.ts';
import { createVirtualPlane, type VirtualPlane } from '../../local/dataplane/virtual-plane.ts';
import { createRandom } from '../../local/random.ts';
import type { VirtualApp } from '../../local/tasks/virtual-apps.ts';
import { planeConfiguration, target, weights } from './processes.ts';

const PORT = 80;
const V1 = { port: 1000 };
let clock: VirtualClock;
let plane: VirtualPlane;
let apps: Map<number, VirtualApp>;

beforeEach(() => {
  clock = createVirtualClock();
  apps = new Map();
  plane = createVirtualPlane({
    clock,
    random: createRandom('plane'),
    apps: { at: (_host, port) => apps.get(port) },
  });
});

const answering = (durationMs: number, statusCode = 200): VirtualApp => ({
  listens: () => true,
  respond: ({ path }) => ({ statusCode, body: path, durationMs }),
});

/** Runs the clock until the promise is settled, and gives what it gave with the time that passed. */
async function timed<Result>(promise: Promise<Result>): Promise<{ result: Result; ms: number }> {
  const startMs = clock.now();
  let isSettled = false;
  const watched = promise.finally(() => {
    isSettled = true;
  });
  await clock.run(() => isSettled, 3_600_000);
  return { result: await watched, ms: clock.now() - startMs };
}

const send = () => timed(plane.request(PORT, { path: '/x' }));

it('passes the application’s answer after its duration', async () => {
  apps.set(1000, answering(250));
  await plane.apply(planeConfiguration(PORT, weights({ g: 1 }), { g: [target(V1)] }));
  expect(await send()).toMatchObject({
    ms: 250,
    result: { statusCode: 200, body: '/x', madeBy: 'target', targetGroupArn: 'g' },
  });
});

it('counts in flight while the duration runs, by group', async () => {
  apps.set(1000, answering(250));
  await plane.apply(planeConfiguration(PORT, weights({ g: 1 }), { g: [target(V1)] }));
  const sent = plane.request(PORT, { path: '/' });
  expect(await plane.inFlight(target(V1))).toBe(1);
  expect(await plane.inFlight(target(V1), 'another')).toBe(0);
  await timed(sent);
  expect(await plane.inFlight(target(V1))).toBe(0);
});

describe('the load balancer answers itself', () => {
  it('503 for an empty group, 502 for a refused connection', async () => {
    await plane.apply(planeConfiguration(PORT, weights({ g: 1 }), { g: [] }));
    expect((await send()).result).toMatchObject({ statusCode: 503, madeBy: 'elb', targetGroupArn: 'g' });
    await plane.apply(planeConfiguration(PORT, weights({ g: 1 }), { g: [target(V1)] }));
    expect((await send()).result).toMatchObject({ statusCode: 502, madeBy: 'elb' });
  });

  it('502 for a target that is replaced at its port in flight', async () => {
    apps.set(1000, answering(250));
    await plane.apply(planeConfiguration(PORT, weights({ g: 1 }), { g: [target(V1)] }));
    const sent = plane.request(PORT, { path: '/' });
    apps.set(1000, answering(250));
    expect((await timed(sent)).result).toMatchObject({ statusCode: 502, madeBy: 'elb' });
  });

  it('502 at once when it is cut, 504 at the idle time-out', async () => {
    apps.set(1000, answering(120_000));
    await plane.apply(planeConfiguration(PORT, weights({ g: 1 }), { g: [target(V1)] }));
    const sent = plane.request(PORT, { path: '/' });
    await plane.cut(target(V1), 'g');
    expect((await sent).statusCode).toBe(502);
    expect(await send()).toMatchObject({ ms: 60_000, result: { statusCode: 504 } });
  });
});

it('probes like a health check', async () => {
  const probe = () => timed(plane.probe({ target: target(V1), path: '/health', timeoutMs: 2_000 }));
  expect((await probe()).result).toEqual({ reason: 'Target.FailedHealthChecks' });
  apps.set(1000, answering(100, 503));
  expect(await probe()).toEqual({ ms: 100, result: { statusCode: 503 } });
  apps.set(1000, answering(5_000));
  expect(await probe()).toEqual({ ms: 2_000, result: { reason: 'Target.Timeout' } });
});

it('gives and honours stickiness cookies', async () => {
  apps.set(1000, answering(0));
  const groups = { blue: [target(V1)], green: [target(V1)] };
  await plane.apply(planeConfiguration(PORT, weights({ blue: 1, green: 0 }, 60), groups));
  const [cookie = ''] = (await send()).result.setCookies;
  await plane.apply(planeConfiguration(PORT, weights({ blue: 0, green: 1 }, 60), groups));
  const cookies = cookie.split(';')[0];
  expect((await plane.request(PORT, { path: '/', cookies })).targetGroupArn).toBe('blue');
});

it('draws the same for the same seed', async () => {
  apps.set(1000, answering(0));
  const draw = async (): Promise<(string | undefined)[]> => {
    const one = createVirtualPlane({
      clock,
      random: createRandom('same'),
      apps: { at: () => apps.get(1000) },
    });
    await one.apply(planeConfiguration(PORT, weights({ a: 1, b: 1 }), { a: [target(V1)], b: [target(V1)] }));
    const answers = await Promise.all(Array.from({ length: 50 }, () => one.request(PORT, { path: '/' })));
    return answers.map(({ targetGroupArn }) => targetGroupArn);
  };
  expect(await draw()).toEqual(await draw());
});
