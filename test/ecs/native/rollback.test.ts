/** What sends a native deployment back or stops it, and in what state it leaves the service. */
import { describe, expect, it } from 'vitest';
import { lambdaHook, MANUAL_ALARM, type NativeWorld, pauseHook, serving } from './world.ts';

const SHIFTS = ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'] as const;

async function expectBlueServes(world: NativeWorld, side: 'orders-a' | 'orders-b' = 'orders-a') {
  const others = { 'orders-a': [100, 0], 'orders-b': [0, 100] }[side];
  const { production } = world.weights();
  const share = production.map((weight) => (100 * weight) / production.reduce((sum, each) => sum + each, 0));
  expect(share).toEqual(others);
  const [a, b] = await world.sides();
  const [blue, green] = side === 'orders-a' ? [a, b] : [b, a];
  expect(blue).toMatchObject({ healthyCount: 2, runningCount: 2 });
  expect(green).toMatchObject({ targetCount: 0, runningCount: 0 });
  expect(world.cloud.faults).toEqual([]);
}

describe('StopServiceDeployment', () => {
  it('gives the traffic back by running both shifts again with green at 0, then takes green away', async () => {
    const world = await serving({
      lifecycleHooks: [lambdaHook([...SHIFTS])],
      native: { bakeTimeInMinutes: 10 },
    });
    const arn = await world.deploy('v2');
    await world.inStage('BAKE_TIME');
    expect(await world.versions('production')).toEqual({ v2: 20 });
    world.hookEvents.length = 0;
    world.events.length = 0;

    await world.stop(arn);
    expect(await world.deployment()).toMatchObject({ status: 'ROLLBACK_REQUESTED' });
    await world.stop(arn);
    const done = await world.ended();

    const green = done.targetServiceRevision?.arn ?? '';
    const blue = done.sourceServiceRevisions?.[0]?.arn ?? '';
    expect(done).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: expect.stringContaining('StopServiceDeployment'),
      rollback: { serviceRevisionArn: blue },
      targetServiceRevision: { requestedProductionTrafficWeight: 0, runningTaskCount: 0 },
    });
    expect(
      world.hookEvents.map(
        ({ lifecycleStage, executionDetails: { targetServiceRevisionArn, ...weights } }) => [
          lifecycleStage,
          targetServiceRevisionArn,
          weights.testTrafficWeights,
          weights.productionTrafficWeights,
        ],
      ),
    ).toEqual([
      ['TEST_TRAFFIC_SHIFT', green, { [green]: 0, [blue]: 100 }, {}],
      ['PRODUCTION_TRAFFIC_SHIFT', green, {}, { [green]: 0, [blue]: 100 }],
    ]);
    await expectBlueServes(world);
    expect(world.weights()).toEqual({ production: [100, 0], test: [100, 0] });
    await world.pass(1_000);
    expect(world.eventNames('ECS Deployment State Change')).toEqual([
      'SERVICE_DEPLOYMENT_FAILED',
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_COMPLETED',
    ]);
    await expect(world.stop(arn)).rejects.toMatchObject({ name: 'ConflictException' });
  });

  it('loses no request on the way back, and brings blue back even when it is being cleaned up', async () => {
    const world = await serving({ native: { bakeTimeInMinutes: 0 } });
    const arn = await world.deploy('v2');
    await world.inStage('CLEAN_UP');
    await world.stop(arn);
    let failed = 0;
    await world.until(async () => {
      const versions = await world.versions('production', 5);
      failed += Object.keys(versions).filter((version) => !version.startsWith('v')).length;
      return (await world.deployment()).status === 'ROLLBACK_SUCCESSFUL';
    });

    expect(failed).toBe(0);
    await expectBlueServes(world);
  });

  it('can be called before anything was done', async () => {
    const world = await serving();
    const arn = await world.deploy('v2');
    await world.stop(arn);

    expect(await world.ended()).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' });
    await expectBlueServes(world);
  });

  it('ends ROLLBACK_FAILED when a hook fails on the way back, with the traffic on blue already', async () => {
    const world = await serving({
      lifecycleHooks: [lambdaHook([...SHIFTS])],
      native: { bakeTimeInMinutes: 10 },
    });
    const arn = await world.deploy('v2');
    await world.inStage('BAKE_TIME');
    world.answer(({ lifecycleStage }) => ({
      hookStatus: lifecycleStage === 'PRODUCTION_TRAFFIC_SHIFT' ? 'FAILED' : 'SUCCEEDED',
    }));
    await world.stop(arn);

    expect(await world.ended()).toMatchObject({ status: 'ROLLBACK_FAILED' });
    await world.pass(2_000);
    expect(await world.versions('production')).toEqual({ v1: 20 });
  });

  it('sends a version back that was never healthy', async () => {
    const world = await serving();
    const arn = await world.deploy('v2', { HEALTH_STATUS: '503' });
    await world.pass(120_000);
    expect(await world.deployment()).toMatchObject({ lifecycleStage: 'SCALE_UP', status: 'IN_PROGRESS' });
    await world.stop(arn);

    expect(await world.ended()).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' });
    await expectBlueServes(world);
  });
});

