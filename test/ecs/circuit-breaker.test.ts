/** The deployment circuit breaker: its threshold, and what a failed deployment does to its service. */
import { describe, expect, it } from 'vitest';
import { failureThreshold } from '../../local/ecs/circuit-breaker.ts';
import type { EcsApi } from '../../local/wire/models.ts';
import { createWorld, type World } from './world.ts';

const BREAKER = { deploymentCircuitBreaker: { enable: true, rollback: true } };

async function runningV1(deploymentConfiguration: EcsApi.DeploymentConfiguration = BREAKER): Promise<World> {
  const world = createWorld();
  await world.createService(await world.pushAndRegister('v1'), { deploymentConfiguration });
  await world.untilEvent('SERVICE_STEADY_STATE');
  return world;
}

async function lastServiceDeployment(world: World) {
  const { serviceDeployments: [latest] = [] } = await world.ecs.ListServiceDeployments({
    cluster: 'prod',
    service: 'orders-a',
  });
  const { serviceDeployments: [full] = [] } = await world.ecs.DescribeServiceDeployments({
    serviceDeploymentArns: [latest?.serviceDeploymentArn ?? ''],
  });
  return full;
}

const eventNamesOf = (world: World, deploymentId: string | undefined): unknown[] =>
  world
    .eventsOf('ECS Deployment State Change')
    .filter(({ detail }) => detail.deploymentId === deploymentId)
    .map(({ detail }) => detail.eventName);

describe('the threshold', () => {
  it.each([
    [1, 3],
    [6, 3],
    [7, 4],
    [100, 50],
    [1_000, 200],
  ])('for %i tasks is %i', (desiredCount, threshold) => {
    expect(failureThreshold({ enable: true, rollback: false }, desiredCount)).toBe(threshold);
  });

  it.each([
    [{ type: 'COUNT' as const, value: 7 }, 7],
    [{ type: 'UNBOUNDED_PERCENT' as const, value: 10 }, 1],
    [{ type: 'BOUNDED_PERCENT' as const, value: 100 }, 10],
  ])('follows %j', (thresholdConfiguration, threshold) => {
    expect(failureThreshold({ enable: true, rollback: false, thresholdConfiguration }, 10)).toBe(threshold);
  });
});

describe.each([
  ['exits at once', { EXIT_CODE: '1' }],
  ['is never healthy', { HEALTH_STATUS: '500' }],
])('a new version that %s', (_, environment) => {
  it('fails the deployment, and the service goes back to the last completed one, which completes again', async () => {
    const world = await runningV1();
    const old = await world.primary();
    const ours = (await world.update({ taskDefinition: await world.pushAndRegister('v2', environment) }))
      .deployments?.[0];

    const { detail } = await world.untilEvent('SERVICE_DEPLOYMENT_FAILED');
    expect(detail).toMatchObject({ eventType: 'ERROR', deploymentId: ours?.id });
    expect(await world.service()).toMatchObject({
      taskDefinition: expect.stringMatching(/orders:1$/),
      deployments: [
        {
          id: old.id,
          status: 'PRIMARY',
          rolloutState: 'IN_PROGRESS',
          rolloutStateReason: expect.stringContaining('rolling back to deploymentId'),
        },
        { id: ours?.id, status: 'ACTIVE', rolloutState: 'FAILED' },
      ],
    });

    await world.untilEvent('SERVICE_STEADY_STATE');
    expect(eventNamesOf(world, old.id).slice(-2)).toEqual([
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_COMPLETED',
    ]);
    expect(eventNamesOf(world, ours?.id)).toEqual([
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_FAILED',
    ]);
    expect(await lastServiceDeployment(world)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      deploymentCircuitBreaker: { status: 'TRIGGERED', threshold: 3 },
      rollback: { serviceRevisionArn: expect.stringContaining('service-revision/prod/orders-a/') },
    });
  });

  it('starts no further task once it has failed', async () => {
    const world = await runningV1();
    const ours = (await world.update({ taskDefinition: await world.pushAndRegister('v2', environment) }))
      .deployments?.[0];
    await world.untilEvent('SERVICE_DEPLOYMENT_FAILED');
    const count = (): number =>
      world
        .eventsOf('ECS Task State Change')
        .filter(({ detail }) => detail.startedBy === ours?.id && detail.version === 1).length;
    const countAtFailure = count();

    await world.runMs(1_800_000);

    expect(count()).toBe(countAtFailure);
  });
});

