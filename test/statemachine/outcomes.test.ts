/** How deployments end: each outcome by its own way through the machine, with a reason that a person can act on. */
import { afterEach, describe, expect, it } from 'vitest';
import { startVirtualLoad } from '../../local/load/index.ts';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

const load = (ratePerSecond = 20) =>
  startVirtualLoad({
    clock: bed.cloud.clock,
    plane: bed.cloud.plane,
    listenerPort: 8080,
    ratePerSecond,
    maxSeconds: 3_600,
  });

/** Blue has everything, green is gone, nothing is left in the table that should not be. */
async function expectBlueServes(): Promise<void> {
  const [blue, green] = await bed.sides();
  expect(blue).toMatchObject({ percent: 100, healthyCount: 2, desiredCount: 2 });
  expect(green).toMatchObject({ percent: 0, runningCount: 0, desiredCount: 0 });
  expect(await bed.items('locks')).toEqual([]);
  expect(await bed.items('waits')).toEqual([]);
}

describe('a new version that is not good', () => {
  it('is stopped when it never becomes healthy, and its reason names the failing checks', async () => {
    bed = await makeBed();
    const run = load();
    await bed.push('v2', { HEALTH_STATUS: '503' });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ status: 'FAILED', error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(/TasksKeepFailing: \d tasks of orders-b failed.*health checks/);
    await expectBlueServes();
    expect(await run.stop()).toMatchObject({ failed: 0, failedByApplication: 0 });
  });

  it('is stopped when its process exits, and its reason has exit code and last log lines', async () => {
    bed = await makeBed();
    await bed.push('v2', { EXIT_CODE: '3', EXIT_AFTER_MS: '50' });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ status: 'FAILED', error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(/exited with code 3/);
    expect(execution?.cause).toMatch(/last log lines: .*FATAL/);
    await expectBlueServes();
  });

  it('loses the traffic at once when an alarm fires in the bake', async () => {
    bed = await makeBed({ seed: 'alarm' });
    const run = load();
    await bed.push('v2', { REQUEST_STATUS: '500', REQUEST_FAILURE_RATE: '0.5' });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ status: 'FAILED', error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(/AlarmFired: alarm orders-5xx is in ALARM/);
    await expectBlueServes();
    const totals = await run.stop();
    expect(totals.failed).toBe(0);
    expect(totals.failedByApplication).toBeGreaterThan(0);
  });

  it('is not tried again by automation, only by a person', async () => {
    bed = await makeBed();
    const { digest } = await bed.push('v2', { EXIT_CODE: '3', EXIT_AFTER_MS: '50' });
    await bed.untilEnded();

    await bed.push('v2-again', { VERSION: 'v2', EXIT_CODE: '3', EXIT_AFTER_MS: '50' });
    const [, second] = await bed.untilEnded(2);
    expect(second).toMatchObject({
      output: { outcome: 'NOTHING_TO_DEPLOY', reason: expect.stringContaining('only a person') },
    });

    await bed.start({ service: 'orders', digest });
    const [, , third] = await bed.untilEnded(3);
    expect(third).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
  });
});

