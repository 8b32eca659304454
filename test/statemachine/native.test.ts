/** ECS's own strategies: Sidestep begins the service deployment, checks and watches through hooks, and tells its end truthfully. */
import {
  type DeploymentConfiguration,
  type DeploymentLifecycleHook,
  DescribeServiceDeploymentsCommand,
  ListServiceDeploymentsCommand,
  type ServiceDeploymentBrief,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Approval, ServiceConfiguration } from '../../lambdas/common/service.ts';
import { localArn } from '../../local/arns.ts';
import { startVirtualLoad } from '../../local/load/index.ts';
import type { WorldOptions } from '../../local/world/index.ts';
import { type Bed, type BedOptions, makeBed } from './bed.ts';
import { KILL_STEP } from './kill-points.ts';

let bed: Bed;
afterEach(() => bed?.close());

/** What sidestep.yaml says of a native service. */
const SERVICE = {
  strategy: { type: 'native' },
  traffic: undefined,
  bake: undefined,
  sides: [{ cluster: 'prod', service: 'orders' }],
};

const CHECKS = { http: [], lambda: [], task: [], alarms: { service: [], sides: {} } };

const hookAt = (...lifecycleStages: string[]): DeploymentLifecycleHook => ({
  hookTargetArn: localArn('lambda', 'function:sidestep-answer-lifecycle-hook'),
  roleArn: localArn('iam', 'role/orders-infrastructure').replace('us-east-1', ''),
  lifecycleStages: lifecycleStages as DeploymentLifecycleHook['lifecycleStages'],
});
const pauseAt = (...lifecycleStages: string[]): DeploymentLifecycleHook => ({
  targetType: 'PAUSE',
  lifecycleStages: lifecycleStages as DeploymentLifecycleHook['lifecycleStages'],
});
const OUR_HOOK = hookAt(
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
);

/** One assembly serves all tests: what is different is configured as CDK would write it. */
interface NativeBed extends Omit<BedOptions, 'world' | 'service'> {
  world?: WorldOptions;
  hooks?: DeploymentLifecycleHook[];
}

/** A world in which ECS shifts; its service calls our hook, which is there only once the stack is. */
async function makeNativeBed({ hooks = [OUR_HOOK], world, ...options }: NativeBed = {}): Promise<Bed> {
  const made = await makeBed({
    ...options,
    world: { controller: 'native-blue-green', ...world },
    service: SERVICE,
  });
  bed = made;
  // The service's creation is a deployment of ECS too.
  await bed.until(async () => (await serviceDeployments())[0]?.status === 'SUCCESSFUL', 'v1 to be deployed');
  await setHooks(hooks);
  return made;
}

async function setHooks(lifecycleHooks: DeploymentLifecycleHook[]): Promise<void> {
  const { deploymentConfiguration } = (await bed.service('orders')) as {
    deploymentConfiguration?: DeploymentConfiguration;
  };
  await bed.clients.ecs.send(
    new UpdateServiceCommand({
      cluster: 'prod',
      service: 'orders',
      deploymentConfiguration: { ...deploymentConfiguration, lifecycleHooks },
    }),
  );
}

/** Newest first. */
async function serviceDeployments(): Promise<ServiceDeploymentBrief[]> {
  const { serviceDeployments = [] } = await bed.clients.ecs.send(
    new ListServiceDeploymentsCommand({ cluster: 'prod', service: 'orders' }),
  );
  return serviceDeployments;
}

async function stageNow(): Promise<string | undefined> {
  const [newest] = await serviceDeployments();
  const { serviceDeployments: [described] = [] } = await bed.clients.ecs.send(
    new DescribeServiceDeploymentsCommand({
      serviceDeploymentArns: [newest?.serviceDeploymentArn ?? ''],
    }),
  );
  return described?.lifecycleStage;
}

const load = () =>
  startVirtualLoad({
    clock: bed.cloud.clock,
    plane: bed.cloud.plane,
    listenerPort: 8080,
    ratePerSecond: 20,
    maxSeconds: 3_600,
  });