describe('alarms', () => {
  const alarms = (rollback: boolean) => ({ enable: true, rollback, alarmNames: [MANUAL_ALARM] });

  it('send the deployment back during the bake', async () => {
    const world = await serving({ native: { bakeTimeInMinutes: 10, alarms: alarms(true) } });
    await world.deploy('v2');
    await world.inStage('BAKE_TIME');
    expect(await world.deployment()).toMatchObject({ alarms: { status: 'MONITORING' } });
    await world.setAlarm('ALARM');

    expect(await world.ended()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: expect.stringContaining(MANUAL_ALARM),
      alarms: { status: 'TRIGGERED', triggeredAlarmNames: [MANUAL_ALARM] },
    });
    await expectBlueServes(world);
  });

  it('that were in ALARM at the start are ignored to the end', async () => {
    const world = await serving({ native: { bakeTimeInMinutes: 1, alarms: alarms(true) } });
    await world.setAlarm('ALARM');
    await world.deploy('v2');
    await world.inStage('PRE_SCALE_UP');
    await world.until(async () => {
      await world.setAlarm('OK');
      await world.pass(10_000);
      await world.setAlarm('ALARM');
      return (await world.deployment()).status !== 'IN_PROGRESS';
    }, 10_000);

    expect(await world.deployment()).toMatchObject({
      status: 'SUCCESSFUL',
      alarms: { status: 'MONITORING_COMPLETE', triggeredAlarmNames: [] },
    });
  });

  it('without rollback stop the deployment where it stands, and the next one reconciles the service', async () => {
    const world = await serving({ native: { bakeTimeInMinutes: 1, alarms: alarms(false) } });
    await world.deploy('v2');
    await world.inStage('BAKE_TIME');
    await world.setAlarm('ALARM');
    expect(await world.ended()).toMatchObject({ status: 'STOPPED', stoppedAt: expect.any(Date) });
    expect((await world.service()).currentServiceRevisions).toHaveLength(2);
    expect(await world.versions('production')).toEqual({ v2: 20 });
    await world.setAlarm('OK');

    await world.deploy('v3');
    await world.inStage('RECONCILE_SERVICE');
    await world.inStage('PRE_SCALE_UP');
    expect(await world.versions('production')).toEqual({ v1: 20 });
    expect(await world.ended()).toMatchObject({ status: 'SUCCESSFUL' });
    expect(await world.versions('production')).toEqual({ v3: 20 });
    expect((await world.service()).runningCount).toBe(2);
  });
});

describe('a version that does not become healthy', () => {
  it('is sent back by the circuit breaker, if that is on', async () => {
    const world = await serving();
    await world.deploy(
      'v2',
      { EXIT_CODE: '1', EXIT_AFTER_MS: '50' },
      { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } } },
    );

    expect(await world.ended()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      deploymentCircuitBreaker: { status: 'TRIGGERED' },
    });
    await expectBlueServes(world);
  });
});

describe('rules that someone else has changed', () => {
  const forward = (weights: Record<string, number>) => [
    {
      Type: 'forward' as const,
      ForwardConfig: {
        TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
      },
    },
  ];

  it.each([
    ['both groups have weight', (a: string, b: string) => ({ [a]: 1, [b]: 1 })],
    ['no group has weight', (a: string, b: string) => ({ [a]: 0, [b]: 0 })],
  ])('so that %s roll the deployment back', async (_, weightsOf) => {
    const world = await serving();
    const { 'orders-a': a, 'orders-b': b } = world.targetGroups;
    await world.setActions(world.productionRuleArn ?? '', forward(weightsOf(a, b)));
    await world.deploy('v2');

    expect(await world.ended()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: expect.stringContaining(
        'Service deployment rolled back because of invalid networking configuration',
      ),
    });
  });

  it.each(['POST_SCALE_UP' as const, 'POST_TEST_TRAFFIC_SHIFT' as const])(
    'at %s are noticed before the next shift',
    async (stage) => {
      const world = await serving({ lifecycleHooks: [pauseHook([stage])] });
      const arn = await world.deploy('v2');
      await world.inStage(stage);
      const { 'orders-a': a, 'orders-b': b } = world.targetGroups;
      await world.setActions(world.productionRuleArn ?? '', forward({ [a]: 1, [b]: 1 }));
      const [hook] = (await world.deployment()).lifecycleHookDetails ?? [];
      await world.resume(arn, hook?.hookId ?? '');

      expect(await world.ended()).toMatchObject({
        status: 'ROLLBACK_SUCCESSFUL',
        statusReason: expect.stringContaining('invalid networking configuration'),
      });
    },
  );

  it('so that the idle group has the traffic are believed, as ECS believes them', async () => {
    const world = await serving();
    const { 'orders-a': a, 'orders-b': b } = world.targetGroups;
    await world.setActions(world.productionRuleArn ?? '', forward({ [a]: 0, [b]: 1 }));
    await world.deploy('v2');

    expect(await world.ended()).toMatchObject({ status: 'SUCCESSFUL' });
    expect(world.weights()).toMatchObject({ production: [100, 0] });
  });

  it('keep what else they say through a deployment', async () => {
    const world = await serving();
    const { 'orders-a': a, 'orders-b': b } = world.targetGroups;
    const [action] = forward({ [a]: 1, [b]: 0 });
    const sticky = { Enabled: true, DurationSeconds: 60 };
    await world.setActions(world.productionRuleArn ?? '', [
      {
        ...action,
        Type: 'forward',
        ForwardConfig: { ...action?.ForwardConfig, TargetGroupStickinessConfig: sticky },
      },
    ]);
    await world.deploy('v2');
    await world.ended();

    const { actions } = await world.rule(world.productionRuleArn ?? '');
    expect(actions[0]?.ForwardConfig?.TargetGroupStickinessConfig).toEqual(sticky);
  });
});

