/** What CreateService and UpdateService refuse about native deployments, without changing anything. */
import type { DeploymentConfiguration, LoadBalancer } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { createNativeWorld, HOOK_ARN, lambdaHook, pauseHook } from './world.ts';

const many = <Item>(item: Item): Item[] => Array.from({ length: 11 }, () => item);

describe('UpdateService refuses', () => {
  it.each<[string, DeploymentConfiguration, string]>([
    ['a strategy that does not exist', { strategy: 'YOLO' as 'LINEAR' }, 'strategy is YOLO'],
    ['to roll with an alternate target group', { strategy: 'ROLLING' }, 'ROLLING'],
    ['a bake above 24 hours', { bakeTimeInMinutes: 1_441 }, 'bakeTimeInMinutes is 1441'],
    ['linear settings of another strategy', { linearConfiguration: {} }, 'only valid with strategy LINEAR'],
    ['canary settings of another strategy', { canaryConfiguration: {} }, 'only valid with strategy CANARY'],
    [
      'linear steps below 3 %',
      { strategy: 'LINEAR', linearConfiguration: { stepPercent: 2.9 } },
      'multiples of 0.1 from 3 to 100',
    ],
    [
      'a canary finer than a tenth of a percent',
      { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 0.25 } },
      'multiples of 0.1 from 0.1 to 100',
    ],
    [
      'a step’s bake above 24 hours',
      { strategy: 'LINEAR', linearConfiguration: { stepBakeTimeInMinutes: 1_441 } },
      'stepBakeTimeInMinutes is 1441',
    ],
    ['more than 10 functions', { lifecycleHooks: many(lambdaHook(['PRE_SCALE_UP'])) }, 'AWS_LAMBDA are 11'],
    ['more than 10 pauses', { lifecycleHooks: many(pauseHook(['PRE_SCALE_UP'])) }, 'PAUSE are 11'],
    ['a hook without stages', { lifecycleHooks: [lambdaHook([])] }, 'lifecycleStages are none'],
    [
      'a hook at a stage that has none',
      { lifecycleHooks: [lambdaHook(['BAKE_TIME' as 'POST_SCALE_UP'])] },
      'lifecycleStages are BAKE_TIME',
    ],
    [
      'a pause while the traffic shifts',
      { lifecycleHooks: [pauseHook(['PRODUCTION_TRAFFIC_SHIFT'])] },
      'lifecycleStages are PRODUCTION_TRAFFIC_SHIFT',
    ],
    [
      'a pause with a function',
      { lifecycleHooks: [{ ...pauseHook(['POST_SCALE_UP']), hookTargetArn: HOOK_ARN }] },
      'neither hookTargetArn nor roleArn',
    ],
    [
      'a function without a role',
      { lifecycleHooks: [lambdaHook(['POST_SCALE_UP'], { roleArn: undefined })] },
      'needs hookTargetArn and roleArn',
    ],
    [
      'a pause above 14 days',
      { lifecycleHooks: [pauseHook(['POST_SCALE_UP'], { timeoutInMinutes: 20_161 })] },
      'timeoutInMinutes is 20161; allowed are 1 to 20160',
    ],
    [
      'a function’s time above 24 hours',
      {
        lifecycleHooks: [
          lambdaHook(['POST_SCALE_UP'], { timeoutConfiguration: { timeoutInMinutes: 1_441 } }),
        ],
      },
      'timeoutInMinutes is 1441; allowed are 1 to 1440',
    ],
    ['early success', { earlySuccessCriteria: { enable: true } }, 'earlySuccessCriteria'],
  ])('%s', async (_, deploymentConfiguration, message) => {
    const world = await createNativeWorld();
    const before = await world.service();

    await expect(world.update({ desiredCount: 5, deploymentConfiguration })).rejects.toThrow(message);

    expect(await world.service()).toEqual(before);
  });

  it.each<[string, Partial<NonNullable<LoadBalancer['advancedConfiguration']>> | undefined, string]>([
    ['an entry without an alternate target group', undefined, 'needs advancedConfiguration on every entry'],
    ['a missing role', { roleArn: undefined }, 'needs alternateTargetGroupArn'],
    [
      'one rule for production and test',
      { testListenerRule: 'same', productionListenerRule: 'same' },
      'differ',
    ],
    ['one group for both sides', { alternateTargetGroupArn: 'same' }, 'must differ from targetGroupArn'],
  ])('%s', async (_, changes, message) => {
    const world = await createNativeWorld();
    const [balancer] = (await world.service()).loadBalancers ?? [];
    const advancedConfiguration = changes && { ...balancer?.advancedConfiguration, ...changes };
    const isSame = changes?.alternateTargetGroupArn === 'same';

    await expect(
      world.update({
        loadBalancers: [
          { ...balancer, ...(isSame && { targetGroupArn: 'same' }), advancedConfiguration } as LoadBalancer,
        ],
      }),
    ).rejects.toThrow(message);
  });
});

it('a change of the configuration alone starts no deployment, and the running one keeps its own', async () => {
  const world = await createNativeWorld();
  await world.ended();
  const arn = await world.deploy('v2');
  await world.inStage('BAKE_TIME');
  await world.update({ deploymentConfiguration: { bakeTimeInMinutes: 9 } });

  expect(await world.deployment()).toMatchObject({
    serviceDeploymentArn: arn,
    deploymentConfiguration: { bakeTimeInMinutes: 1 },
  });
  expect((await world.service()).deploymentConfiguration).toMatchObject({ bakeTimeInMinutes: 9 });
  expect(await world.ended()).toMatchObject({ status: 'SUCCESSFUL' });
});

it('a rolling service becomes a native one with its alternate target group, and can go back', async () => {
  const world = await createNativeWorld();
  await world.ended();
  const [balancer] = (await world.service()).loadBalancers ?? [];
  const { advancedConfiguration: _, ...plain } = balancer ?? {};
  const rolling = {
    strategy: 'ROLLING' as const,
    bakeTimeInMinutes: 0,
    lifecycleHooks: [],
  };
  const first = await world.update({
    loadBalancers: [plain as LoadBalancer],
    deploymentConfiguration: rolling,
  });
  expect((await world.ended(first)).lifecycleStage).toBeUndefined();
  expect(await world.versions('production')).toEqual({ v1: 20 });

  const second = await world.update({
    loadBalancers: [balancer as LoadBalancer],
    deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1 },
  });
  expect(await world.ended(second)).toMatchObject({ status: 'SUCCESSFUL', lifecycleStage: 'CLEAN_UP' });
  expect(world.weights()).toMatchObject({ production: [0, 100] });
  expect(world.cloud.faults).toEqual([]);
});

it('StopServiceDeployment sends a rolling deployment back, too', async () => {
  const world = await createNativeWorld({ controller: 'rolling' });
  const service = 'orders-a';
  await world.pass(60_000);
  const { services = [] } = await world.describe(service);
  const before = services[0]?.taskDefinition;
  const arn = await world.deploy('v2', { HEALTH_STATUS: '503' }, { service });
  await world.pass(30_000);
  await world.stop(arn);

  expect(await world.ended(arn)).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' });
  const after = (await world.describe(service)).services?.[0];
  expect(after).toMatchObject({ taskDefinition: before, runningCount: 2 });
});
