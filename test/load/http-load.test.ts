/** The load generator against real applications and a real load balancer: it must see every failure, and no other. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createScaledClock } from '../../local/clock/scaled-clock.ts';
import { createElbv2, type Elbv2Simulator } from '../../local/elbv2/index.ts';
import { type LoadRun, startLoad } from '../../local/load/index.ts';
import type { Platform } from '../../local/platform.ts';
import { createRandom } from '../../local/random.ts';
import { type App, freePort, startApp, startProxy, until } from '../dataplane/processes.ts';

const CALL = { caller: 'test', requestId: 'request' };
const RATE = 200;

let cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  cleanUps = [];
});

async function app(...args: Parameters<typeof startApp>): Promise<App> {
  const started = await startApp(...args);
  cleanUps.push(started.kill);
  return started;
}

function load(port: number, over: Partial<Parameters<typeof startLoad>[0]> = {}): LoadRun {
  const run = startLoad({
    url: `http://127.0.0.1:${port}`,
    ratePerSecond: RATE,
    maxSeconds: 30,
    timeoutMs: 2_000,
    ...over,
  });
  cleanUps.push(() => run.stop());
  return run;
}

const sentSince = async (run: LoadRun, count: number): Promise<void> => {
  const before = run.snapshot().sent;
  await until(() => run.snapshot().sent >= before + count);
};

describe('the generator', () => {
  it('sends at its rate however slow the answers are, and waits for them all', async () => {
    const waiting: (() => void)[] = [];
    const slow = await app('v1', (_request, response) => void waiting.push(() => response.end()));
    const run = load(slow.port);
    await sentSince(run, 100);
    expect(run.snapshot().outstanding).toBeGreaterThanOrEqual(100);
    const stopped = run.stop();
    await until(() => waiting.length === run.snapshot().sent);
    for (const answer of waiting) answer();
    const { sent } = run.snapshot();
    expect(await stopped).toMatchObject({ sent, outstanding: 0, failed: 0, byVersion: { v1: sent } });
  });

  it('ends by itself at its limit', async () => {
    const v1 = await app('v1');
    const run = load(v1.port, { maxSeconds: 0.1 });
    await until(() => run.snapshot().byVersion.v1 === RATE * 0.1);
    expect((await run.stop()).sent).toBe(RATE * 0.1);
  });

  it('counts an application’s own 5xx apart, as answers of its version', async () => {
    const failing = await app('v2', (_request, response) => void response.writeHead(503).end());
    const run = load(failing.port);
    await sentSince(run, 20);
    const { sent, failed, failedByApplication, byVersion, failures } = await run.stop();
    expect({ failed, failedByApplication, byVersion }).toEqual({
      failed: 0,
      failedByApplication: sent,
      byVersion: { v2: sent },
    });
    expect(failures[0]).toMatchObject({ by: 'application', reason: '503 from version v2' });
    expect(failures.length).toBeLessThanOrEqual(20);
  });

  it('counts time-outs, refused connections and broken answers as failed', async () => {
    const silent = await app('v1', () => {});
    const broken = await app('v1', (_request, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('half', () => response.destroy());
    });
    const reasons: string[] = [];
    for (const port of [silent.port, broken.port, await freePort()]) {
      const run = load(port, { timeoutMs: 50, maxSeconds: 0.05 });
      await sentSince(run, RATE * 0.05 - run.snapshot().sent);
      const { sent, failed, failures } = await run.stop();
      expect(failed).toBe(sent);
      reasons.push(failures[0]?.reason ?? '');
    }
    expect(reasons).toEqual([
      'no answer within 50 ms',
      expect.stringMatching(/broke off|aborted|hang up/),
      expect.stringContaining('ECONNREFUSED'),
    ]);
  });
});

describe('a deployment by hand, under load', () => {
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  beforeAll(async () => {
    proxy = await startProxy();
  });
  afterAll(() => proxy.close());

  it('loses nothing when the weight moves before the old target drains', async () => {
    const { run, blue, green, old, shift, elbv2, until: eventually } = await world();
    await sentSince(run, 50);
    await shift({ [blue]: 50, [green]: 50 });
    await until(() => (run.snapshot().byVersion.v2 ?? 0) > 20);
    await shift({ [blue]: 0, [green]: 100 });
    await stops(run, 'v1');
    elbv2.targets.deregister(blue, { id: '127.0.0.1', port: old.port });
    await eventually(blue, old, 'unused');
    old.kill();
    await sentSince(run, 50);
    const totals = await run.stop();
    expect(totals).toMatchObject({ failed: 0, failedByApplication: 0, failures: [], outstanding: 0 });
    expect(totals.byVersion).toEqual({ v1: expect.any(Number), v2: expect.any(Number) });
  });

  it('is seen to fail when the old target is killed before it is deregistered', async () => {
    const { run, old } = await world();
    await sentSince(run, 50);
    old.kill();
    await until(() => run.snapshot().failed > 0);
    const { failures, failedByApplication } = await run.stop();
    expect(failures[0]).toMatchObject({ by: 'load balancer', reason: '502 from the load balancer' });
    expect(failedByApplication).toBe(0);
  });

  it('is seen to fail when the weight moves to a group without targets', async () => {
    const { run, blue, green, shift, elbv2, young } = await world();
    elbv2.targets.deregister(green, { id: '127.0.0.1', port: young.port });
    await shift({ [blue]: 0, [green]: 100 });
    await until(() => run.snapshot().failed > 0);
    expect((await run.stop()).failures[0]?.reason).toBe('503 from the load balancer');
  });

  /** v1 serves under load in one group; v2 is healthy in another at weight 0. */
  async function world() {
    const [old, young] = [await app('v1'), await app('v2')];
    const faults: unknown[] = [];
    const platform: Platform = {
      clock: createScaledClock({ factor: 10 }),
      random: createRandom('load'),
      latencies: { eventMs: 0, propagationMs: 1_000, schedulerMs: 0, taskProvisioningMs: 0 },
      emit: () => {},
      fault: (error) => faults.push(error),
    };
    const elbv2 = createElbv2(platform, { plane: proxy.plane, metrics: { record: () => {} } });
    const balancer = await createBalancer(elbv2, { old, young });
    cleanUps.push(() => expect(faults).toEqual([]));
    const eventually = (group: string, { port }: App, state: string) =>
      until(() => elbv2.targets.healthOf(group, { id: '127.0.0.1', port }).state === state);
    await eventually(balancer.blue, old, 'healthy');
    await eventually(balancer.green, young, 'healthy');
    return { ...balancer, elbv2, old, young, run: load(balancer.port), until: eventually };
  }

  async function createBalancer(elbv2: Elbv2Simulator, { old, young }: { old: App; young: App }) {
    const { operations } = elbv2;
    const made = await operations.CreateLoadBalancer?.({ Name: 'web' }, CALL);
    const LoadBalancerArn = made?.LoadBalancers?.[0]?.LoadBalancerArn;
    const makeGroup = async (Name: string, { port }: App): Promise<string> => {
      const input = {
        Name,
        Protocol: 'HTTP',
        Port: 80,
        TargetType: 'ip',
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
      } as const;
      const arn =
        (await operations.CreateTargetGroup?.(input, CALL))?.TargetGroups?.[0]?.TargetGroupArn ?? '';
      const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '5' }];
      await operations.ModifyTargetGroupAttributes?.({ TargetGroupArn: arn, Attributes }, CALL);
      elbv2.targets.register(arn, { id: '127.0.0.1', port });
      return arn;
    };
    const [blue, green] = [await makeGroup('blue', old), await makeGroup('green', young)];
    const actions = (weights: Record<string, number>) => {
      const TargetGroups = Object.entries(weights).map(([TargetGroupArn, Weight]) => ({
        TargetGroupArn,
        Weight,
      }));
      return [{ Type: 'forward' as const, ForwardConfig: { TargetGroups } }];
    };
    const port = await freePort();
    const DefaultActions = actions({ [blue]: 1, [green]: 0 });
    const listener = await operations.CreateListener?.(
      { LoadBalancerArn, Protocol: 'HTTP', Port: port, DefaultActions },
      CALL,
    );
    const ListenerArn = listener?.Listeners?.[0]?.ListenerArn;
    cleanUps.push(async () => {
      await proxy.plane.remove(LoadBalancerArn ?? '');
      elbv2.close();
    });
    const shift = (weights: Record<string, number>) =>
      operations.ModifyListener?.({ ListenerArn, DefaultActions: actions(weights) }, CALL);
    return { blue, green, port, shift };
  }
});

/** Until a version has answered nothing more during 50 further requests. */
async function stops(run: LoadRun, version: string): Promise<void> {
  await until(async () => {
    const before = run.snapshot().byVersion[version];
    await sentSince(run, 50);
    return run.snapshot().byVersion[version] === before;
  });
}
