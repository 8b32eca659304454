/** The limits that AWS puts on native deployments, as numbers: hours and days that pass at once here. */
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../../local/clock/virtual-clock.ts';
import { createEcs } from '../../../local/ecs/index.ts';
import { DEFAULT_LATENCIES } from '../../../local/platform.ts';
import { createRandom } from '../../../local/random.ts';
import { createVirtualRunner } from '../../../local/tasks/virtual-runner.ts';
import type { EcsApi } from '../../../local/wire/models.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const CALL = { caller: 'test', requestId: 'request' };
const SERVICE = { cluster: 'prod', service: 'orders' };

/** ECS alone, on a load balancer that asks its targets nothing: an idle day costs no time. */
async function createBareWorld(isNetwork = false) {
  const clock = createVirtualClock();
  const weights = new Map([
    [
      'production',
      new Map([
        ['a', 1],
        ['b', 0],
      ]),
    ],
    [
      'test',
      new Map([
        ['a', 1],
        ['b', 0],
      ]),
    ],
  ]);
  const states = new Map<string, string>();
  const listeners = new Set<(group: string, target: { id: string; port: number }) => void>();
  const enter = (group: string, target: { id: string; port: number }, state: string): void => {
    states.set(`${group} ${target.port}`, state);
    for (const changed of listeners) changed(group, target);
  };
  const faults: unknown[] = [];
  const images = new Set(['v1', 'v2']);
  const { operations } = createEcs(
    {
      clock,
      random: createRandom('limits'),
      latencies: DEFAULT_LATENCIES,
      emit: () => {},
      fault: (error) => faults.push(error),
    },
    {
      targets: {
        register: (group, target) => enter(group, target, 'healthy'),
        deregister: (group, target) => enter(group, target, 'unused'),
        healthOf: (group, { port }) => ({ state: states.get(`${group} ${port}`) ?? 'unused' }),
        onChange: (changed) => {
          listeners.add(changed);
          return () => listeners.delete(changed);
        },
      },
      rules: {
        forwardOf: (rule) => ({ weights: weights.get(rule) ?? new Map(), otherActions: [], isNetwork }),
        setWeights: (rule, next) => void weights.set(rule, new Map(next)),
      },
      alarms: { stateOf: () => undefined },
      invokeHook: async () => ({ payload: { hookStatus: 'IN_PROGRESS', callBackDelay: 3_600 } }),
      images: {
        resolve: (uri) =>
          images.has(uri)
            ? { digest: `sha256:${uri}`, command: ['sidestep:sample-app'], environment: { VERSION: uri } }
            : undefined,
      },
      runner: createVirtualRunner(clock),
      logs: { append: () => {} },
    },
  );
  const register = (image: string) =>
    operations.RegisterTaskDefinition?.(
      {
        family: 'orders',
        containerDefinitions: [{ name: 'app', image, portMappings: [{ containerPort: 8080 }] }],
      },
      CALL,
    );
  const look = (): EcsApi.ServiceDeployment => {
    const list = operations.ListServiceDeployments?.(SERVICE, CALL) as EcsApi.ListServiceDeploymentsResponse;
    const arn = list.serviceDeployments?.[0]?.serviceDeploymentArn ?? '';
    const described = operations.DescribeServiceDeployments?.(
      { serviceDeploymentArns: [arn] },
      CALL,
    ) as EcsApi.DescribeServiceDeploymentsResponse;
    return described.serviceDeployments?.[0] as EcsApi.ServiceDeployment;
  };
  const ended = async (): Promise<EcsApi.ServiceDeployment> => {
    const isOver = (): boolean => /SUCCESSFUL|FAILED|STOPPED/.test(look().status ?? '');
    expect(await clock.run(isOver, 40 * DAY_MS)).toBe(true);
    expect(faults).toEqual([]);
    return look();
  };
  await operations.CreateCluster?.({ clusterName: 'prod' }, CALL);
  await register('v1');
  await operations.CreateService?.(
    {
      cluster: 'prod',
      serviceName: 'orders',
      taskDefinition: 'orders',
      desiredCount: 1,
      loadBalancers: [
        {
          targetGroupArn: 'a',
          containerName: 'app',
          containerPort: 8080,
          advancedConfiguration: {
            alternateTargetGroupArn: 'b',
            productionListenerRule: 'production',
            testListenerRule: 'test',
            roleArn: 'role',
          },
        },
      ],
      deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 },
    },
    CALL,
  );
  await ended();
  return {
    ended,
    /** Deploys an image with this configuration to its end. @returns it, and the hours to its end or its rollback */
    async deploy(image: string, deploymentConfiguration: EcsApi.DeploymentConfiguration) {
      await register(image);
      const startMs = clock.now();
      await operations.UpdateService?.(
        { ...SERVICE, taskDefinition: 'orders', deploymentConfiguration },
        CALL,
      );
      const deployment = await ended();
      const endMs = (deployment.rollback?.startedAt ?? deployment.finishedAt)?.getTime() ?? 0;
      return { deployment, tookMs: endMs - startMs };
    },
  };
}