/** v1 has everything again, whichever target group it is in. */
async function expectBlueServes(): Promise<void> {
  const [blue, green] = await bed.sides();
  expect(blue).toMatchObject({ percent: 100, healthyCount: 2 });
  expect(green.percent).toBe(0);
}

describe('a deployment that ECS shifts', () => {
  it.each(['native-blue-green', 'native-canary', 'native-linear'] as const)(
    'ends SUCCESSFUL when ECS says so, and loses no request (%s)',
    async (controller) => {
      await makeNativeBed({ world: { controller } });
      const run = load();
      await bed.push('v2');

      const [execution] = await bed.untilEnded();
      const counts = await run.stop();

      expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
      expect(counts.failed).toBe(0);
      expect(counts.byVersion.v2).toBeGreaterThan(0);
      const [blue, green] = await bed.sides();
      expect(blue.percent).toBe(0);
      expect(green).toMatchObject({ percent: 100, healthyCount: 2 });
      const [newest] = await serviceDeployments();
      const [deployment] = await bed.deployments();
      expect(newest).toMatchObject({
        status: 'SUCCESSFUL',
        serviceDeploymentArn: deployment?.serviceDeploymentArn,
      });
    },
  );
});

describe('what is found against a version', () => {
  it('keeps v1 serving when an HTTP check of green fails: ECS rolls back, and the reason is ours', async () => {
    await makeNativeBed({
      configuration: {
        steadyStateTimeoutSeconds: 120,
        checks: {
          ...CHECKS,
          http: [{ path: '/orders', method: 'GET', status: 200, inARow: 1, timeoutSeconds: 5 }],
        },
      },
    });
    const run = load();
    await bed.push('v2', { REQUEST_STATUS: '500' });

    const [execution] = await bed.untilEnded();
    const counts = await run.stop();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(/ROLLBACK_SUCCESSFUL.*hook found: .*\/orders answered 500/);
    expect(counts.failed).toBe(0);
    expect(counts.byVersion.v2).toBeUndefined();
    await expectBlueServes();
  });

  it('lets ECS step back when an alarm fires in the bake', async () => {
    await makeNativeBed({ world: { native: { bakeTimeInMinutes: 10 } } });
    const run = load();
    await bed.push('v2', { REQUEST_STATUS: '500', REQUEST_FAILURE_RATE: '0.5' });

    const [execution] = await bed.untilEnded();
    await run.stop();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toContain('AlarmFired');
    expect((await serviceDeployments())[0]?.status).toBe('ROLLBACK_SUCCESSFUL');
    await expectBlueServes();
  });

  it('gives a version up whose tasks keep failing, although ECS goes on trying', async () => {
    await makeNativeBed();
    await bed.push('v2', { EXIT_CODE: '1', EXIT_AFTER_MS: '50' });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(/exited with code 1/);
    await expectBlueServes();
  });

  it('does not wait longer than configured for a version that never becomes healthy', async () => {
    await makeNativeBed({
      configuration: { steadyStateTimeoutSeconds: 180 },
      world: { healthCheckGracePeriodSeconds: 900 },
    });
    await bed.push('v2', { BOOT_MS: '600000' });

    const [execution] = await bed.untilEnded();

    expect(execution?.cause).toContain('SteadyStateTimedOut: green is not scaled up within 180 s');
    await expectBlueServes();
  });
});

