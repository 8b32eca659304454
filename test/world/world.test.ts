/** The user's world, made on the virtual clock: it is the one that the example configuration describes. */
import { join } from 'node:path';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { BatchGetImageCommand } from '@aws-sdk/client-ecr';
import { DescribeServicesCommand, DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { DescribeListenersCommand, DescribeRulesCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfigurationFile } from '../../infra/configuration-file.ts';
import { OUTCOMES } from '../../lambdas/common/deployment.ts';
import { packageRoot } from '../../local/paths.ts';
import { createVirtualCloud, type VirtualCloud } from '../../local/virtual.ts';
import {
  type Clients,
  createClients,
  createWorld,
  pushImage,
  type WorldOptions,
} from '../../local/world/index.ts';
import * as names from '../../local/world/names.ts';
import { observeSides } from '../../local/world/observe.ts';
import { sampleBehaviour } from '../../local/world/sample-behaviour.ts';
import { SCENARIOS } from '../../local/world/scenarios.ts';

let cloud: VirtualCloud;
let clients: Clients;
beforeEach(async () => {
  cloud = await createVirtualCloud({ seed: 'world' });
  clients = createClients(cloud.clientConfiguration('test'));
});
afterEach(async () => {
  clients.close();
  await cloud.close();
  expect(cloud.faults).toEqual([]);
});

const settled = async (options?: WorldOptions) => {
  const world = await createWorld(clients, options);
  const healthy = options?.blueCount ?? 2;
  const isSettled = async (): Promise<boolean> => {
    const [a] = await observeSides(clients, world);
    return a.healthyCount === healthy && a.runningCount === healthy;
  };
  for (let second = 0; second < 120 && !(await isSettled()); second += 1) {
    let hasPassed = false;
    cloud.clock.setTimer(1000, () => {
      hasPassed = true;
    });
    await cloud.clock.run(() => hasPassed, 1000);
  }
  return world;
};

const example = () => {
  const [orders] = readConfigurationFile(join(packageRoot(), 'sidestep.yaml')).services;
  if (!orders) throw new Error('the example configuration has no service');
  return orders;
};

describe('the world', () => {
  it('has the names and ARNs of the example configuration', async () => {
    const world = await createWorld(clients);
    const { image, traffic, sides, roles, checks } = example();
    expect(traffic).toEqual({ rules: [world.productionRuleArn], testRule: world.testRuleArn });
    expect(sides).toMatchObject(
      names.SIDES.map((service) => ({
        cluster: names.CLUSTER,
        service,
        targetGroup: world.targetGroups[service],
      })),
    );
    expect(image).toMatchObject({ repository: names.REPOSITORY, containers: [names.CONTAINER] });
    const { taskDefinition } = await clients.ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: world.taskDefinitionArn }),
    );
    expect(roles).toEqual([taskDefinition?.taskRoleArn, taskDefinition?.executionRoleArn]);
    const { MetricAlarms = [] } = await clients.cloudwatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [...checks.alarms.service] }),
    );
    expect(MetricAlarms.map(({ AlarmName }) => AlarmName)).toEqual(checks.alarms.service);
  });

  it('knows its ARNs before it is made', async () => {
    const world = await createWorld(clients);
    expect(world.productionListenerArn).toBe(names.PRODUCTION_LISTENER_ARN);
    expect(world.testListenerArn).toBe(names.TEST_LISTENER_ARN);
    expect(world.productionRuleArn).toBe(names.PRODUCTION_RULE_ARN);
    expect(world.testRuleArn).toBe(names.TEST_RULE_ARN);
    expect(world.targetGroups['orders-b']).toBe(names.targetGroupOf('orders-b'));
  });

  it('serves v1 from one side, and nothing from the other', async () => {
    const world = await settled();
    const [a, b] = await observeSides(clients, world);
    expect(a).toMatchObject({
      percent: 100,
      healthyCount: 2,
      targetCount: 2,
      desiredCount: 2,
      runningCount: 2,
    });
    expect(b).toMatchObject({
      percent: 0,
      healthyCount: 0,
      targetCount: 0,
      desiredCount: 0,
      runningCount: 0,
    });
    const { port } = new URL(world.productionUrl);
    const answer = await cloud.plane.request(Number(port), { path: '/orders/1' });
    expect(answer).toMatchObject({ statusCode: 200, body: expect.stringContaining('"version":"v1"') });
  });

  it('can be one in which nothing serves yet', async () => {
    const world = await settled({ blueCount: 0 });
    const { services = [] } = await clients.ecs.send(
      new DescribeServicesCommand({ cluster: names.CLUSTER, services: [...names.SIDES] }),
    );
    expect(services.map(({ desiredCount }) => desiredCount)).toEqual([0, 0]);
    expect(await observeSides(clients, world)).toMatchObject([
      { percent: 100, healthyCount: 0 },
      { percent: 0 },
    ]);
  });

  it('can have a Network Load Balancer, whose ARN is known before', async () => {
    const world = await settled({ loadBalancer: 'network' });
    expect(world.productionListenerArn).toBe(names.NETWORK_PRODUCTION_LISTENER_ARN);
    expect(world).not.toHaveProperty('testListenerArn');
    expect(world.productionRuleArn).toBeUndefined();
    expect(world.targetGroups['orders-b']).toBe(names.targetGroupOf('orders-b'));
    expect(await observeSides(clients, world)).toMatchObject([
      { percent: 100, healthyCount: 2 },
      { percent: 0, healthyCount: 0 },
    ]);
    const { port } = new URL(world.productionUrl);
    const answer = await cloud.plane.request(Number(port), { path: '/orders/1' });
    expect(answer).toMatchObject({ statusCode: 200, body: expect.stringContaining('"version":"v1"') });
    const { MetricAlarms = [] } = await clients.cloudwatch.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms).toMatchObject([
      { AlarmName: names.NETWORK_ALARM, Namespace: 'AWS/NetworkELB', MetricName: 'TCP_Target_Reset_Count' },
    ]);
  });

  it('can have its traffic on a listener’s default action', async () => {
    const world = await settled({ placement: 'listener' });
    expect(world.productionRuleArn).toBeUndefined();
    const { Rules = [] } = await clients.elbv2.send(
      new DescribeRulesCommand({ ListenerArn: world.productionListenerArn }),
    );
    expect(Rules.map(({ Priority }) => Priority)).toEqual(['default']);
    const { Listeners } = await clients.elbv2.send(
      new DescribeListenersCommand({ ListenerArns: [world.productionListenerArn] }),
    );
    expect(Listeners?.[0]?.DefaultActions?.[0]).toMatchObject({ Type: 'forward' });
    expect(await observeSides(clients, world)).toMatchObject([
      { percent: 100, healthyCount: 2 },
      { percent: 0 },
    ]);
  });
});

