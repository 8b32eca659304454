/** The service scheduler in virtual time: rolling deployments, counts, replacement, stop order. */
import { describe, expect, it } from 'vitest';
import { createWorld, TARGET_GROUP, type World } from './world.ts';

async function runningV1(world: World = createWorld()): Promise<World> {
  await world.createService(await world.pushAndRegister('v1'));
  await world.untilEvent('SERVICE_STEADY_STATE');
  return world;
}

const versionsOf = (world: World): string[] =>
  [...world.balancer.states.keys()].map((port) => {
    const answer = world.runner.at('127.0.0.1', port)?.respond({ path: '/', method: 'GET' });
    return answer ? JSON.parse(answer.body).version : 'gone';
  });

describe('a new service', () => {
  it('starts its tasks, registers them, and is steady when the load balancer calls them healthy', async () => {
    const world = await runningV1();

    const service = await world.service();
    expect(service).toMatchObject({ status: 'ACTIVE', desiredCount: 2, runningCount: 2, pendingCount: 0 });
    expect(service.deployments).toMatchObject([
      { status: 'PRIMARY', rolloutState: 'COMPLETED', failedTasks: 0 },
    ]);
    expect([...world.balancer.states.values()]).toEqual(['healthy', 'healthy']);
    expect(service.events?.[0]?.message).toBe('(service orders-a) has reached a steady state.');
    expect(world.faults).toEqual([]);
  });

  it('leaves no timer of its own when all is steady', async () => {
    const world = createWorld();
    await world.createService(await world.pushAndRegister('v1'), { desiredCount: 0 });
    await world.untilEvent('SERVICE_STEADY_STATE');

    expect(world.clock.pendingCount).toBe(0);
  });

  it('counts tasks without a load balancer as healthy only some time after they run', async () => {
    const world = createWorld({ healthyAfterRunningMs: 40_000 });
    await world.createService(await world.pushAndRegister('v1'), { loadBalancers: [] });

    const { timeMs = 0 } = await world.untilEvent('SERVICE_DEPLOYMENT_COMPLETED');

    const [task] = await world.tasks();
    expect(timeMs - (task?.startedAt?.getTime() ?? 0)).toBe(40_000);
  });
});