describe('the comparison with v1', () => {
  const compared = (analysis: object = {}) => ({
    world: {
      controller: 'native-canary' as const,
      native: { canaryConfiguration: { canaryPercent: 50, canaryBakeTimeInMinutes: 20 } },
    },
    configuration: {
      checks: CHECKS,
      analysis: {
        minimumRequests: 500,
        tolerance: 1.5,
        periodSeconds: 60,
        lagSeconds: 120,
        otherwise: 'pause' as const,
        ...analysis,
      },
    },
  });

  it('steps back from a version that does worse, which no alarm would notice', async () => {
    await makeNativeBed(compared());
    const run = load();
    await bed.push('v2', { REQUEST_STATUS: '500', REQUEST_FAILURE_RATE: '0.05' });

    const [execution] = await bed.untilEnded();
    const counts = await run.stop();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(/ComparisonFailed: /);
    expect(counts.failed).toBe(0);
    await expectBlueServes();
  });

  it('holds the next shift for a person when too few requests tell nothing', async () => {
    await makeNativeBed(compared());
    await bed.push('v2');
    await bed.until(async () => (await bed.deployments())[0]?.pausedBecause !== undefined, 'the pause');
    await bed.pass(1_800);
    expect((await bed.sides())[1].percent).toBe(50);
    expect(await bed.signal('resume', { reason: 'it is night' })).not.toHaveProperty('errorType');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
  });

  it.each([
    ['pass', { output: { outcome: 'SUCCESSFUL' } }],
    ['fail', { error: 'ROLLBACK_SUCCESSFUL' }],
  ])('that tells nothing means what is configured: %s', async (otherwise, end) => {
    await makeNativeBed(compared({ otherwise }));
    await bed.push('v2');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject(end);
  });
});

describe('a person', () => {
  it('aborts: ECS steps back, and the outcome says who stopped it', async () => {
    await makeNativeBed({ world: { native: { bakeTimeInMinutes: 10 } } });
    await bed.push('v2');
    await bed.until(async () => (await bed.sides())[1].percent === 100, 'green to serve');
    await bed.signal('abort', { reason: 'wrong day' });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'STOPPED' });
    expect(execution?.cause).toContain('wrong day');
    await expectBlueServes();
  });

  it('aborts too late: what ECS has completed serves, and is told as the success that it is', async () => {
    await makeNativeBed({ world: { deregistrationDelaySeconds: 1 } });
    await bed.push('v2');
    await bed.until(async () => (await stageNow()) === 'BAKE_TIME', 'the last minute');
    await bed.pass(57);
    let isComplete = false;
    // Until then whoever would stop it dies before it can.
    bed.cloud.interrupt((functionName) =>
      functionName.includes('StopServiceDeploymentFunction') && !isComplete
        ? { afterCalls: 1, as: 'exit' }
        : undefined,
    );
    await bed.signal('abort', { reason: 'wrong day' });
    await bed.until(
      async () => (await serviceDeployments())[0]?.status === 'SUCCESSFUL',
      'ECS to complete it',
    );
    isComplete = true;

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({
      output: {
        outcome: 'SUCCESSFUL',
        reason: expect.stringMatching(/ECS had completed it before: .*wrong day/),
      },
    });
    expect((await bed.sides())[1]).toMatchObject({ percent: 100, healthyCount: 2 });
  });

  it('pauses before a step and resumes', async () => {
    await makeNativeBed({ world: { controller: 'native-canary' } });
    await bed.push('v2');
    await bed.until(async () => (await bed.sides())[1].percent === 10, 'the canary');
    await bed.signal('pause');
    await bed.pass(1_800);
    expect((await bed.sides())[1].percent).toBe(10);
    await bed.signal('resume');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
  });

  it('is not waited for longer than a pause may last', async () => {
    await makeNativeBed({
      world: { controller: 'native-canary' },
      configuration: { pauseTimeoutSeconds: 600 },
    });
    await bed.push('v2');
    await bed.until(async () => (await bed.sides())[1].percent === 10, 'the canary');
    await bed.signal('pause');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toContain('nobody said resume within 600 s');
    await expectBlueServes();
  });
});