const pause = (
  timeoutInMinutes: number,
  action: 'ROLLBACK' | 'CONTINUE',
): EcsApi.DeploymentLifecycleHook => ({
  targetType: 'PAUSE',
  lifecycleStages: ['POST_SCALE_UP', 'POST_TEST_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT'],
  timeoutConfiguration: { timeoutInMinutes, action },
});

describe('a stage', () => {
  it('that cannot end is given up after 24 hours', async () => {
    const world = await createBareWorld();
    const { deployment, tookMs } = await world.deploy('no-such-image', {});

    expect(deployment).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: expect.stringContaining('SCALE_UP took longer than 24 hours'),
    });
    expect(tookMs / HOUR_MS).toBeCloseTo(24, 2);
  });

  it('does not count the bake after a step, which may last 24 hours itself', async () => {
    const world = await createBareWorld();
    const linearConfiguration = { stepPercent: 50, stepBakeTimeInMinutes: 1_440 };
    const { deployment, tookMs } = await world.deploy('v2', {
      strategy: 'LINEAR',
      linearConfiguration,
      bakeTimeInMinutes: 1_440,
    });

    expect(deployment.status).toBe('SUCCESSFUL');
    expect(tookMs / HOUR_MS).toBeCloseTo(48, 1);
  });
});

describe('a hook', () => {
  it('of a function has 24 hours unless it is given less', async () => {
    const world = await createBareWorld();
    const hook = { hookTargetArn: 'f', roleArn: 'r', lifecycleStages: ['POST_SCALE_UP' as const] };
    const { deployment, tookMs } = await world.deploy('v2', { lifecycleHooks: [hook] });

    expect(deployment).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      lifecycleHookDetails: [{ status: 'TIMED_OUT', timeoutAction: 'ROLLBACK' }],
    });
    expect(tookMs / HOUR_MS).toBeCloseTo(24, 2);
  });

  it('that pauses may wait for 14 days, longer than any other stage', async () => {
    const world = await createBareWorld();
    const { deployment, tookMs } = await world.deploy('v2', { lifecycleHooks: [pause(20_160, 'ROLLBACK')] });

    expect(deployment).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      lifecycleHookDetails: [{ status: 'TIMED_OUT' }],
    });
    expect(tookMs / DAY_MS).toBeCloseTo(14, 2);
  });
});

describe('a deployment', () => {
  it('goes back after 30 days, whatever its hooks allow', async () => {
    const world = await createBareWorld();
    const { deployment, tookMs } = await world.deploy('v2', { lifecycleHooks: [pause(20_160, 'CONTINUE')] });

    expect(deployment).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: expect.stringContaining('30 days'),
    });
    expect(tookMs / DAY_MS).toBeCloseTo(30, 2);
  });

  it('that only pauses for less goes on by itself', async () => {
    const world = await createBareWorld();
    const { deployment, tookMs } = await world.deploy('v2', { lifecycleHooks: [pause(60, 'CONTINUE')] });

    expect(deployment.status).toBe('SUCCESSFUL');
    expect(tookMs / HOUR_MS).toBeCloseTo(3, 1);
  });
});

it('a Network Load Balancer takes ten minutes more before scaling up and in each shift', async () => {
  const application = await (await createBareWorld()).deploy('v2', {});
  const network = await (await createBareWorld(true)).deploy('v2', {});

  expect(network.tookMs - application.tookMs).toBe(3 * 10 * MINUTE_MS);
});
