/** A world whose old side is a VM fleet: machines that no ECS service knows, and a rule for each module. */
import { DescribeServicesCommand, ListTasksCommand } from '@aws-sdk/client-ecs';
import { DescribeRulesCommand, DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePorts } from '../../local/demo/free-ports.ts';
import { statusOf } from '../../local/demo/traffic.ts';
import { createVirtualCloud } from '../../local/virtual.ts';
import { createClients, createWorld, type WorldOptions } from '../../local/world/index.ts';
import * as names from '../../local/world/names.ts';
import { observeSides } from '../../local/world/observe.ts';
import { sampleBehaviour } from '../../local/world/sample-behaviour.ts';
import { startCloud } from '../cloud/clouds.ts';

const MODULES = ['eu-1/billing', 'eu-1/search'];

/** Makes a fleet's world in virtual time, and lets it pass until the machines are registered. */
async function makeBed(options: WorldOptions = {}) {
  const cloud = await createVirtualCloud({ seed: 'fleet' });
  const clients = createClients(cloud.clientConfiguration('test'));
  onTestFinished(async () => {
    clients.close();
    await cloud.close();
    expect(cloud.faults).toEqual([]);
  });
  const fleet = { modules: MODULES, count: 2 };
  const world = await createWorld(clients, { fleet, ...options }, cloud.machines);
  const settle = async <Result>(promise: Promise<Result>): Promise<Result> => {
    let isSettled = false;
    void promise.finally(() => {
      isSettled = true;
    });
    await cloud.clock.run(() => isSettled, 600_000);
    return promise;
  };
  if (world.fleet) await settle(world.fleet.registered);
  /** Looks each second until the fleet's side has so many healthy machines. */
  const untilHealthy = async (count: number): Promise<void> => {
    let healthy = -1;
    for (let looks = 0; healthy !== count && looks < 120; looks += 1) {
      await settle(cloud.clock.sleep(1_000));
      healthy = (await observeSides(clients, world))[0].healthyCount;
    }
    expect(healthy).toBe(count);
  };
  return { cloud, clients, world, settle, untilHealthy };
}

type Bed = Awaited<ReturnType<typeof makeBed>>;

const targetsOf = async ({ clients, world }: Bed) => {
  const { TargetHealthDescriptions = [] } = await clients.elbv2.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: world.targetGroups['orders-a'] }),
  );
  return TargetHealthDescriptions.map(({ Target, TargetHealth }) => ({
    id: Target?.Id,
    port: Target?.Port,
    state: TargetHealth?.State,
  }));
};

const forwardsOf = async ({ clients }: Bed, listenerArn: string) => {
  const { Rules = [] } = await clients.elbv2.send(new DescribeRulesCommand({ ListenerArn: listenerArn }));
  return Rules.map(({ RuleArn, Priority, Conditions, Actions }) => ({
    arn: RuleArn,
    priority: Priority,
    paths: Conditions?.flatMap(({ PathPatternConfig }) => PathPatternConfig?.Values ?? []),
    groups: Actions?.flatMap(({ ForwardConfig }) =>
      (ForwardConfig?.TargetGroups ?? []).map(({ TargetGroupArn }) => TargetGroupArn),
    ),
  }));
};

