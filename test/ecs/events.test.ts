/** What ECS puts on the event bus: names, order, versions and contents. */
import { describe, expect, it } from 'vitest';
import { createWorld, type World } from './world.ts';

async function deployedOnce(): Promise<World> {
  const world = createWorld();
  await world.createService(await world.pushAndRegister('v1'), { desiredCount: 1 });
  await world.untilEvent('SERVICE_STEADY_STATE');
  return world;
}

describe('task events', () => {
  it('tell each status in order, with a version that grows by one', async () => {
    const world = await deployedOnce();
    await world.update({ desiredCount: 0 });
    await world.until(() => world.events.at(-1)?.detail.lastStatus === 'STOPPED');

    const told = world
      .eventsOf('ECS Task State Change')
      .map(({ detail }) => [detail.version, detail.lastStatus, detail.desiredStatus]);
    expect(told).toEqual([
      [1, 'PROVISIONING', 'RUNNING'],
      [2, 'PENDING', 'RUNNING'],
      [3, 'ACTIVATING', 'RUNNING'],
      [4, 'RUNNING', 'RUNNING'],
      [5, 'DEACTIVATING', 'STOPPED'],
      [6, 'STOPPING', 'STOPPED'],
      [7, 'DEPROVISIONING', 'STOPPED'],
      [8, 'STOPPED', 'STOPPED'],
    ]);
  });

  it('carry the task without its health, times as text', async () => {
    const world = await deployedOnce();

    const event = world
      .eventsOf('ECS Task State Change')
      .find(({ detail }) => detail.lastStatus === 'RUNNING');
    const [task] = await world.tasks();
    expect(event).toMatchObject({
      source: 'aws.ecs',
      resources: [task?.taskArn],
      detail: {
        taskArn: task?.taskArn,
        clusterArn: 'arn:aws:ecs:us-east-1:000000000000:cluster/prod',
        group: 'service:orders-a',
        startedBy: (await world.primary()).id,
        taskDefinitionArn: 'arn:aws:ecs:us-east-1:000000000000:task-definition/orders:1',
        startedAt: task?.startedAt?.toISOString(),
        updatedAt: task?.startedAt?.toISOString(),
        containers: [
          {
            name: 'app',
            imageDigest: expect.stringMatching(/^sha256:/),
            networkBindings: [{ containerPort: 8080, bindIP: '127.0.0.1' }],
          },
        ],
      },
    });
    expect(JSON.stringify(event)).not.toContain('healthStatus');
  });
});

describe('deployment events', () => {
  it('carry the classic deployment id and a reason, and no cluster', async () => {
    const world = await deployedOnce();

    const { arn, id } = { arn: (await world.service()).serviceArn, id: (await world.primary()).id };
    expect(world.eventsOf('ECS Deployment State Change')).toMatchObject([
      {
        resources: [arn],
        detail: {
          eventType: 'INFO',
          eventName: 'SERVICE_DEPLOYMENT_IN_PROGRESS',
          deploymentId: id,
          reason: `ECS deployment ${id} in progress.`,
        },
      },
      {
        resources: [arn],
        detail: {
          eventType: 'INFO',
          eventName: 'SERVICE_DEPLOYMENT_COMPLETED',
          deploymentId: id,
          reason: `ECS deployment ${id} completed.`,
          updatedAt: expect.stringMatching(/Z$/),
        },
      },
    ]);
  });
});

describe('the same seed', () => {
  it('gives the same events, and another seed other ids', async () => {
    const run = async (seed: string): Promise<string> => {
      const world = createWorld({}, seed);
      await world.createService(await world.pushAndRegister('v1'));
      await world.untilEvent('SERVICE_STEADY_STATE');
      await world.update({ taskDefinition: await world.pushAndRegister('v2') });
      await world.untilEvent('SERVICE_STEADY_STATE');
      return JSON.stringify([world.events, await world.service(), await world.tasks()]);
    };

    expect(await run('a')).toBe(await run('a'));
    expect(await run('a')).not.toBe(await run('b'));
  });
});

describe('a closed simulator', () => {
  it('does nothing more, whatever its containers do', async () => {
    const world = await deployedOnce();
    const count = world.events.length;

    world.simulator.close();
    await world.runner.close();
    await world.runMs(600_000);

    expect(world.events).toHaveLength(count);
    expect(world.faults).toEqual([]);
  });
});
