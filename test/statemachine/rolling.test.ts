/** Rolling: ECS replaces the tasks of one service in place, and whoever steps back, a failed version is never called a success. */
import {
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { afterEach, describe, expect, it } from 'vitest';
import { startVirtualLoad } from '../../local/load/index.ts';
import type { WorldOptions } from '../../local/world/index.ts';
import { type Bed, makeBed } from './bed.ts';
import { KILL_STEP } from './kill-points.ts';

let bed: Bed;
afterEach(() => bed?.close());

const TARGET_GROUP =
  'arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/orders-a/de5a858b94d19b19';

/** What sidestep.yaml says of a rolling service behind a load balancer, and of one that nobody calls. */
const SERVICE = {
  strategy: { type: 'rolling' },
  traffic: undefined,
  sides: [{ cluster: 'prod', service: 'orders-a', targetGroup: TARGET_GROUP }],
  checks: { http: undefined },
};
const ALONE = { ...SERVICE, sides: [{ cluster: 'prod', service: 'orders-a' }] };

const BREAKER = { deploymentCircuitBreaker: { enable: true, rollback: true } };

const NEVER_STARTS = { EXIT_CODE: '1', EXIT_AFTER_MS: '50' };
const NEVER_HEALTHY = { HEALTH_STATUS: '503' };
/** Steady at first, then gone again and again. */
const DIES_IN_THE_BAKE = { EXIT_CODE: '1', EXIT_AFTER_MS: '100000' };

async function makeRollingBed(world: WorldOptions = {}, service: object = {}): Promise<Bed> {
  bed = await makeBed({
    world,
    service: { ...(world.balanced === false ? ALONE : SERVICE), ...service },
  });
  return bed;
}

const load = () =>
  startVirtualLoad({
    clock: bed.cloud.clock,
    plane: bed.cloud.plane,
    listenerPort: 8080,
    ratePerSecond: 20,
    maxSeconds: 3_600,
  });

async function deploymentNow() {
  const [deployment] = await bed.deployments();
  if (!deployment) throw new Error('there is no record');
  return deployment;
}

/** v1 or v2 runs in the count that v1 had, nothing is left over, and nobody holds anything. */
async function expectRuns(version: 'v1' | 'v2', count = 2): Promise<void> {
  const { blue, revisionArn } = await deploymentNow();
  const service = await bed.service('orders-a');
  expect(service).toMatchObject({
    taskDefinition: version === 'v1' ? blue.taskDefinitionArn : revisionArn,
    desiredCount: count,
    runningCount: count,
  });
  expect(await bed.items('locks')).toEqual([]);
  expect(await bed.items('waits')).toEqual([]);
}

const updatesBy = (state: string) =>
  bed.cloud.endpoint.calls.filter(
    ({ operation, caller, error }) =>
      operation === 'UpdateService' && caller.includes(`Sidestep${state}Function`) && !error,
  );

describe('a good version', () => {
  it('takes its predecessor’s place without a lost request, after a bake', async () => {
    await makeRollingBed();
    const run = load();
    await bed.push('v2');

    const [execution] = await bed.untilEnded();
    const counts = await run.stop();

    expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
    expect(counts.failed).toBe(0);
    expect(counts.byVersion.v2).toBeGreaterThan(0);
    await expectRuns('v2');
    const states = await bed.statesOf(execution?.executionArn ?? '');
    expect(states.slice(states.indexOf('HowToStart?'))).toEqual([
      'HowToStart?',
      'StartGreen',
      'WaitForSteadyState',
      'VerifyTargets',
      'WhatNext?',
      'Bake',
      'JudgeBake',
      'WhatNext?',
      'GreenServes',
      'CleanUp',
      'KeepsBlue?',
      'NothingToDrain',
      'ReleaseLock',
      'HowDidItEnd?',
      'Deployed',
    ]);
  });

  it('takes its place in a service that is behind no load balancer', async () => {
    await makeRollingBed({ balanced: false });
    await bed.push('v2');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({
      output: { outcome: 'SUCCESSFUL', reason: 'orders-a runs the new revision' },
    });
    await expectRuns('v2');
  });

  it('never has fewer or more tasks than the service’s own minimum and maximum percent allow', async () => {
    await makeRollingBed({
      blueCount: 4,
      rollout: { minimumHealthyPercent: 50, maximumPercent: 100 },
    });
    const seen: number[] = [];
    await bed.push('v2');
    await bed.until(async () => {
      const { runningCount = 0, pendingCount = 0 } = (await bed.service('orders-a')) as {
        runningCount?: number;
        pendingCount?: number;
      };
      seen.push(runningCount);
      expect(runningCount + pendingCount).toBeLessThanOrEqual(4);
      return (await bed.deployments())[0]?.outcome !== undefined;
    }, 'the end');

    expect(Math.min(...seen)).toBe(2);
    expect(await deploymentNow()).toMatchObject({ outcome: 'SUCCESSFUL' });
    await expectRuns('v2', 4);
  });

  it('says how many tasks run and are pending, as it changes', async () => {
    await makeRollingBed();
    await bed.push('v2');
    await bed.untilEnded();

    const seen = bed.cloud.endpoint.calls.flatMap(({ operation, input }) => {
      const [text] =
        operation === 'UpdateItem' ? (/orders-a: \d[^"]*/.exec(JSON.stringify(input)) ?? []) : [];
      return text ?? [];
    });
    expect(seen).toContainEqual(
      expect.stringMatching(
        /orders-a: 0 of 2 tasks run orders:2, 2 pending, 2 of before, rollout IN_PROGRESS/,
      ),
    );
    expect(seen).toContainEqual(expect.stringMatching(/orders-a: 2 of 2 tasks run orders:2, 2 of before/));
  });

  it('stays where it is if the execution dies after the bake has been judged', async () => {
    await makeRollingBed();
    await bed.push('v2');
    await bed.stopIn('ReleaseLock');

    const executions = await bed.untilEnded(2);

    expect(executions.at(-1)).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
    await expectRuns('v2');
  });
});

describe('a version that does not become steady', () => {
  it.each([
    ['never starts', NEVER_STARTS],
    ['never becomes healthy', NEVER_HEALTHY],
  ])('and %s: ECS’s own rollback is seen, and is no success', async (_what, environment) => {
    await makeRollingBed({ rollout: BREAKER });
    const run = load();
    await bed.push('v2', environment);

    const [execution] = await bed.untilEnded();
    const counts = await run.stop();

    expect(execution).toMatchObject({ status: 'FAILED', error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(
      /EcsDeploymentFailed: ECS gave up orders-a: ECS deployment circuit breaker/,
    );
    expect(counts.failed).toBe(0);
    expect(counts.byVersion.v2 ?? 0).toBe(0);
    // ECS went back by itself: Sidestep has nothing to change.
    expect(updatesBy('StartBlue')).toEqual([]);
    await expectRuns('v1');
  });

  it('and whose service has its circuit breaker on without rollback: Sidestep goes back', async () => {
    await makeRollingBed({ rollout: { deploymentCircuitBreaker: { enable: true, rollback: false } } });
    await bed.push('v2', NEVER_STARTS);

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(updatesBy('StartBlue')).toHaveLength(1);
    await expectRuns('v1');
  });

  it('and whose service has no circuit breaker: Sidestep gives it up and goes back', async () => {
    await makeRollingBed();
    const run = load();
    await bed.push('v2', NEVER_STARTS);

    const [execution] = await bed.untilEnded();
    const counts = await run.stop();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(/TasksKeepFailing: \d tasks of orders-a failed.*FATAL: cannot read/);
    expect(counts.failed).toBe(0);
    expect(updatesBy('StartBlue')).toHaveLength(1);
    await expectRuns('v1');
  });

  it.each([
    ['on', BREAKER],
    ['off', {}],
  ])('and is behind no load balancer, circuit breaker %s: v1 runs again', async (_what, rollout) => {
    await makeRollingBed({ balanced: false, rollout });
    await bed.push('v2', NEVER_STARTS);

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    await expectRuns('v1');
  });

  it('is seen to be gone even if every event of ECS is lost and ECS is done before anybody looks', async () => {
    // Given up at the first failure: too few for anybody to count.
    const thresholdConfiguration = { type: 'COUNT', value: 1 } as const;
    const deploymentCircuitBreaker = { ...BREAKER.deploymentCircuitBreaker, thresholdConfiguration };
    await makeRollingBed({ rollout: { deploymentCircuitBreaker } });
    await bed.push('v2', NEVER_STARTS);
    await bed.untilState('WaitForSteadyState');
    // Nobody looks while it happens: neither an event nor the sweep comes through.
    const restore = bed.cloud.interrupt((name) =>
      /WakeDeployment|Sweep/.test(name) ? { afterCalls: 0, as: 'exit' } : undefined,
    );
    await bed.until(async () => {
      const { deployments = [] } = (await bed.service('orders-a')) as {
        deployments?: { rolloutState?: string }[];
      };
      return deployments.length === 1 && deployments[0]?.rolloutState === 'COMPLETED';
    }, 'ECS to have gone back');
    restore();

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    const { startedAtMs, endedAtMs = 0 } = await deploymentNow();
    expect(endedAtMs - startedAtMs).toBeLessThan(15 * 60_000);
    await expectRuns('v1');
  });
});

describe('a version that fails in the bake', () => {
  it('goes when an alarm fires', async () => {
    await makeRollingBed({}, { bake: '10m' });
    const run = load();
    await bed.push('v2', { REQUEST_STATUS: '500', REQUEST_FAILURE_RATE: '0.25' });

    const [execution] = await bed.untilEnded();
    const counts = await run.stop();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(/AlarmFired: .*orders-5xx/);
    expect(counts.failed).toBe(0);
    await expectRuns('v1');
  });

  it.each([true, false])(
    'goes when its tasks keep failing (behind a load balancer: %s)',
    async (balanced) => {
      await makeRollingBed({ balanced }, { bake: '30m' });
      await bed.push('v2', DIES_IN_THE_BAKE);

      const [execution] = await bed.untilEnded();

      expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
      const states = await bed.statesOf(execution?.executionArn ?? '');
      expect(states.slice(states.indexOf('RollBack'))).toEqual([
        'RollBack',
        'HowToStepBack?',
        'StartBlue',
        'WaitForBlue',
        'BlueServes',
        'ReleaseLock',
        'HowDidItEnd?',
        'RolledBack',
      ]);
      await expectRuns('v1');
    },
  );
});

describe('others', () => {
  it('who update the service meanwhile are not overwritten: the deployment ends HALTED', async () => {
    await makeRollingBed();
    await bed.push('v2', NEVER_HEALTHY);
    await bed.untilState('WaitForSteadyState');
    const { blue } = await deploymentNow();
    const { taskDefinition } = await bed.clients.ecs.send(
      new DescribeTaskDefinitionCommand({
        taskDefinition: blue.taskDefinitionArn,
      }),
    );
    const { taskDefinition: third } = await bed.clients.ecs.send(
      new RegisterTaskDefinitionCommand({
        family: 'orders',
        containerDefinitions: taskDefinition?.containerDefinitions,
        cpu: '256',
      }),
    );
    await bed.clients.ecs.send(
      new UpdateServiceCommand({
        cluster: 'prod',
        service: 'orders-a',
        taskDefinition: third?.taskDefinitionArn,
      }),
    );

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'HALTED' });
    expect(execution?.cause).toMatch(/updated to .*orders:3 by somebody else/);
    expect(await bed.service('orders-a')).toMatchObject({ taskDefinition: third?.taskDefinitionArn });
  });

  it('who scale it meanwhile keep their count when it steps back', async () => {
    await makeRollingBed({ rollout: BREAKER });
    await bed.push('v2', NEVER_HEALTHY);
    await bed.untilState('WaitForSteadyState');
    await bed.clients.ecs.send(
      new UpdateServiceCommand({ cluster: 'prod', service: 'orders-a', desiredCount: 5 }),
    );

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    await expectRuns('v1', 5);
  });

  it('who abort it find v1 again', async () => {
    await makeRollingBed();
    await bed.push('v2');
    await bed.untilState('WaitForSteadyState');
    await bed.signal('abort', { reason: 'not today' });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'STOPPED' });
    await expectRuns('v1');
  });
});

describe('a handler that is killed after its n-th call', () => {
  const CALLS_MAX = 16;
  it.each(['StartGreen', 'StartBlue'])('%s: is run again, and v1 runs in the end', async (state) => {
    for (let calls = 1; calls <= CALLS_MAX; calls += KILL_STEP) {
      await makeRollingBed();
      let killed = false;
      bed.cloud.interrupt((name) => {
        if (killed || !name.includes(`Sidestep${state}Function`)) return undefined;
        killed = true;
        return { afterCalls: calls, as: 'exit' };
      });
      await bed.push('v2', NEVER_STARTS);
      await bed.untilEnded();
      expect(await deploymentNow(), `${state} ${calls}`).toMatchObject({ outcome: 'ROLLBACK_SUCCESSFUL' });
      await expectRuns('v1');
      const executions = await bed.executions();
      const failures = (
        await Promise.all(executions.map(({ executionArn }) => bed.failuresOf(executionArn)))
      ).flat();
      await bed.close();
      if (!failures.some((one) => one.state === state && one.error === 'Runtime.ExitError')) break;
    }
  });
});