describe('a fleet', () => {
  it('serves from its target group without any ECS task', async () => {
    const bed = await makeBed();
    await bed.untilHealthy(2);
    const targets = await targetsOf(bed);
    expect(targets).toEqual(
      bed.world.fleet?.machines.map(({ instanceId }) => ({
        id: instanceId,
        port: expect.any(Number),
        state: 'healthy',
      })),
    );
    expect(new Set(targets.map(({ id }) => id)).size).toBe(2);
    const { taskArns } = await bed.clients.ecs.send(new ListTasksCommand({ cluster: names.CLUSTER }));
    expect(taskArns).toEqual([]);
    const services = await bed.clients.ecs.send(
      new DescribeServicesCommand({ cluster: names.CLUSTER, services: [...names.SIDES] }),
    );
    expect(services.services?.map(({ serviceName }) => serviceName)).toEqual(['orders-b']);
    expect(services.services?.[0]?.loadBalancers).toMatchObject([
      { targetGroupArn: bed.world.targetGroups['orders-b'] },
    ]);
    expect(await observeSides(bed.clients, bed.world)).toMatchObject([
      { percent: 100, healthyCount: 2, desiredCount: 2, runningCount: 2 },
      { percent: 0, healthyCount: 0, desiredCount: 0 },
    ]);
  });

  it('has a rule for each module, whose ARNs are known before', async () => {
    const bed = await makeBed();
    const { world } = bed;
    const [a, b] = [world.targetGroups['orders-a'], world.targetGroups['orders-b']];
    expect(await forwardsOf(bed, world.productionListenerArn)).toEqual([
      { arn: names.moduleRuleArnOf(0), priority: '10', paths: ['/eu-1/billing/*'], groups: [a] },
      { arn: names.moduleRuleArnOf(1), priority: '20', paths: ['/eu-1/search/*'], groups: [a] },
      { arn: expect.any(String), priority: 'default', paths: [], groups: [] },
    ]);
    expect(world.moduleRuleArns).toEqual([names.moduleRuleArnOf(0), names.moduleRuleArnOf(1)]);
    expect(world.productionRuleArn).toBe(names.PRODUCTION_RULE_ARN);
    expect(await forwardsOf(bed, names.TEST_LISTENER_ARN)).toEqual([
      { arn: names.TEST_RULE_ARN, priority: '10', paths: ['/*'], groups: [b] },
      { arn: expect.any(String), priority: 'default', paths: [], groups: [] },
    ]);
  });

  it('rests beside ECS, if that serves first: every module’s rule forwards there', async () => {
    const bed = await makeBed({ fleet: { modules: MODULES, count: 2, serves: false } });
    const { world, clients, settle, cloud } = bed;
    await settle(cloud.clock.sleep(60_000));
    expect(await observeSides(clients, world)).toMatchObject([
      { percent: 0, healthyCount: 0, targetCount: 2, desiredCount: 2, runningCount: 2, isFleet: true },
      { percent: 100, healthyCount: 2, desiredCount: 2 },
    ]);
    const forwards = await forwardsOf(bed, world.productionListenerArn);
    expect(forwards.slice(0, 2).map(({ groups }) => groups)).toEqual([
      [world.targetGroups['orders-b']],
      [world.targetGroups['orders-b']],
    ]);
    expect(world.productionPaths).toEqual(['/eu-1/billing/', '/eu-1/search/']);
  });

  it('loses a machine that is killed, and all when they are deregistered', async () => {
    const bed = await makeBed();
    await bed.untilHealthy(2);
    bed.world.fleet?.machines[0]?.kill();
    await bed.untilHealthy(1);
    expect(bed.world.fleet?.runningCount()).toBe(1);
    await bed.world.fleet?.deregister();
    expect((await targetsOf(bed)).map(({ state }) => state)).toEqual(['draining', 'draining']);
    await bed.settle(bed.cloud.clock.sleep(31_000));
    expect(await targetsOf(bed)).toEqual([]);
    expect(bed.world.fleet?.runningCount()).toBe(1);
    bed.world.fleet?.stop();
    await bed.cloud.clock.run(() => bed.world.fleet?.runningCount() === 0, 60_000);
    expect(bed.world.fleet?.runningCount()).toBe(0);
  });

  it('answers for its modules, each by its own rule', async () => {
    const bed = await makeBed();
    await bed.untilHealthy(2);
    const get = async (path: string) => {
      const { statusCode, madeBy } = await bed.settle(bed.cloud.plane.request(8080, { path }));
      return { statusCode, madeBy };
    };
    expect(await get('/eu-1/billing/')).toEqual({ statusCode: 200, madeBy: 'target' });
    expect(await get('/eu-1/search/x?y')).toEqual({ statusCode: 200, madeBy: 'target' });
    expect(await get('/eu-1/other/')).toEqual({ statusCode: 404, madeBy: 'elb' });
    expect(bed.world.productionPath).toBe('/eu-1/billing/');
  });

  it('runs as real processes too, which end with their cloud', async () => {
    const cloud = await startCloud('processes');
    const clients = createClients(cloud.clientConfiguration('test'));
    onTestFinished(() => clients.close());
    const [production = 0, test = 0] = await freePorts([0, 0]);
    const fleet = { modules: ['eu-1/billing'], count: 2 };
    const world = await createWorld(clients, { fleet, ports: { production, test } }, cloud.machines);
    await world.fleet?.registered;
    const ports = await Promise.all(world.fleet?.machines.map(({ port }) => port) ?? []);
    const statuses = (path: string) =>
      Promise.all(ports.map((port) => statusOf(`http://127.0.0.1:${port}${path}`)));
    await expect.poll(() => statuses('/eu-1/billing/'), { timeout: 15_000 }).toEqual([200, 200]);
    expect(await statuses('/eu-1/search/')).toEqual([404, 404]);
    expect(await statuses('/health')).toEqual([200, 200]);
    await expect
      .poll(() => statusOf(world.productionUrl + world.productionPath), { timeout: 15_000 })
      .toBe(200);
    await cloud.close();
    expect(world.fleet?.runningCount()).toBe(0);
    expect(await statuses('/health')).toEqual([0, 0]);
  });
});

it.each<[string, WorldOptions]>([
  ['no modules', { fleet: { modules: [], count: 1 } }],
  ["module 'billing'", { fleet: { modules: ['billing'], count: 1 } }],
  ['a network load balancer', { fleet: { modules: MODULES, count: 1 }, loadBalancer: 'network' }],
  ["placement 'listener'", { fleet: { modules: MODULES, count: 1 }, placement: 'listener' }],
])('a fleet is refused with %s', async (found, options) => {
  await expect(makeBed(options)).rejects.toThrow(`a world with a fleet has ${found}`);
});

it('the sample application without modules answers everywhere', () => {
  expect(sampleBehaviour({}).statusFor('/eu-1/search/', 0)).toBe(200);
  const { statusFor } = sampleBehaviour({
    MODULES: 'eu-1/billing',
    HEALTH_STATUS: '503',
    REQUEST_STATUS: '500',
  });
  expect([
    statusFor('/eu-1/billing/x', 0),
    statusFor('/eu-1/billing?x', 0),
    statusFor('/eu-1/billing-2', 0),
  ]).toEqual([500, 500, 404]);
  expect(statusFor('/health?x', 0)).toBe(503);
});