describe('a PAUSE hook', () => {
  const approval: Approval = { gates: ['before-traffic'], timeoutSeconds: 3_600, otherwise: 'reject' };
  const hooks = [OUR_HOOK, pauseAt('POST_TEST_TRAFFIC_SHIFT')];
  const gateIsOpen = async (): Promise<boolean> => (await bed.deployments())[0]?.openGate !== undefined;

  it('is an approval: green gets traffic when a person agrees, within seconds', async () => {
    await makeNativeBed({ hooks, configuration: { approval } });
    await bed.push('v2');
    await bed.until(gateIsOpen, 'the gate');
    expect((await bed.sides())[1].percent).toBe(0);
    await bed.signal('approve');
    await bed.pass(10);
    expect((await bed.sides())[1].percent).toBe(100);

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
  });

  it('steps back when a person rejects', async () => {
    await makeNativeBed({ hooks, configuration: { approval } });
    await bed.push('v2');
    await bed.until(gateIsOpen, 'the gate');
    await bed.signal('reject', { reason: 'ugly' });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(/ApprovalRejected: .*ugly/);
    await expectBlueServes();
  });

  it.each([
    ['reject', { error: 'ROLLBACK_SUCCESSFUL' }],
    ['approve', { output: { outcome: 'SUCCESSFUL' } }],
  ] as const)('that nobody answers in time means what is configured: %s', async (otherwise, end) => {
    await makeNativeBed({ hooks, configuration: { approval: { ...approval, otherwise } } });
    await bed.push('v2');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject(end);
  });

  it('asks once for each of several: an answer is none for the next', async () => {
    const each = [OUR_HOOK, pauseAt('PRE_PRODUCTION_TRAFFIC_SHIFT')];
    await makeNativeBed({
      hooks: each,
      world: { controller: 'native-canary' },
      configuration: { approval: { ...approval, gates: ['before-full-traffic'] } },
    });
    await bed.push('v2');
    await bed.until(gateIsOpen, 'the first gate');
    await bed.signal('approve');
    await bed.until(async () => (await bed.deployments())[0]?.openGate?.trafficStep === 1, 'the second gate');
    expect((await bed.sides())[1].percent).toBe(10);
    await bed.signal('approve');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
  });

  it('is left to others where no approval is configured for it', async () => {
    await makeNativeBed({ hooks: [OUR_HOOK, pauseAt('POST_TEST_TRAFFIC_SHIFT')] });
    await bed.push('v2');
    await bed.pass(1_800);

    const [deployment] = await bed.deployments();
    expect(deployment?.outcome).toBeUndefined();
    expect(deployment?.openGate).toBeUndefined();
    expect((await bed.sides())[1].percent).toBe(0);
  });
});

describe('others', () => {
  const forceAnother = () =>
    bed.clients.ecs.send(
      new UpdateServiceCommand({ cluster: 'prod', service: 'orders', forceNewDeployment: true }),
    );

  it('that update the service themselves are not held up by our hook', async () => {
    await makeNativeBed();
    await forceAnother();
    await bed.until(async () => (await serviceDeployments())[0]?.status === 'SUCCESSFUL', 'their deployment');

    expect(await serviceDeployments()).toHaveLength(2);
    expect(await bed.executions()).toEqual([]);
  });

  it('are let finish before ours begins', async () => {
    await makeNativeBed();
    await forceAnother();
    await bed.push('v2');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
    expect((await serviceDeployments()).map(({ status }) => status)).toEqual(Array(3).fill('SUCCESSFUL'));
  });

  it('that take the place of our service deployment end ours HALTED: what serves is theirs to say', async () => {
    await makeNativeBed({ world: { native: { bakeTimeInMinutes: 10 } } });
    await bed.push('v2');
    await bed.until(async () => (await bed.sides())[1].percent === 100, 'green to serve');
    await forceAnother();

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'HALTED' });
    expect(execution?.cause).toMatch(
      /ServiceDeploymentSuperseded: .*which Sidestep did not begin, took its place/,
    );
  });
});

describe('an execution that is stopped', () => {
  it.each(['StartServiceDeployment', 'FollowServiceDeployment'])(
    'in %s leaves a service deployment that its recovery stops',
    async (state) => {
      await makeNativeBed();
      await bed.push('v2');
      await bed.stopIn(state);

      const [, recovery] = await bed.untilEnded(2);

      expect(recovery).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
      expect((await serviceDeployments()).every(({ status }) => /SUCCESSFUL/.test(status ?? ''))).toBe(true);
      await expectBlueServes();
    },
  );

  it('while ECS steps back is taken over, and ECS is not asked again', async () => {
    await makeNativeBed({ world: { native: { bakeTimeInMinutes: 10 } } });
    await bed.push('v2');
    await bed.until(async () => (await bed.sides())[1].percent === 100, 'green to serve');
    await Promise.all([bed.stopIn('StopServiceDeployment'), bed.signal('abort')]);

    const [, recovery] = await bed.untilEnded(2);

    expect(recovery).toMatchObject({ error: 'STOPPED' });
    await expectBlueServes();
  });
});