describe('a failed deployment', () => {
  it('stalls when rollback is off: it stays PRIMARY and FAILED, the old tasks serve on', async () => {
    const world = await runningV1({ deploymentCircuitBreaker: { enable: true, rollback: false } });

    await world.update({ taskDefinition: await world.pushAndRegister('v2', { EXIT_CODE: '1' }) });
    await world.untilEvent('SERVICE_DEPLOYMENT_FAILED');
    await world.runMs(600_000);

    expect(await world.primary()).toMatchObject({
      rolloutState: 'FAILED',
      status: 'PRIMARY',
      runningCount: 0,
    });
    expect([...world.balancer.states.values()]).toEqual(['healthy', 'healthy']);
    expect(await lastServiceDeployment(world)).toMatchObject({ status: 'STOPPED' });
  });

  it('stalls when it is the service’s first', async () => {
    const world = createWorld();
    await world.createService(await world.pushAndRegister('v1', { EXIT_CODE: '1' }), {
      deploymentConfiguration: BREAKER,
    });

    await world.untilEvent('SERVICE_DEPLOYMENT_FAILED');
    await world.runMs(600_000);

    expect(await lastServiceDeployment(world)).toMatchObject({ status: 'ROLLBACK_FAILED' });
    expect(await world.tasks()).toEqual([]);
  });

  it('stalls when what it goes back to fails as well', async () => {
    const world = await runningV1({ ...BREAKER, minimumHealthyPercent: 0, maximumPercent: 100 });
    await world.update({ taskDefinition: await world.pushAndRegister('v2', { EXIT_CODE: '1' }) });
    await world.untilEvent('SERVICE_DEPLOYMENT_FAILED');
    world.balancer.answersBadly = () => true;

    const { detail } = await world.untilEvent('SERVICE_DEPLOYMENT_FAILED');
    await world.runMs(600_000);

    expect(await world.primary()).toMatchObject({
      id: detail.deploymentId,
      rolloutState: 'FAILED',
      taskDefinition: expect.stringMatching(/orders:1$/),
    });
    expect(await lastServiceDeployment(world)).toMatchObject({ status: 'ROLLBACK_FAILED' });
  });

  it('can be scaled to 0, and a next deployment succeeds', async () => {
    const world = await runningV1({ deploymentCircuitBreaker: { enable: true, rollback: false } });
    await world.update({ taskDefinition: await world.pushAndRegister('v2', { HEALTH_STATUS: '500' }) });
    await world.untilEvent('SERVICE_DEPLOYMENT_FAILED');

    await world.update({ desiredCount: 0 });
    await world.runMs(120_000);
    expect(await world.tasks()).toEqual([]);

    await world.update({ desiredCount: 1, taskDefinition: await world.pushAndRegister('v3') });
    await world.untilEvent('SERVICE_STEADY_STATE');
    expect(await lastServiceDeployment(world)).toMatchObject({
      status: 'SUCCESSFUL',
      deploymentCircuitBreaker: { status: 'MONITORING_COMPLETE' },
    });
  });

  it('does not come from tasks that a person or the scheduler stopped', async () => {
    const world = await runningV1();
    await world.update({ taskDefinition: await world.pushAndRegister('v2', { BOOT_MS: '60000' }) });
    for (let round = 0; round < 4; round += 1) {
      await world.runMs(3_000);
      for (const { taskArn, taskDefinitionArn } of await world.tasks()) {
        if (taskDefinitionArn?.endsWith(':2')) await world.ecs.StopTask({ cluster: 'prod', task: taskArn });
      }
    }

    expect(await world.primary()).toMatchObject({ failedTasks: 0, rolloutState: 'IN_PROGRESS' });
  });
});

describe('without the circuit breaker', () => {
  it('keeps trying, ever more slowly, and warns', async () => {
    const world = createWorld();
    await world.createService(await world.pushAndRegister('v1', { EXIT_CODE: '1' }), { desiredCount: 1 });

    await world.untilEvent('SERVICE_TASK_START_IMPAIRED');
    await world.runMs(3_600_000);

    const starts = world
      .eventsOf('ECS Task State Change')
      .filter(({ detail }) => detail.version === 1)
      .map(({ timeMs = 0 }) => timeMs);
    const pauses = starts.slice(1).map((atMs, at) => atMs - (starts[at] ?? 0));
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
    expect(starts.length).toBeLessThan(20);
    expect(await world.primary()).toMatchObject({ rolloutState: 'IN_PROGRESS', failedTasks: starts.length });
  });

  it('fails a task whose image does not exist before it starts anything', async () => {
    const world = createWorld();
    await world.createService(await world.register('registry.local/orders:nowhere'), { desiredCount: 1 });

    await world.untilEvent('SERVICE_TASK_START_IMPAIRED');

    const [task] = await world.tasks('STOPPED');
    expect(task).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: 'CannotPullContainerError: registry.local/orders:nowhere: not found',
    });
    expect(task?.startedAt).toBeUndefined();
    expect(task?.containers?.[0]?.exitCode).toBeUndefined();
  });
});
