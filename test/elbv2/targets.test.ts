/** The life of targets: first checks, thresholds, use, draining, and when the data plane hears of it. */
import { describe, expect, it } from 'vitest';
import { createShop, HOST } from './world.ts';

const HEALTHY_APP = { statusCode: 200, durationMs: 5 };
const target = (port: number) => ({ id: HOST, port });

async function shopWithTarget(app: { statusCode: number; durationMs: number } | undefined = HEALTHY_APP) {
  const shop = await createShop();
  if (app) shop.apps.set(1000, { ...app });
  shop.elbv2.targets.register(shop.blue, target(1000));
  return shop;
}

describe('a new target', () => {
  it('is registering, then waits for its first check, then is healthy after one pass', async () => {
    const { blue, stateOf, pass, until } = await shopWithTarget();
    expect(stateOf(blue, 1000)).toBe('initial Elb.RegistrationInProgress');
    await pass(0);
    expect(stateOf(blue, 1000)).toBe('initial Elb.InitialHealthChecking');
    expect(await until(() => stateOf(blue, 1000) === 'healthy', 10_005)).toBe(true);
  });

  it('is first probed at a random moment within the interval', async () => {
    const shop = await createShop();
    const starts: number[] = [];
    const begunMs = shop.clock.now();
    for (let port = 1000; port < 1040; port += 1) {
      shop.apps.set(port, { statusCode: 200, durationMs: 0 });
      shop.elbv2.targets.register(shop.blue, target(port));
    }
    shop.elbv2.targets.onChange((group, { port }) => {
      if (shop.stateOf(group, port) === 'healthy') starts.push(shop.clock.now() - begunMs);
    });
    await shop.until(() => starts.length === 40, 10_000);
    expect(starts).toHaveLength(40);
    expect(Math.min(...starts)).toBeLessThan(2_000);
    expect(Math.max(...starts)).toBeGreaterThan(8_000);
  });

  it('gets requests before its first pass only if no target is healthy (fail-open)', async () => {
    const { apps, elbv2, blue, pass, send, until, stateOf } = await shopWithTarget();
    await pass(0);
    const early = send(1);
    await pass(10);
    expect(await early).toEqual({ 1000: 1 });
    await until(() => stateOf(blue, 1000) === 'healthy');
    apps.set(1001, HEALTHY_APP);
    elbv2.targets.register(blue, target(1001));
    await pass(0);
    const later = send(10);
    await pass(10);
    expect(await later).toEqual({ 1000: 10 });
  });

  it('that never answers turns unhealthy at the unhealthy threshold, with the reason', async () => {
    const { blue, stateOf, until, clock } = await shopWithTarget({ statusCode: 500, durationMs: 1 });
    const begunMs = clock.now();
    expect(await until(() => stateOf(blue, 1000) === 'unhealthy Target.ResponseCodeMismatch', 21_000)).toBe(
      true,
    );
    expect(clock.now() - begunMs).toBeGreaterThan(10_000);
  });
});

describe('a target under checks', () => {
  it('names why: refused connections and time-outs', async () => {
    const gone = await shopWithTarget();
    gone.apps.delete(1000);
    expect(
      await gone.until(() => gone.stateOf(gone.blue, 1000) === 'unhealthy Target.FailedHealthChecks', 21_000),
    ).toBe(true);
    const slow = await shopWithTarget({ statusCode: 200, durationMs: 60_000 });
    expect(await slow.until(() => slow.stateOf(slow.blue, 1000) === 'unhealthy Target.Timeout', 60_000)).toBe(
      true,
    );
  });

  it('needs the healthy threshold to recover, and one failure does not make it unhealthy', async () => {
    const { apps, blue, stateOf, until, clock, pass } = await shopWithTarget();
    await until(() => stateOf(blue, 1000) === 'healthy');
    apps.set(1000, { statusCode: 500, durationMs: 0 });
    await pass(10_001);
    expect(stateOf(blue, 1000)).toBe('healthy');
    await pass(10_000);
    expect(stateOf(blue, 1000)).toBe('unhealthy Target.ResponseCodeMismatch');
    apps.set(1000, { statusCode: 200, durationMs: 0 });
    const begunMs = clock.now();
    await until(() => stateOf(blue, 1000) === 'healthy');
    expect(clock.now() - begunMs).toBeGreaterThan(40_000);
  });

  it('is judged by the matcher, and by changed settings from the next probe on', async () => {
    const { blue, call, stateOf, until, pass } = await shopWithTarget({ statusCode: 204, durationMs: 0 });
    await until(() => stateOf(blue, 1000).startsWith('unhealthy'));
    await call('ModifyTargetGroup', {
      TargetGroupArn: blue,
      Matcher: { HttpCode: '200-299' },
      HealthyThresholdCount: 2,
    });
    await pass(20_001);
    expect(stateOf(blue, 1000)).toBe('healthy');
  });
});