describe('a rolling deployment', () => {
  it('replaces every task, never below the floor of healthy tasks nor above the ceiling of all', async () => {
    const world = await runningV1();
    const seen = { leastHealthy: 99, mostRunning: 0 };
    const watch = (): void => {
      const states = [...world.balancer.states.values()];
      seen.leastHealthy = Math.min(seen.leastHealthy, states.filter((state) => state === 'healthy').length);
      seen.mostRunning = Math.max(seen.mostRunning, states.filter((state) => state !== 'draining').length);
    };
    world.balancer.registry.onChange(watch);

    await world.update({ taskDefinition: await world.pushAndRegister('v2') });
    await world.untilEvent('SERVICE_STEADY_STATE');

    expect(versionsOf(world)).toEqual(['v2', 'v2']);
    expect(seen.leastHealthy).toBeGreaterThanOrEqual(2);
    expect(seen.mostRunning).toBeLessThanOrEqual(4);
    expect((await world.service()).deployments).toHaveLength(1);
  });

  it('with 0 and 100 percent stops the old tasks first', async () => {
    const world = await runningV1();
    const deploymentConfiguration = { minimumHealthyPercent: 0, maximumPercent: 100 };

    await world.update({ taskDefinition: await world.pushAndRegister('v2'), deploymentConfiguration });
    await world.untilEvent('SERVICE_STEADY_STATE');

    const afterUpdate = world.balancer.log.map(({ what }) => what).slice(2);
    expect(afterUpdate.slice(0, 4)).toEqual(['deregister', 'deregister', 'register', 'register']);
  });

  it('says so when the percentages allow neither a start nor a stop', async () => {
    const world = await runningV1();
    const deploymentConfiguration = { minimumHealthyPercent: 75, maximumPercent: 125 };

    await world.update({ taskDefinition: await world.pushAndRegister('v2'), deploymentConfiguration });
    await world.runMs(600_000);

    const { events = [], runningCount } = await world.service();
    expect(runningCount).toBe(2);
    expect(events.filter(({ message }) => message?.includes('was unable to stop or start'))).toHaveLength(1);
  });

  it('is not complete while a task of the old deployment still drains', async () => {
    const world = await runningV1();
    world.balancer.drainMs = 300_000;

    await world.update({ taskDefinition: await world.pushAndRegister('v2') });
    await world.runMs(200_000);

    const { deployments = [] } = await world.service();
    expect(deployments).toMatchObject([
      { status: 'PRIMARY', rolloutState: 'IN_PROGRESS', runningCount: 2 },
      { status: 'ACTIVE', rolloutState: 'COMPLETED', runningCount: 0 },
    ]);
    await world.untilEvent('SERVICE_DEPLOYMENT_COMPLETED');
    expect((await world.service()).deployments).toHaveLength(1);
  });

  it('is superseded by a newer one: ours is neither complete nor failed, and its service deployment is STOPPED', async () => {
    const world = await runningV1();
    const ours = (await world.update({ taskDefinition: await world.pushAndRegister('v2') })).deployments?.[0];
    const { serviceDeployments: [running] = [] } = await world.ecs.ListServiceDeployments({
      cluster: 'prod',
      service: 'orders-a',
    });
    await world.runMs(2_000);

    await world.update({ taskDefinition: await world.pushAndRegister('v3') });
    await world.untilEvent('SERVICE_STEADY_STATE');

    const states = world
      .eventsOf('ECS Deployment State Change')
      .filter(({ detail }) => detail.deploymentId === ours?.id);
    expect(states.map(({ detail }) => detail.eventName)).toEqual(['SERVICE_DEPLOYMENT_IN_PROGRESS']);
    const { serviceDeployments } = await world.ecs.DescribeServiceDeployments({
      serviceDeploymentArns: [running?.serviceDeploymentArn ?? ''],
    });
    expect(serviceDeployments).toMatchObject([{ status: 'STOPPED' }]);
    expect(versionsOf(world)).toEqual(['v3', 'v3']);
  });

  it('pins the digest that its first task found: a later push of the tag changes nothing until a deployment is forced', async () => {
    const world = await runningV1();
    world.pushImage('v1', { VERSION: 'v1-pushed-again' });

    await world.update({ desiredCount: 3 });
    await world.untilEvent('SERVICE_STEADY_STATE');
    expect(versionsOf(world)).toEqual(['v1', 'v1', 'v1']);

    await world.update({ forceNewDeployment: true });
    await world.untilEvent('SERVICE_STEADY_STATE');
    expect(versionsOf(world)).toEqual(['v1-pushed-again', 'v1-pushed-again', 'v1-pushed-again']);
  });
});

describe('what starts a deployment', () => {
  it('is not a change of desiredCount, of percentages, or the same task definition again', async () => {
    const world = await runningV1();
    const before = await world.primary();

    await world.update({
      desiredCount: 3,
      deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 200 },
      healthCheckGracePeriodSeconds: 10,
      taskDefinition: 'orders:1',
    });

    expect(await world.primary()).toMatchObject({
      id: before.id,
      rolloutState: 'COMPLETED',
      desiredCount: 3,
    });
    expect(world.eventsOf('ECS Service Action').at(-1)?.detail).toMatchObject({
      eventName: 'SERVICE_DESIRED_COUNT_UPDATED',
      desiredCount: 3,
    });
  });

  it.each([
    ['forceNewDeployment', { forceNewDeployment: true }],
    ['networkConfiguration', { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } } }],
    ['platformVersion', { platformVersion: '1.4.0' }],
    ['loadBalancers', { loadBalancers: [] }],
  ])('is %s', async (_, input) => {
    const world = await runningV1();
    const before = await world.primary();

    await world.update(input);

    const after = await world.primary();
    expect(after.id).not.toBe(before.id);
    expect(after).toMatchObject({
      id: expect.stringMatching(/^ecs-svc\/\d{19}$/),
      rolloutState: 'IN_PROGRESS',
    });
  });
});

