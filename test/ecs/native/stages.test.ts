/** The stages of a native deployment, in order, with real weights on both target groups and no request lost. */
import { DescribeServiceRevisionsCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { createNativeWorld, lambdaHook, type NativeWorld, serving } from './world.ts';

const ALL_STAGES = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
] as const;
const HOOKED = ALL_STAGES.filter((stage) => stage !== 'RECONCILE_SERVICE');

/** The green group's weights on the production rule, as often as they change, with the time of each. */
async function follow(world: NativeWorld): Promise<{ weights: number[][]; atMs: number[]; failed: number }> {
  const weights: number[][] = [];
  const atMs: number[] = [];
  let failed = 0;
  await world.until(async () => {
    const { production } = world.weights();
    if (`${production}` !== `${weights.at(-1)}`) {
      weights.push(production);
      atMs.push(world.cloud.clock.now());
    }
    for (const version of Object.keys(await world.versions('production', 1)))
      if (!version.startsWith('v')) failed += 1;
    return world.peek().status === 'SUCCESSFUL';
  });
  return { weights, atMs, failed };
}

describe('a blue/green deployment', () => {
  it('goes through every stage in order, and tells its hooks what each one aims at', async () => {
    const world = await serving({ lifecycleHooks: [lambdaHook([...ALL_STAGES])] });
    const arn = await world.deploy('v2');
    await world.ended();

    const { sourceServiceRevisions, targetServiceRevision } = await world.deployment();
    const green = targetServiceRevision?.arn ?? '';
    const blue = sourceServiceRevisions?.[0]?.arn ?? '';
    const told = world.hookEvents.map(({ lifecycleStage, executionDetails }) => [
      lifecycleStage,
      executionDetails.testTrafficWeights,
      executionDetails.productionTrafficWeights,
    ]);
    expect(told).toEqual([
      ['PRE_SCALE_UP', {}, {}],
      ['POST_SCALE_UP', {}, {}],
      ['TEST_TRAFFIC_SHIFT', { [green]: 100, [blue]: 0 }, {}],
      ['POST_TEST_TRAFFIC_SHIFT', {}, {}],
      ['PRE_PRODUCTION_TRAFFIC_SHIFT', {}, { [green]: 0, [blue]: 100 }],
      ['PRODUCTION_TRAFFIC_SHIFT', {}, { [green]: 100, [blue]: 0 }],
      ['POST_PRODUCTION_TRAFFIC_SHIFT', {}, {}],
    ]);
    expect(world.hookEvents[0]).toEqual({
      executionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      lifecycleStage: 'PRE_SCALE_UP',
      resourceArn: arn,
      hookDetails: {},
      executionDetails: {
        serviceArn: 'arn:aws:ecs:us-east-1:000000000000:service/prod/orders',
        targetServiceRevisionArn: green,
        testTrafficWeights: {},
        productionTrafficWeights: {},
      },
    });
    expect(new Set(world.hookEvents.map(({ executionId }) => executionId)).size).toBe(HOOKED.length);
    expect(world.cloud.faults).toEqual([]);
  });

  it('runs green beside blue at the whole count, serves tests from it first, and then everything', async () => {
    const world = await serving();
    await world.deploy('v2');

    await world.inStage('POST_TEST_TRAFFIC_SHIFT');
    expect(await world.versions('test')).toEqual({ v2: 20 });
    expect(await world.versions('production')).toEqual({ v1: 20 });
    expect(await world.sides()).toMatchObject([
      { percent: 100, healthyCount: 2, runningCount: 2 },
      { percent: 0, healthyCount: 2, runningCount: 2 },
    ]);
    await world.inStage('BAKE_TIME');
    expect(await world.versions('production')).toEqual({ v2: 20 });
    expect(await world.sides()).toMatchObject([{ runningCount: 2 }, { percent: 100, runningCount: 2 }]);
    const done = await world.ended();
    expect(done).toMatchObject({
      status: 'SUCCESSFUL',
      lifecycleStage: 'CLEAN_UP',
      targetServiceRevision: {
        requestedTaskCount: 2,
        runningTaskCount: 2,
        requestedProductionTrafficWeight: 100,
        requestedTestTrafficWeight: 100,
      },
      sourceServiceRevisions: [{ runningTaskCount: 0, requestedProductionTrafficWeight: 0 }],
    });
    expect(await world.sides()).toMatchObject([{ targetCount: 0, runningCount: 0 }, { percent: 100 }]);
    expect(world.weights()).toEqual({ production: [0, 100], test: [0, 100] });
  });

  it('loses no request', async () => {
    const world = await serving();
    await world.deploy('v2');

    const { weights, failed } = await follow(world);

    expect(failed).toBe(0);
    expect(weights).toEqual([
      [100, 0],
      [0, 100],
    ]);
  });

  it('bakes for as long as it is told, with blue still there', async () => {
    const world = await serving({ native: { bakeTimeInMinutes: 3 } });
    await world.deploy('v2');
    await world.inStage('BAKE_TIME');
    const startMs = world.cloud.clock.now();
    await world.inStage('CLEAN_UP');

    expect(Math.abs(world.cloud.clock.now() - startMs - 180_000)).toBeLessThan(2_000);
  });

  it('alternates the target groups from one deployment to the next', async () => {
    const world = await serving();
    const groupOf = async (): Promise<string | undefined> => {
      const { currentServiceRevisions = [] } = await world.service();
      const { serviceRevisions } = await world.clients.ecs.send(
        new DescribeServiceRevisionsCommand({
          serviceRevisionArns: [currentServiceRevisions[0]?.arn ?? ''],
        }),
      );
      return serviceRevisions?.[0]?.resolvedConfiguration?.loadBalancers?.[0]?.targetGroupArn;
    };
    expect(await groupOf()).toBe(world.targetGroups['orders-a']);

    await world.deploy('v2');
    await world.ended();
    expect(await groupOf()).toBe(world.targetGroups['orders-b']);
    await world.deploy('v3');
    await world.ended();

    expect(await groupOf()).toBe(world.targetGroups['orders-a']);
    expect((await world.service()).loadBalancers?.[0]?.targetGroupArn).toBe(world.targetGroups['orders-a']);
    expect(world.weights()).toEqual({ production: [100, 0], test: [100, 0] });
    expect(await world.versions('production')).toEqual({ v3: 20 });
  });

  it('scales both revisions when the count changes on the way', async () => {
    const world = await serving({ native: { bakeTimeInMinutes: 2 } });
    await world.deploy('v2');
    await world.inStage('BAKE_TIME');
    await world.update({ desiredCount: 3 });
    await world.pass(60_000);

    expect(await world.sides()).toMatchObject([{ runningCount: 3 }, { runningCount: 3 }]);
    expect(await world.ended()).toMatchObject({ status: 'SUCCESSFUL' });
    expect(await world.service()).toMatchObject({ runningCount: 3 });
  });
});