describe('a target of a group on no rule', () => {
  it('is unused and not probed until the group is on a rule, if only with weight 0', async () => {
    const { apps, elbv2, blue, green, stateOf, pass, until, planeCalls, shift } = await createShop();
    apps.set(2000, HEALTHY_APP);
    elbv2.targets.register(green, target(2000));
    await pass(60_000);
    expect(stateOf(green, 2000)).toBe('unused Target.NotInUse');
    expect(planeCalls.get('probe')).toBeUndefined();
    await shift({ [blue]: 1, [green]: 0 });
    expect(stateOf(green, 2000)).toMatch(/^initial/);
    expect(await until(() => stateOf(green, 2000) === 'healthy', 11_000)).toBe(true);
  });

  it('is unused again only after the rule without it has taken effect', async () => {
    const { apps, elbv2, blue, green, stateOf, pass, until, shift } = await createShop();
    apps.set(2000, HEALTHY_APP);
    elbv2.targets.register(green, target(2000));
    await shift({ [blue]: 0, [green]: 1 });
    await until(() => stateOf(green, 2000) === 'healthy');
    await shift({ [blue]: 1 });
    await pass(999);
    expect(stateOf(green, 2000)).toBe('healthy');
    await pass(1);
    expect(stateOf(green, 2000)).toBe('unused Target.NotInUse');
  });
});

describe('a deregistered target', () => {
  async function healthyShop(options?: Parameters<typeof createShop>[0]) {
    const shop = await createShop(options);
    shop.apps.set(1000, { statusCode: 200, durationMs: 30_000 });
    await shop.call('ModifyTargetGroup', {
      TargetGroupArn: shop.blue,
      HealthCheckIntervalSeconds: 100,
      HealthCheckTimeoutSeconds: 60,
    });
    shop.elbv2.targets.register(shop.blue, target(1000));
    await shop.until(() => shop.stateOf(shop.blue, 1000) === 'healthy');
    return shop;
  }

  it('shows draining for the whole delay, though nothing is in flight, and is then not registered', async () => {
    const { call, elbv2, blue, stateOf, pass } = await healthyShop();
    elbv2.targets.deregister(blue, target(1000));
    await pass(299_999);
    expect(stateOf(blue, 1000)).toBe('draining Target.DeregistrationInProgress');
    expect(
      (await call('DescribeTargetHealth', { TargetGroupArn: blue })).TargetHealthDescriptions,
    ).toHaveLength(1);
    await pass(1);
    expect(stateOf(blue, 1000)).toBe('unused Target.NotRegistered');
    expect((await call('DescribeTargetHealth', { TargetGroupArn: blue })).TargetHealthDescriptions).toEqual(
      [],
    );
  });

  it('is unused as soon as its last request is done, where that is asked for', async () => {
    const { send, elbv2, blue, stateOf, pass } = await healthyShop({ unusedWhenIdle: true });
    const inFlight = send(1);
    elbv2.targets.deregister(blue, target(1000));
    await pass(29_000);
    expect(stateOf(blue, 1000)).toMatch(/^draining/);
    await pass(2_000);
    expect(stateOf(blue, 1000)).toMatch(/^unused/);
    expect(await inFlight).toEqual({ 1000: 1 });
  });

  it('gets no new request at once; those in flight finish', async () => {
    const { call, send, blue, pass } = await healthyShop();
    const inFlight = send(3);
    await call('DeregisterTargets', { TargetGroupArn: blue, Targets: [{ Id: HOST, Port: 1000 }] });
    expect(await send(2)).toEqual({ 503: 2 });
    await pass(30_000);
    expect(await inFlight).toEqual({ 1000: 3 });
  });

  it('loses what is still in flight when the delay is over', async () => {
    const { call, send, blue, pass, elbv2 } = await healthyShop();
    const delay = { Key: 'deregistration_delay.timeout_seconds', Value: '10' };
    await call('ModifyTargetGroupAttributes', { TargetGroupArn: blue, Attributes: [delay] });
    const inFlight = send(2);
    elbv2.targets.deregister(blue, target(1000));
    await pass(10_000);
    expect(await inFlight).toEqual({ 502: 2 });
  });

  it('can be registered again while it drains, and starts anew', async () => {
    const { elbv2, blue, stateOf, pass } = await healthyShop();
    elbv2.targets.deregister(blue, target(1000));
    await pass(1_000);
    elbv2.targets.register(blue, target(1000));
    expect(stateOf(blue, 1000)).toMatch(/^initial/);
    await pass(400_000);
    expect(stateOf(blue, 1000)).toBe('healthy');
  });

  it('is answered for when the data plane knows, and registering lasts as long', async () => {
    const { call, elbv2, blue, stateOf, pass, until, clock, apps } = await createShop({ applyMs: 300 });
    apps.set(1000, HEALTHY_APP);
    elbv2.targets.register(blue, target(1000));
    await pass(299);
    expect(stateOf(blue, 1000)).toBe('initial Elb.RegistrationInProgress');
    await pass(1);
    expect(stateOf(blue, 1000)).toBe('initial Elb.InitialHealthChecking');
    await until(() => stateOf(blue, 1000) === 'healthy');
    await pass(1_000);
    let answeredMs = 0;
    const startMs = clock.now();
    const answer = call('DeregisterTargets', { TargetGroupArn: blue, Targets: [{ Id: HOST, Port: 1000 }] });
    void answer.then(() => {
      answeredMs = clock.now() - startMs;
    });
    await until(() => answeredMs > 0, 1_000);
    expect(answeredMs).toBe(300);
  });

  it('that was never registered is no error', async () => {
    const { call, blue } = await createShop();
    await call('DeregisterTargets', { TargetGroupArn: blue, Targets: [{ Id: HOST, Port: 9 }] });
    const { TargetHealthDescriptions } = await call('DescribeTargetHealth', {
      TargetGroupArn: blue,
      Targets: [{ Id: HOST, Port: 9 }],
    });
    expect(TargetHealthDescriptions?.[0]?.TargetHealth).toMatchObject({
      State: 'unused',
      Reason: 'Target.NotRegistered',
    });
  });
});

