/** The virtual load: the same counts as the real one, on a clock that jumps. */
import { expect, it } from 'vitest';
import { startVirtualLoad } from '../../local/load/index.ts';
import { createShop, HOST, LISTENER_PORT } from '../elbv2/world.ts';

async function servingShop() {
  const shop = await createShop();
  const { apps, elbv2, blue, until, stateOf } = shop;
  apps.set(1000, { statusCode: 200, durationMs: 20 });
  elbv2.targets.register(blue, { id: HOST, port: 1000 });
  await until(() => stateOf(blue, 1000) === 'healthy');
  const start = (ratePerSecond = 10) =>
    startVirtualLoad({
      clock: shop.clock,
      plane: shop.plane,
      listenerPort: LISTENER_PORT,
      ratePerSecond,
      maxSeconds: 60,
      timeoutMs: 1_000,
    });
  return { ...shop, start };
}

it('sends at fixed times, counts by version, and knows the latency', async () => {
  const { start, pass } = await servingShop();
  const run = start();
  await pass(61_000);
  expect(await run.stop()).toMatchObject({
    sent: 600,
    outstanding: 0,
    byVersion: { 1000: 600 },
    failed: 0,
    latencyMs: { p50: 20, max: 20 },
  });
});

it('tells the load balancer’s failures from the application’s, and from time-outs', async () => {
  const { start, pass, apps } = await servingShop();
  apps.set(1000, { statusCode: 500, durationMs: 20 });
  const run = start();
  await pass(990);
  apps.delete(1000);
  await pass(1_000);
  apps.set(1000, { statusCode: 200, durationMs: 5_000 });
  await pass(2_000);
  const { failed, failedByApplication, failures } = run.snapshot();
  expect(failedByApplication).toBe(10);
  expect(failed).toBe(20);
  expect(new Set(failures.map(({ by }) => by))).toEqual(
    new Set(['application', 'load balancer', 'connection']),
  );
});

it('fails a request whose target dies while it is in flight', async () => {
  const { start, pass, apps } = await servingShop();
  apps.set(1000, { statusCode: 200, durationMs: 500 });
  const run = start(1);
  await pass(100);
  apps.delete(1000);
  await pass(500);
  expect(run.snapshot()).toMatchObject({
    sent: 1,
    failed: 1,
    failures: [{ by: 'load balancer', reason: '502 from the load balancer' }],
  });
});

it('refuses a load without bound', async () => {
  const { clock, plane } = await servingShop();
  const start = (over: object) =>
    startVirtualLoad({ clock, plane, listenerPort: 1, ratePerSecond: 1, ...over });
  expect(() => start({ maxSeconds: Number.POSITIVE_INFINITY })).toThrow(RangeError);
  expect(() => start({ ratePerSecond: 0 })).toThrow(RangeError);
});