describe('a linear deployment', () => {
  it('shifts by equal steps with a bake after each but the last, each step with a stage before it', async () => {
    const world = await serving({
      controller: 'native-linear',
      lifecycleHooks: [lambdaHook(['PRE_PRODUCTION_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'])],
      native: { linearConfiguration: { stepPercent: 30, stepBakeTimeInMinutes: 1 }, bakeTimeInMinutes: 0 },
    });
    await world.deploy('v2');

    const { weights, atMs, failed } = await follow(world);

    expect(failed).toBe(0);
    expect(weights).toEqual([
      [100, 0],
      [70, 30],
      [40, 60],
      [10, 90],
      [0, 100],
    ]);
    const gapsMs = atMs.slice(1).map((ms, at) => ms - (atMs[at] ?? 0));
    for (const gapMs of gapsMs.slice(1)) expect(Math.abs(gapMs - 62_000)).toBeLessThan(3_000);
    const green = (await world.deployment()).targetServiceRevision?.arn ?? '';
    const told = world.hookEvents.map(
      ({ lifecycleStage, executionDetails }) =>
        `${lifecycleStage} ${executionDetails.productionTrafficWeights[green]}`,
    );
    expect(told).toEqual(
      [0, 30, 60, 90].flatMap((from) => [
        `PRE_PRODUCTION_TRAFFIC_SHIFT ${from}`,
        `PRODUCTION_TRAFFIC_SHIFT ${Math.min(100, from + 30)}`,
      ]),
    );
  });
});