describe('a newer deployment', () => {
  it('supersedes the one that waits: it stops, its hook is dead, and the service is reconciled first', async () => {
    const world = await serving({
      lifecycleHooks: [pauseHook(['POST_PRODUCTION_TRAFFIC_SHIFT'], { timeoutInMinutes: 30 })],
    });
    const first = await world.deploy('v2');
    await world.inStage('POST_PRODUCTION_TRAFFIC_SHIFT');
    const [hook] = (await world.deployment()).lifecycleHookDetails ?? [];
    expect(await world.versions('production')).toEqual({ v2: 20 });

    const second = await world.deploy('v3', {}, { deploymentConfiguration: { lifecycleHooks: [] } });
    expect(await world.deployment(first)).toMatchObject({ status: 'STOP_REQUESTED' });
    await expect(world.resume(first, hook?.hookId ?? '')).rejects.toMatchObject({ name: 'ClientException' });
    await world.stop(first);
    await world.inStage('RECONCILE_SERVICE');
    await world.inStage('SCALE_UP');
    expect(await world.deployment(first)).toMatchObject({ status: 'STOPPED' });
    expect(await world.versions('production')).toEqual({ v1: 20 });

    expect(await world.ended(second)).toMatchObject({ status: 'SUCCESSFUL' });
    expect(await world.versions('production')).toEqual({ v3: 20 });
    expect(await world.sides()).toMatchObject([{ runningCount: 0 }, { runningCount: 2 }]);
    // Past the time at which the dead hook would have sent its deployment back.
    await world.pass(2_400_000);
    expect(await world.versions('production')).toEqual({ v3: 20 });
    expect(await world.deployment(first)).toMatchObject({ status: 'STOPPED' });
  });

  it('may come while the former one rolls back', async () => {
    const world = await serving({ native: { bakeTimeInMinutes: 10 } });
    const first = await world.deploy('v2');
    await world.inStage('BAKE_TIME');
    await world.stop(first);
    await world.pass(1_000);
    expect(await world.deployment(first)).toMatchObject({ status: 'ROLLBACK_IN_PROGRESS' });
    const second = await world.deploy('v3', {}, { deploymentConfiguration: { bakeTimeInMinutes: 0 } });

    expect(await world.ended(second)).toMatchObject({ status: 'SUCCESSFUL' });
    expect(await world.deployment(first)).toMatchObject({ status: 'STOPPED' });
    expect(await world.versions('production')).toEqual({ v3: 20 });
  });
});

it('a rolled back service can be deployed to again', async () => {
  const world = await serving({ native: { bakeTimeInMinutes: 0 } });
  await world.stop(await world.deploy('v2'));
  await world.ended();
  await world.deploy('v3');

  expect(await world.ended()).toMatchObject({ status: 'SUCCESSFUL' });
  expect(await world.versions('production')).toEqual({ v3: 20 });
});

it('a deleted service drains, whatever was going on', async () => {
  const world = await serving({ lifecycleHooks: [] });
  await world.deploy(
    'v2',
    {},
    {
      deploymentConfiguration: { lifecycleHooks: [pauseHook(['POST_TEST_TRAFFIC_SHIFT'])] },
    },
  );
  await world.inStage('POST_TEST_TRAFFIC_SHIFT');
  await world.deleteService();
  await world.until(async () => (await world.service()).status === 'INACTIVE');

  expect((await world.service()).runningCount).toBe(0);
  expect(world.cloud.faults).toEqual([]);
});