describe('a first deployment', () => {
  it('starts the service although there is no blue to take over from', async () => {
    bed = await makeBed({ world: { blueCount: 0 } });
    await bed.push('v2');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
    const [, green] = await bed.sides();
    expect(green).toMatchObject({ percent: 100, healthyCount: 1 });
    expect(await bed.deployments()).toMatchObject([{ blueServes: false }]);
  });

  it('ends as a rollback when it is not good, and leaves the weights as they were', async () => {
    bed = await makeBed({ world: { blueCount: 0 } });
    await bed.push('v2', { HEALTH_STATUS: '500' });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    const [blue, green] = await bed.sides();
    expect(blue.percent).toBe(100);
    expect(green).toMatchObject({ percent: 0, runningCount: 0 });
  });

  it('never takes traffic from the only side that can serve: a person decides', async () => {
    bed = await makeBed({ world: { blueCount: 0 } });
    const run = load();
    await bed.push('v2', { REQUEST_STATUS: '500', REQUEST_FAILURE_RATE: '0.5' });

    const [execution] = await bed.untilEnded();
    await run.stop();

    expect(execution).toMatchObject({ error: 'ROLLBACK_FAILED' });
    expect(execution?.cause).toMatch(/NothingToRollBackTo.*start the machine with \{"recover"/);
    const [, green] = await bed.sides();
    expect(green).toMatchObject({ percent: 100, healthyCount: 1 });
    expect(await bed.items('locks')).toMatchObject([
      { heldBecause: expect.stringContaining('NothingToRollBackTo') },
    ]);
  });
});

describe('time', () => {
  it('passes through an hour of bake in which nothing polls', async () => {
    bed = await makeBed({ configuration: { bakeSeconds: 3_600 } });
    await bed.push('v2');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
    const [deployment] = await bed.deployments();
    const { Bake, JudgeBake } = deployment?.stages ?? {};
    expect((JudgeBake?.intendedAtMs ?? 0) - (Bake?.intendedAtMs ?? 0)).toBeGreaterThanOrEqual(3_599_000);
    const states = await bed.statesOf(execution?.executionArn ?? '');
    expect(states.length).toBeLessThanOrEqual(24);
  });

  it('ends a wait for a version that boots too slowly with what was missing', async () => {
    bed = await makeBed({
      configuration: { steadyStateTimeoutSeconds: 60 },
      world: { healthCheckGracePeriodSeconds: 900 },
    });
    await bed.push('v2', { BOOT_MS: '600000' });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(/SteadyStateTimedOut: not steady within 60 s: orders-b/);
    await expectBlueServes();
  });

  it('ends DRAIN_FAILED when blue does not stop in time: green serves, and nothing is rolled back', async () => {
    bed = await makeBed({
      configuration: { drainTimeoutSeconds: 20 },
      world: { deregistrationDelaySeconds: 300 },
    });
    await bed.push('v2');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'DRAIN_FAILED' });
    const [, green] = await bed.sides();
    expect(green).toMatchObject({ percent: 100, healthyCount: 2 });
    expect(await bed.items('locks')).toEqual([]);
  });
});

describe('an alarm that fires when a deployment starts', () => {
  it('refuses what a person starts, unless it is the repair', async () => {
    bed = await makeBed({ world: { blueEnvironment: { REQUEST_STATUS: '500' } } });
    await bed.push('latest');
    const run = load();
    await bed.pass(30);
    await bed.start({ service: 'orders', tag: 'latest' });
    const [refused] = await bed.untilEnded();
    expect(refused).toMatchObject({
      status: 'FAILED',
      error: 'REFUSED',
      cause: expect.stringContaining('AlarmAlreadyFiring'),
    });

    await bed.start({ service: 'orders', tag: 'latest', despite: 'it is the repair' });
    await bed.untilState('WaitForSteadyState');
    await run.stop();
    const [, repaired] = await bed.untilEnded(2);
    expect(repaired).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
  });

  it('lets a push wait until it is quiet again, and then deploys it', async () => {
    bed = await makeBed({ world: { blueEnvironment: { REQUEST_STATUS: '500' } } });
    const run = load();
    await bed.pass(30);
    await bed.push('v2');
    const [waits] = await bed.untilEnded();
    expect(waits).toMatchObject({ output: { queued: true, reason: expect.stringContaining('orders-5xx') } });

    await bed.pass(150);
    await run.stop();
    await bed.until(
      async () => (await bed.deployments()).some(({ outcome }) => outcome === 'SUCCESSFUL'),
      'v2',
    );
    expect(await bed.items('waiting')).toEqual([]);
    expect((await bed.sides())[1]).toMatchObject({ percent: 100, healthyCount: 2 });
  });

  it('does not throw away the fix that waits while the bad version rolls back', async () => {
    bed = await makeBed({ seed: 'fix' });
    const run = load();
    await bed.push('v2', { REQUEST_STATUS: '500', REQUEST_FAILURE_RATE: '0.5' });
    await bed.untilState('Bake');
    await bed.push('v3');
    await bed.until(
      async () => (await bed.deployments()).some(({ outcome }) => outcome === 'SUCCESSFUL'),
      'v3',
    );
    expect((await run.stop()).byVersion.v3).toBeGreaterThan(0);
  });
});