describe('desiredCount 0', () => {
  async function scaledIn(stopOrder: 'after-drain' | 'at-once') {
    const world = await runningV1(createWorld({ stopOrder }));
    const start = world.events.length;
    await world.update({ desiredCount: 0 });
    await world.until(
      () => world.events.filter(({ detail }) => detail.lastStatus === 'STOPPED').length === 2,
    );
    const unusedAtMs = world.balancer.log.find(({ what }) => what === 'unused')?.atMs;
    const statuses = world.events
      .slice(start)
      .filter(({ detailType }) => detailType === 'ECS Task State Change');
    const stoppingAtMs = statuses.find(({ detail }) => detail.lastStatus === 'STOPPING')?.timeMs;
    return { world, statuses, unusedAtMs, stoppingAtMs };
  }

  it('deregisters, waits until the target is unused, and only then sends the stop signal', async () => {
    const { world, statuses, unusedAtMs, stoppingAtMs } = await scaledIn('after-drain');

    const taskArn = statuses[0]?.detail.taskArn;
    const ofOne = statuses
      .filter(({ detail }) => detail.taskArn === taskArn)
      .map(({ detail }) => detail.lastStatus);
    expect(ofOne).toEqual(['DEACTIVATING', 'STOPPING', 'DEPROVISIONING', 'STOPPED']);
    expect(stoppingAtMs).toBe(unusedAtMs);
    expect(await world.tasks('STOPPED')).toMatchObject([
      {
        stopCode: 'ServiceSchedulerInitiated',
        stoppedReason: expect.stringMatching(/^Scaling activity initiated by \(deployment ecs-svc\/\d+\)$/),
        containers: [{ exitCode: 0, lastStatus: 'STOPPED' }],
      },
      {},
    ]);
  });

  it('sends the stop signal at once where the parameter says so', async () => {
    const { world, unusedAtMs, stoppingAtMs } = await scaledIn('at-once');

    expect(unusedAtMs).toBeUndefined();
    expect(stoppingAtMs).toBe(world.balancer.log.find(({ what }) => what === 'deregister')?.atMs);
  });

  it('is reached without a deployment', async () => {
    const { world } = await scaledIn('after-drain');

    expect(await world.service()).toMatchObject({
      runningCount: 0,
      desiredCount: 0,
      deployments: [{ rolloutState: 'COMPLETED' }],
    });
    expect(world.eventsOf('ECS Deployment State Change')).toHaveLength(2);
  });
});

describe('replacement', () => {
  it('stops a task whose target turns unhealthy, saying why, and starts another in its place first', async () => {
    const world = await runningV1();
    const [victim] = await world.tasks();
    const port = victim?.containers?.[0]?.networkBindings?.[0]?.hostPort ?? 0;

    world.balancer.answersBadly = (asked) => asked === port;
    await world.until(() =>
      world.balancer.log.some(({ what, port: at }) => what === 'deregister' && at === port),
    );
    const { tasks: [stopped] = [] } = await world.ecs.DescribeTasks({
      cluster: 'prod',
      tasks: [victim?.taskArn ?? ''],
    });

    expect(stopped).toMatchObject({
      desiredStatus: 'STOPPED',
      stoppedReason: `Task failed ELB health checks in (target-group ${TARGET_GROUP})`,
    });
    expect(world.balancer.log.map(({ what }) => what)).toEqual([
      'register',
      'register',
      'register',
      'deregister',
    ]);
    expect((await world.service()).events?.some(({ message }) => message?.includes('[500]'))).toBe(true);
  });

  it('ignores bad health during the grace period', async () => {
    const world = createWorld();
    await world.createService(await world.pushAndRegister('v1', { HEALTH_STATUS: '500' }), {
      healthCheckGracePeriodSeconds: 120,
      deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
    });

    await world.runMs(110_000);
    expect(await world.tasks()).toHaveLength(2);
    expect(await world.tasks('STOPPED')).toHaveLength(0);

    await world.runMs(60_000);
    expect((await world.tasks('STOPPED')).length).toBeGreaterThan(0);
  });

  it('starts another task when one dies, and keeps its exit code for an hour', async () => {
    const world = createWorld();
    await world.createService(await world.pushAndRegister('v1', { EXIT_CODE: '3', EXIT_AFTER_MS: '600000' }));
    await world.untilEvent('SERVICE_STEADY_STATE');

    await world.until(() => world.events.some(({ detail }) => detail.lastStatus === 'STOPPED'));

    const [dead] = await world.tasks('STOPPED');
    expect(dead).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ exitCode: 3, imageDigest: expect.stringContaining('sha256:') }],
    });
    await world.untilEvent('SERVICE_STEADY_STATE');
    expect(await world.tasks()).toHaveLength(2);
    await world.update({ desiredCount: 0 });
    await world.runMs(3_700_000);
    expect(await world.tasks('STOPPED')).toEqual([]);
  });
});
