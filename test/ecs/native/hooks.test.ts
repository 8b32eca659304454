/** Lifecycle hooks: functions that answer, wait, fail or never come back, and pauses that a person ends. */
import { describe, expect, it } from 'vitest';
import { lambdaHook, type NativeWorld, pauseHook, serving } from './world.ts';

const hooksOf = async (world: NativeWorld) => (await world.deployment()).lifecycleHookDetails ?? [];

describe('a function', () => {
  it('that answers IN_PROGRESS is called again after its delay, with its details merged', async () => {
    const world = await serving({
      lifecycleHooks: [
        lambdaHook(['POST_SCALE_UP', 'POST_TEST_TRAFFIC_SHIFT'], { hookDetails: { check: 'a' } }),
      ],
    });
    const calledAtMs: number[] = [];
    const answers = [
      { hookStatus: 'IN_PROGRESS', callBackDelay: 120, hookDetails: { asked: 1 } },
      { hookStatus: 'IN_PROGRESS', hookDetails: { asked: 2, more: [true] } },
      { hookStatus: 'SUCCEEDED', hookDetails: { asked: 3 } },
    ];
    world.answer(() => {
      calledAtMs.push(world.cloud.clock.now());
      return answers.shift() ?? { hookStatus: 'SUCCEEDED' };
    });

    await world.deploy('v2');
    expect(await world.ended()).toMatchObject({ status: 'SUCCESSFUL' });

    const delaysMs = calledAtMs.slice(1, 3).map((ms, at) => ms - (calledAtMs[at] ?? 0));
    expect(delaysMs).toEqual([120_000, 30_000]);
    expect(world.hookEvents.map(({ hookDetails }) => hookDetails)).toEqual([
      { check: 'a' },
      { check: 'a', asked: 1 },
      { check: 'a', asked: 2, more: [true] },
      // Another stage is another run of the hook.
      { check: 'a' },
    ]);
  });

  it.each([
    ['returns FAILED', () => ({ hookStatus: 'FAILED' }), 'the hook returned FAILED'],
    ['throws', () => Promise.reject(new Error('no such check')), 'no such check'],
    ['returns nothing', () => undefined, 'which is no object'],
    ['returns another status', () => ({ hookStatus: 'OK' }), 'hookStatus is "OK"'],
    [
      'asks for a wrong delay',
      () => ({ hookStatus: 'IN_PROGRESS', callBackDelay: '5' }),
      'callBackDelay is "5"',
    ],
  ])('that %s rolls the deployment back', async (_, script, reason) => {
    const world = await serving({ lifecycleHooks: [lambdaHook(['POST_SCALE_UP'])] });
    world.answer(script);

    await world.deploy('v2');
    const done = await world.ended();

    expect(done).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: expect.stringContaining(reason),
      lifecycleHookDetails: [{ targetType: 'AWS_LAMBDA', status: 'FAILED' }],
    });
    expect(await world.versions('production')).toEqual({ v1: 20 });
    expect(world.cloud.faults).toEqual([]);
  });

  it('that does not exist rolls the deployment back', async () => {
    const world = await serving();
    const missing = lambdaHook(['PRE_SCALE_UP'], {
      hookTargetArn: 'arn:aws:lambda:us-east-1:000000000000:function:gone',
    });

    await world.deploy('v2', {}, { deploymentConfiguration: { lifecycleHooks: [missing] } });

    expect(await world.ended()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: expect.stringContaining('Function not found'),
    });
  });

  it.each([
    ['ROLLBACK' as const, 'ROLLBACK_SUCCESSFUL'],
    ['CONTINUE' as const, 'SUCCESSFUL'],
  ])('that never ends times out, and the action %s decides', async (action, status) => {
    const timeoutConfiguration = { timeoutInMinutes: 3, action };
    const world = await serving({
      lifecycleHooks: [lambdaHook(['POST_SCALE_UP'], { timeoutConfiguration })],
    });
    world.answer(() => ({ hookStatus: 'IN_PROGRESS', callBackDelay: 50 }));

    await world.deploy('v2');
    expect(await world.ended()).toMatchObject({
      status,
      lifecycleHookDetails: [{ status: 'TIMED_OUT', timeoutAction: action }],
    });

    const calls = world.hookEvents.length;
    expect(calls).toBe(4);
    await world.pass(600_000);
    expect(world.hookEvents).toHaveLength(calls);
    expect(world.eventNames('ECS Hook State Change')).toEqual(['HOOK_IN_PROGRESS', 'HOOK_TIMED_OUT']);
  });

  it('that answers after another one has failed is called no more, even if it asks for it', async () => {
    const hooks = [
      lambdaHook(['POST_SCALE_UP'], { hookDetails: { name: 'slow' } }),
      lambdaHook(['POST_SCALE_UP'], { hookDetails: { name: 'bad' } }),
    ];
    const world = await serving({ lifecycleHooks: hooks });
    world.answer(async ({ hookDetails: { name } }) => {
      if (name === 'bad') return { hookStatus: 'FAILED' };
      await world.cloud.clock.sleep(5_000);
      return { hookStatus: 'IN_PROGRESS', callBackDelay: 1 };
    });

    await world.deploy('v2');
    expect(await world.ended()).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' });
    await world.pass(120_000);

    expect(world.hookEvents).toHaveLength(2);
  });

  it('is called no more once another hook of its stage has failed', async () => {
    const hooks = [
      lambdaHook(['POST_SCALE_UP'], { hookDetails: { name: 'slow' } }),
      lambdaHook(['POST_SCALE_UP'], { hookDetails: { name: 'bad' } }),
    ];
    const world = await serving();
    world.answer(({ hookDetails: { name } }) =>
      name === 'bad' ? { hookStatus: 'FAILED' } : { hookStatus: 'IN_PROGRESS', callBackDelay: 10 },
    );

    await world.deploy('v2', {}, { deploymentConfiguration: { lifecycleHooks: hooks } });
    expect(await world.ended()).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' });
    await world.pass(120_000);

    expect(world.hookEvents).toHaveLength(2);
  });
});