describe('a pushed image', () => {
  beforeEach(() => createWorld(clients));

  it('has one digest for one content, whatever its tag’s history', async () => {
    const push = { repository: 'orders', tag: 'v2', environment: { BOOT_MS: '10' } };
    const { digest, uri, isNew } = await pushImage(clients, push);
    expect(isNew).toBe(true);
    expect(await pushImage(clients, push)).toEqual({ digest, uri, isNew: false });
    expect(await pushImage(clients, { ...push, environment: {} })).toMatchObject({ isNew: true });
    expect(await pushImage(clients, push)).toEqual({ digest, uri, isNew: true });
    expect(uri).toBe(`000000000000.dkr.ecr.us-east-1.amazonaws.com/orders@${digest}`);
  });

  it('says its command and its environment, VERSION included', async () => {
    await pushImage(clients, {
      repository: 'orders',
      tag: 'v2',
      environment: { A: '1' },
      command: ['node', 'x.js'],
    });
    const { images = [] } = await clients.ecr.send(
      new BatchGetImageCommand({ repositoryName: 'orders', imageIds: [{ imageTag: 'v2' }] }),
    );
    const { annotations } = JSON.parse(images[0]?.imageManifest ?? '{}') as {
      annotations: Record<string, string>;
    };
    expect(annotations).toEqual({
      'dev.sidestep.local.command': '["node","x.js"]',
      'dev.sidestep.local.environment': '{"VERSION":"v2","A":"1"}',
    });
  });
});

describe('every scenario', () => {
  it('has a name of its own, an outcome that exists and a version that the sample application can play', () => {
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
    for (const { expectedOutcome, green } of SCENARIOS) {
      expect(OUTCOMES).toContain(expectedOutcome);
      expect(() => sampleBehaviour(green)).not.toThrow();
    }
  });
});
