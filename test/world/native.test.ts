/** A world in which ECS itself shifts the traffic: one service on both target groups, from creation on. */
import { DescribeServicesCommand } from '@aws-sdk/client-ecs';
import { expect, it, onTestFinished } from 'vitest';
import { createVirtualCloud } from '../../local/virtual.ts';
import { type Controller, createClients, createWorld } from '../../local/world/index.ts';
import { CLUSTER, SERVICE } from '../../local/world/names.ts';
import { observeSides } from '../../local/world/observe.ts';

async function create(controller: Controller) {
  const cloud = await createVirtualCloud({ seed: 'native world' });
  const clients = createClients(cloud.clientConfiguration('test'));
  onTestFinished(async () => {
    clients.close();
    await cloud.close();
  });
  const world = await createWorld(clients, {
    controller,
    lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] }],
  });
  let isOver = false;
  cloud.clock.setTimer(120_000, () => {
    isOver = true;
  });
  await cloud.clock.run(() => isOver, 120_000);
  const { services = [] } = await clients.ecs.send(
    new DescribeServicesCommand({ cluster: CLUSTER, services: [SERVICE] }),
  );
  return { cloud, clients, world, service: services[0] };
}

it.each([
  ['native-blue-green' as const, 'BLUE_GREEN'],
  ['native-linear' as const, 'LINEAR'],
  ['native-canary' as const, 'CANARY'],
])(
  'of controller %s serves v1 without waiting for its hooks, which it has from then on',
  async (controller, strategy) => {
    const { cloud, clients, world, service } = await create(controller);

    expect(service).toMatchObject({
      runningCount: 2,
      deployments: [{ rolloutState: 'COMPLETED' }],
      deploymentConfiguration: { strategy, lifecycleHooks: [{ targetType: 'PAUSE' }] },
      loadBalancers: [
        {
          targetGroupArn: world.targetGroups['orders-a'],
          advancedConfiguration: {
            alternateTargetGroupArn: world.targetGroups['orders-b'],
            productionListenerRule: world.productionRuleArn,
            testListenerRule: world.testRuleArn,
          },
        },
      ],
    });
    expect(await observeSides(clients, world)).toMatchObject([
      { service: 'orders-a', percent: 100, healthyCount: 2, runningCount: 2, desiredCount: 2 },
      { service: 'orders-b', percent: 0, healthyCount: 0, runningCount: 0, desiredCount: 0 },
    ]);
    expect(cloud.faults).toEqual([]);
  },
);