describe('the data plane', () => {
  it('hears of many changes of one moment in one write', async () => {
    const { elbv2, blue, pass, planeCalls } = await createShop();
    await pass(0);
    const before = planeCalls.get('apply') ?? 0;
    for (let port = 1000; port < 1020; port += 1) elbv2.targets.register(blue, target(port));
    await pass(0);
    expect((planeCalls.get('apply') ?? 0) - before).toBeLessThanOrEqual(2);
  });

  it('serves by the old rule until a write has propagated', async () => {
    const { apps, elbv2, blue, green, pass, send, shift, stateOf, until } = await createShop();
    for (const [group, port] of [
      [blue, 1000],
      [green, 2000],
    ] as const) {
      apps.set(port, { statusCode: 200, durationMs: 0 });
      elbv2.targets.register(group, target(port));
    }
    await shift({ [blue]: 1, [green]: 0 });
    await until(() => stateOf(blue, 1000) === 'healthy' && stateOf(green, 2000) === 'healthy');
    await shift({ [blue]: 0, [green]: 1 });
    await pass(999);
    expect(await send(20)).toEqual({ 1000: 20 });
    await pass(1);
    expect(await send(20)).toEqual({ 2000: 20 });
  });

  it('gets two quick writes in their order', async () => {
    const { blue, green, lb, pass, shift, plane } = await createShop();
    const weightsNow = () => plane.configurations.get(lb)?.listeners[0]?.rules[0]?.action;
    await shift({ [blue]: 1, [green]: 0 });
    await pass(500);
    await shift({ [blue]: 0, [green]: 1 });
    await pass(500);
    expect(weightsNow()).toMatchObject({
      targetGroups: [
        { arn: blue, weight: 1 },
        { arn: green, weight: 0 },
      ],
    });
    await pass(500);
    expect(weightsNow()).toMatchObject({
      targetGroups: [
        { arn: blue, weight: 0 },
        { arn: green, weight: 1 },
      ],
    });
  });
});

it('tells its listeners of each change, and no more once they left', async () => {
  const { elbv2, blue, stateOf, until, pass, faults } = await shopWithTarget();
  const seen: string[] = [];
  const leave = elbv2.targets.onChange((group, { port }) => void seen.push(stateOf(group, port)));
  await until(() => stateOf(blue, 1000) === 'healthy');
  leave();
  elbv2.targets.deregister(blue, target(1000));
  await pass(0);
  expect(seen).toEqual(['initial Elb.InitialHealthChecking', 'healthy']);
  expect(faults).toEqual([]);
});

it('publishes traffic and host counts by load balancer and by target group', async () => {
  const { apps, blue, metrics, pass, send, stateOf, until } = await shopWithTarget({
    statusCode: 200,
    durationMs: 0,
  });
  await until(() => stateOf(blue, 1000) === 'healthy');
  metrics.clear();
  await send(3);
  apps.set(1000, { statusCode: 500, durationMs: 0 });
  await send(2);
  apps.delete(1000);
  await send(1);
  await pass(10_000);
  const sum = (key: string) =>
    (metrics.get(`AWS/ApplicationELB ${key}`) ?? []).reduce((total, value) => total + value, 0);
  for (const dimensions of ['LoadBalancer', 'TargetGroup LoadBalancer']) {
    expect(sum(`RequestCount ${dimensions}`)).toBe(6);
    expect(sum(`HTTPCode_Target_2XX_Count ${dimensions}`)).toBe(3);
    expect(sum(`HTTPCode_Target_5XX_Count ${dimensions}`)).toBe(2);
    expect(metrics.get(`AWS/ApplicationELB TargetResponseTime ${dimensions}`)).toHaveLength(5);
  }
  expect(sum('HTTPCode_ELB_5XX_Count LoadBalancer')).toBe(1);
  expect(sum('HTTPCode_ELB_502_Count LoadBalancer')).toBe(1);
  expect(metrics.get('AWS/ApplicationELB HealthyHostCount TargetGroup LoadBalancer')?.[0]).toBe(1);
});