describe('a PAUSE hook', () => {
  it('holds the deployment until ContinueServiceDeployment, which its id allows once', async () => {
    const world = await serving({ lifecycleHooks: [pauseHook(['POST_TEST_TRAFFIC_SHIFT'])] });
    const arn = await world.deploy('v2');
    const hookId = await world.paused();
    expect(hookId).toMatch(/^ecs-pause-/);
    expect(await hooksOf(world)).toEqual([
      {
        hookId,
        targetType: 'PAUSE',
        status: 'AWAITING_ACTION',
        expiresAt: expect.any(Date),
        timeoutAction: 'ROLLBACK',
      },
    ]);
    await world.pass(3_600_000);
    expect(await world.deployment()).toMatchObject({
      status: 'IN_PROGRESS',
      lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
    });
    expect(await world.versions('production')).toEqual({ v1: 20 });

    await expect(world.resume(arn, 'ecs-pause-other')).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    expect(await world.resume(arn, hookId)).toMatchObject({ serviceDeploymentArn: arn });
    await expect(world.resume(arn, hookId)).rejects.toMatchObject({ name: 'InvalidParameterException' });

    expect(await world.ended()).toMatchObject({ status: 'SUCCESSFUL' });
    expect(world.eventNames('ECS Hook State Change')).toEqual(['HOOK_AWAITING_ACTION', 'HOOK_SUCCEEDED']);
    await expect(world.resume(arn, hookId)).rejects.toMatchObject({ name: 'ClientException' });
    await expect(world.resume(`${arn}0`, hookId)).rejects.toMatchObject({
      name: 'ServiceDeploymentNotFoundException',
    });
  });

  it('takes one of two answers that come at the same time', async () => {
    const world = await serving({ lifecycleHooks: [pauseHook(['POST_TEST_TRAFFIC_SHIFT'])] });
    const arn = await world.deploy('v2');
    const hookId = await world.paused();

    const answers = await Promise.allSettled([
      world.resume(arn, hookId, 'CONTINUE'),
      world.resume(arn, hookId, 'ROLLBACK'),
    ]);

    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await world.ended()).toMatchObject({ status: 'SUCCESSFUL' });
  });

  it('sends the deployment back when it is told so', async () => {
    const world = await serving({ lifecycleHooks: [pauseHook(['POST_TEST_TRAFFIC_SHIFT'])] });
    const arn = await world.deploy('v2');

    await world.resume(arn, await world.paused(), 'ROLLBACK');

    expect(await world.ended()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      lifecycleHookDetails: [{ status: 'FAILED' }],
    });
    expect(world.weights()).toEqual({ production: [100, 0], test: [100, 0] });
  });

  it('asks anew before every step of a linear deployment', async () => {
    const world = await serving({
      controller: 'native-linear',
      lifecycleHooks: [],
      native: { linearConfiguration: { stepPercent: 50, stepBakeTimeInMinutes: 0 }, bakeTimeInMinutes: 0 },
    });
    const hooks = [pauseHook(['PRE_PRODUCTION_TRAFFIC_SHIFT'])];
    const arn = await world.deploy('v2', {}, { deploymentConfiguration: { lifecycleHooks: hooks } });
    const first = await world.paused();
    await world.resume(arn, first);
    const second = await world.paused();
    expect(world.weights()).toMatchObject({ production: [50, 50] });
    await world.resume(arn, second);

    expect(await world.ended()).toMatchObject({ status: 'SUCCESSFUL' });
    expect(second).not.toBe(first);
  });
});