describe('a service that does not call on Sidestep for what is configured', () => {
  it.each<[string, DeploymentLifecycleHook[], Partial<ServiceConfiguration>, RegExp]>([
    ['checks without a hook', [], {}, /no lifecycle hook at POST_TEST_TRAFFIC_SHIFT/],
    [
      'an approval without a PAUSE hook',
      [OUR_HOOK],
      { approval: { gates: ['before-traffic'], timeoutSeconds: 3_600, otherwise: 'reject' } },
      /no PAUSE hook for the approval before-traffic/,
    ],
  ])('is refused: %s', async (_, hooks, configuration, because) => {
    await makeNativeBed({ hooks, configuration });
    await bed.push('v2');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'REFUSED' });
    expect(execution?.cause).toMatch(because);
    expect(await serviceDeployments()).toHaveLength(1);
  });
});

describe('a handler that is killed after its n-th call', () => {
  /** Longer than the calls of any step. */
  const CALLS_MAX = 12;
  /** Tasks that end while ECS lets both versions run. */
  const BAD = { REQUEST_STATUS: '500' };

  /** Kills the first invocation of a state's function after so many calls. @returns whether it was there to be killed */
  function killOnce(state: string, afterCalls: number): () => boolean {
    let killed = false;
    bed.cloud.interrupt((functionName) => {
      if (killed || !functionName.includes(`${state}Function`)) return undefined;
      killed = true;
      return { afterCalls, as: 'exit' };
    });
    return () => killed;
  }

  it.each([
    ['StartServiceDeployment', {}],
    ['FollowServiceDeployment', {}],
    ['StopServiceDeployment', BAD],
  ])(
    '%s: is run again, begins nothing twice, and the deployment ends as it would',
    async (state, environment) => {
      for (let calls = 1; calls <= CALLS_MAX; calls += KILL_STEP) {
        await makeNativeBed({ seed: `${state} ${calls}`, configuration: { steadyStateTimeoutSeconds: 60 } });
        const killed = killOnce(state, calls);
        if (state === 'StopServiceDeployment')
          void bed.until(greenServes, 'green').then(() => bed.signal('abort'));
        await bed.push('v2', environment);
        const [execution] = await bed.untilEnded();
        const label = `${state} killed after call ${calls}`;
        expect(killed(), label).toBe(true);
        const [deployment] = await bed.deployments();
        expect(deployment?.outcome, label).toBe(state === 'StopServiceDeployment' ? 'STOPPED' : 'SUCCESSFUL');
        expect(await serviceDeployments(), label).toHaveLength(2);
        expect(await bed.items('locks'), label).toEqual([]);
        const failures = await bed.failuresOf(execution?.executionArn ?? '');
        await bed.close();
        if (!failures.some(({ error }) => error === 'Runtime.ExitError')) break;
      }
    },
  );

  it('begins nothing twice where the same revision has to be forced: a service that was at rest', async () => {
    for (let calls = 1; calls <= CALLS_MAX; calls += KILL_STEP) {
      await makeNativeBed({ seed: `forced ${calls}` });
      const rest = { cluster: 'prod', service: 'orders', desiredCount: 0 };
      await bed.clients.ecs.send(new UpdateServiceCommand(rest));
      await bed.until(async () => (await bed.service('orders')).runningCount === 0, 'it to rest');
      killOnce('StartServiceDeployment', calls);
      await bed.start({ service: 'orders', tag: 'v1' });
      const [execution] = await bed.untilEnded();
      const label = `killed after call ${calls}`;
      expect(execution, label).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
      expect(await serviceDeployments(), label).toHaveLength(2);
      expect(await bed.service('orders'), label).toMatchObject({ desiredCount: 1, runningCount: 1 });
      const failures = await bed.failuresOf(execution?.executionArn ?? '');
      await bed.close();
      if (!failures.some(({ error }) => error === 'Runtime.ExitError')) break;
    }
  });

  const greenServes = async (): Promise<boolean> => (await bed.sides())[1].percent === 100;
});