describe('a canary deployment', () => {
  it('takes exactly two steps, and knows a tenth of a percent', async () => {
    const world = await serving({
      controller: 'native-canary',
      native: { canaryConfiguration: { canaryPercent: 0.1, canaryBakeTimeInMinutes: 1 } },
    });
    await world.deploy('v2');

    const { weights, atMs } = await follow(world);

    expect(weights).toEqual([
      [100, 0],
      [999, 1],
      [0, 100],
    ]);
    expect((atMs[2] ?? 0) - (atMs[1] ?? 0)).toBeGreaterThanOrEqual(60_000);
  });
});

describe('the creation of a service', () => {
  it('runs the hooks too, without a blue one, and serves from the service’s own target group', async () => {
    const world = await createNativeWorld({
      native: { bakeTimeInMinutes: 0, lifecycleHooks: [lambdaHook([...ALL_STAGES])] },
    });
    await world.ended();

    const green = (await world.deployment()).targetServiceRevision?.arn ?? '';
    expect(world.hookEvents.map(({ lifecycleStage }) => lifecycleStage)).toEqual(HOOKED);
    expect(world.hookEvents.at(-2)?.executionDetails.productionTrafficWeights).toEqual({ [green]: 100 });
    expect(world.weights()).toEqual({ production: [100, 0], test: [100, 0] });
    expect(await world.versions('production')).toEqual({ v1: 20 });
  });
});

describe('the creation of a canary service', () => {
  it('gives everything to the first version at once', async () => {
    const world = await createNativeWorld({ controller: 'native-canary' });
    await world.inStage('PRODUCTION_TRAFFIC_SHIFT');
    expect(world.weights().production).toEqual([100, 0]);
    await world.ended();

    expect(await world.versions('production')).toEqual({ v1: 20 });
  });
});

describe('events', () => {
  it('are those of a classic deployment, and one per change of a hook', async () => {
    const world = await serving({ lifecycleHooks: [lambdaHook(['POST_SCALE_UP'])] });
    const arn = await world.deploy('v2');
    await world.ended();
    await world.pass(1_000);

    expect(world.eventNames('ECS Deployment State Change')).toEqual([
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_COMPLETED',
    ]);
    expect(world.eventNames('ECS Hook State Change')).toEqual(['HOOK_IN_PROGRESS', 'HOOK_SUCCEEDED']);
    const event = world.events.find((each) => each['detail-type'] === 'ECS Hook State Change');
    expect(event).toMatchObject({ source: 'aws.ecs', resources: [arn] });
    expect(event?.detail).toEqual({
      eventType: 'INFO',
      eventName: 'HOOK_IN_PROGRESS',
      hookId: (await world.deployment()).lifecycleHookDetails?.[0]?.hookId,
      hookType: 'AWS_LAMBDA',
      expiresAt: expect.stringMatching(/Z$/),
      lifecycleStage: 'POST_SCALE_UP',
      clusterArn: 'arn:aws:ecs:us-east-1:000000000000:cluster/prod',
      serviceArn: 'arn:aws:ecs:us-east-1:000000000000:service/prod/orders',
      serviceDeploymentArn: arn,
      updatedAt: expect.stringMatching(/Z$/),
    });
    expect(world.eventNames('ECS Service Action')).toContain('SERVICE_STEADY_STATE');
  });
});
