/** Recreate: a consumer of which two must never run, deployed with a process that ends as soon as it finds another one running. */
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it } from 'vitest';
import { createRandom } from '../../local/random.ts';
import type { WorldOptions } from '../../local/world/index.ts';
import { type Bed, type BedOptions, makeBed } from './bed.ts';
import { KILL_STEP, triesOf } from './kill-points.ts';

let bed: Bed;
afterEach(() => bed?.close());

/** What sidestep.yaml says of a consumer. */
const SERVICE = {
  strategy: { type: 'recreate' },
  traffic: undefined,
  sides: [{ cluster: 'prod', service: 'orders-a' }],
  checks: { http: undefined },
};

/** Every version runs it: of two at once the second one ends with a VIOLATION in its log. */
const ALONE = { EXCLUSIVE: 'ledger' };
/** Neither ends at once nor starts at once. */
const SLOW = { ...ALONE, BOOT_MS: '3000' };
const NEVER_STARTS = { ...ALONE, EXIT_CODE: '1', EXIT_AFTER_MS: '50' };
/** Steady at first, then gone again and again. */
const DIES_IN_THE_BAKE = { ...ALONE, EXIT_CODE: '1', EXIT_AFTER_MS: '100000' };

async function makeConsumerBed({ world, service, ...options }: BedOptions = {}): Promise<Bed> {
  bed = await makeBed({
    world: { balanced: false, blueCount: 1, blueEnvironment: ALONE, ...world },
    service: { ...SERVICE, ...service },
    ...options,
  });
  return bed;
}

async function logged(pattern: RegExp): Promise<string[]> {
  const { events = [] } = await bed.clients.logs.send(
    new FilterLogEventsCommand({ logGroupName: '/ecs/orders' }),
  );
  return events.flatMap(({ message = '' }) => (pattern.test(message) ? message : []));
}

async function deploymentNow() {
  const [deployment] = await bed.deployments();
  if (!deployment) throw new Error('there is no record');
  return deployment;
}

/** One version runs alone, and never met the other. */
async function expectAlone(version: 'v1' | 'v2', label = ''): Promise<void> {
  const { blue, revisionArn } = await deploymentNow();
  expect(await logged(/VIOLATION/), label).toEqual([]);
  expect(await bed.service('orders-a'), label).toMatchObject({
    taskDefinition: version === 'v1' ? blue.taskDefinitionArn : revisionArn,
    desiredCount: 1,
    runningCount: 1,
  });
  expect(await bed.items('locks'), label).toEqual([]);
  expect(await bed.items('waits'), label).toEqual([]);
}

const STRAIGHT = [
  'ResolveDeployment',
  'AcquireLock',
  'RegisterRevision',
  'StopBlue',
  'StartGreen',
  'WaitForSteadyState',
  'VerifyTargets',
  'Bake',
  'JudgeBake',
  'ReleaseLock',
] as const;
const BACK = ['StopGreen', 'StartBlue', 'WaitForBlue'] as const;

describe('the consumer of these tests', () => {
  it('tells on a deployment that runs two at once', async () => {
    await makeConsumerBed({ service: { strategy: { type: 'rolling' } } });
    await bed.push('v2', ALONE);
    await bed.untilEnded();

    expect(await logged(/VIOLATION: v2 in .* found ledger held by v1/)).not.toEqual([]);
    expect((await deploymentNow()).outcome).not.toBe('SUCCESSFUL');
  });
});

describe('a good version', () => {
  it('starts when every old task is STOPPED, in the old count, and the downtime is told', async () => {
    await makeConsumerBed();
    await bed.push('v2', ALONE);

    const [execution] = await bed.untilEnded();

    await expectAlone('v2');
    const { downtimeSeconds = 0, downtimes = [], stages } = await deploymentNow();
    expect(execution).toMatchObject({
      output: {
        outcome: 'SUCCESSFUL',
        reason: `orders-a runs the new revision; no version of orders served for ${downtimeSeconds} s`,
      },
    });
    const [{ fromMs, toMs } = { fromMs: 0, toMs: 0 }] = downtimes;
    expect(fromMs).toBeGreaterThanOrEqual(stages.StopBlue?.intendedAtMs ?? Number.NaN);
    expect(toMs).toBeGreaterThan(stages.StartGreen?.intendedAtMs ?? Number.NaN);
    expect(downtimeSeconds).toBeCloseTo((toMs - fromMs) / 1000, 1);
    const states = await bed.statesOf(execution?.executionArn ?? '');
    expect(states.slice(states.indexOf('HowToStart?'), states.indexOf('WhatNext?'))).toEqual([
      'HowToStart?',
      'StopBlue',
      'StartGreen',
      'WaitForSteadyState',
      'VerifyTargets',
    ]);
  });

  it('waits for an old task that takes its time to stop, though no count shows it', async () => {
    await makeConsumerBed({ world: { blueEnvironment: { ...ALONE, IGNORE_SIGTERM: '1' } } });
    await bed.push('v2', ALONE);
    await bed.untilEnded();

    await expectAlone('v2');
    // Its stop time-out is 30 s: only then is it killed.
    expect((await deploymentNow()).downtimeSeconds).toBeGreaterThan(30);
  });

  it('replaces several tasks, and gets their number', async () => {
    await makeConsumerBed({ world: { blueCount: 3, blueEnvironment: {} } });
    await bed.push('v2');
    await bed.untilEnded();

    expect(await deploymentNow()).toMatchObject({ outcome: 'SUCCESSFUL' });
    expect(await bed.service('orders-a')).toMatchObject({ desiredCount: 3, runningCount: 3 });
  });

  it('replaces its predecessor alone with autoscaling, which comes back as it was', async () => {
    await makeConsumerBed({ world: { autoscaling: { min: 1, max: 1 } } });
    await bed.push('v2', ALONE);
    await bed.untilEnded();

    await expectAlone('v2');
    expect(await deploymentNow()).toMatchObject({ outcome: 'SUCCESSFUL' });
  });

  it('starts though nothing ran before, without any downtime', async () => {
    await makeConsumerBed({ world: { blueCount: 0 } });
    await bed.push('v2', ALONE);
    await bed.untilEnded();

    expect(await deploymentNow()).toMatchObject({
      outcome: 'SUCCESSFUL',
      reason: 'orders-a runs the new revision',
    });
    await expectAlone('v2');
  });
});

describe('a version that is not good', () => {
  it.each([
    ['circuit breaker off', {}],
    ['circuit breaker on', { rollout: { deploymentCircuitBreaker: { enable: true, rollback: false } } }],
  ])('and does not start (%s): the old one is back', async (_what, world: WorldOptions) => {
    await makeConsumerBed({ world });
    await bed.push('v2', NEVER_STARTS);

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(/no version of orders served for [\d.]+ s/);
    const { downtimes, stages } = await deploymentNow();
    expect(downtimes).toHaveLength(1);
    expect(downtimes?.[0]?.toMs).toBeGreaterThan(stages.StartBlue?.intendedAtMs ?? Number.NaN);
    await expectAlone('v1');
  });

  it('and fails in the bake: the old one is back, and both downtimes are told', async () => {
    await makeConsumerBed({ service: { bake: '30m' } });
    await bed.push('v2', DIES_IN_THE_BAKE);

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    const { downtimes = [], downtimeSeconds } = await deploymentNow();
    expect(downtimes).toHaveLength(2);
    const [first, second] = downtimes.map(({ fromMs, toMs }) => (toMs - fromMs) / 1000);
    expect(downtimeSeconds).toBeCloseTo((first ?? 0) + (second ?? 0), 0);
    await expectAlone('v1');
  });
});

describe('an old version that does not stop in time', () => {
  const STUBBORN = { blueEnvironment: { ...ALONE, IGNORE_SIGTERM: '1' } };

  it('is waited for once more, and then started again', async () => {
    await makeConsumerBed({ world: STUBBORN, configuration: { drainTimeoutSeconds: 20 } });
    await bed.push('v2', ALONE);

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(await logged(/version v2 starts/)).toEqual([]);
    await expectAlone('v1');
  });

  it('has nothing started beside it, and a person is called, if it does not stop then either', async () => {
    await makeConsumerBed({ world: STUBBORN, configuration: { drainTimeoutSeconds: 5 } });
    await bed.push('v2', ALONE);

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'ROLLBACK_FAILED' });
    expect(execution?.cause).toMatch(/GreenWillNotStop/);
    expect(await logged(/version v\d starts/)).toEqual(['version v1 starts']);
    expect(await bed.items('locks')).toHaveLength(1);
  });

  it('runs again once the person has the deployment recovered', async () => {
    await makeConsumerBed({ world: STUBBORN, configuration: { drainTimeoutSeconds: 5 } });
    await bed.push('v2', ALONE);
    await bed.untilEnded();
    await bed.pass(60);

    await bed.start({ recover: (await deploymentNow()).deploymentId });
    await bed.untilEnded(2);

    expect(await deploymentNow()).toMatchObject({ outcome: 'ROLLBACK_SUCCESSFUL' });
    await expectAlone('v1');
  });
});

describe('a deployment that ends before anything was stopped', () => {
  it('causes no downtime', async () => {
    await makeConsumerBed();
    bed.cloud.interrupt((name) =>
      name.includes('RegisterRevisionFunction') ? { afterCalls: 1, as: 'exit' } : undefined,
    );
    await bed.push('v2', ALONE);

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(await logged(/SIGTERM/)).toEqual([]);
    expect((await deploymentNow()).downtimeSeconds).toBeUndefined();
    await expectAlone('v1');
  });
});

describe('a service that goes back by itself', () => {
  it('is refused, because ECS would start old tasks while new ones still stop', async () => {
    const rollout = { deploymentCircuitBreaker: { enable: true, rollback: true } };
    await makeConsumerBed({ world: { rollout } });
    await bed.push('v2', ALONE);

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'REFUSED' });
    expect(execution?.cause).toMatch(/SideMisconfigured: ECS service orders-a goes back by itself/);
    expect(await logged(/SIGTERM/)).toEqual([]);
  });
});

describe('others', () => {
  it('who abort it while the old one stops get it back, alone', async () => {
    await makeConsumerBed({ world: { blueEnvironment: { ...ALONE, IGNORE_SIGTERM: '1' } } });
    await bed.push('v2', ALONE);
    await bed.until(async () => (await logged(/SIGTERM ignored/)).length > 0, 'the stop to begin');
    await bed.signal('abort');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'STOPPED' });
    expect(await logged(/version v2 starts/)).toEqual([]);
    await expectAlone('v1');
  });

  it('who start the old one again at the wrong moment do not make two of it', async () => {
    await makeConsumerBed();
    let meddled = false;
    // Between the wait for the last task and the new version's start.
    bed.cloud.states.onHistoryEvent((_arn, { stateEnteredEventDetails }) => {
      if (stateEnteredEventDetails?.name !== 'StartGreen' || meddled) return;
      meddled = true;
      void bed.clients.ecs.send(
        new UpdateServiceCommand({ cluster: 'prod', service: 'orders-a', desiredCount: 1 }),
      );
    });
    await bed.push('v2', ALONE);

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(/BlueStartedAgain/);
    await expectAlone('v1');
  });
});

async function stop(executionArn: string): Promise<void> {
  const sfn = new SFNClient(bed.cloud.clientConfiguration('person'));
  await sfn.send(new StopExecutionCommand({ executionArn }));
  sfn.destroy();
}

describe('an execution that is stopped', () => {
  it.each(STRAIGHT.filter((state) => state !== 'ResolveDeployment' && state !== 'AcquireLock'))(
    'in %s: one version runs in the end, and never two',
    async (state) => {
      await makeConsumerBed({ seed: `stopped in ${state}` });
      await bed.push('v2', SLOW);
      await bed.stopIn(state);

      await bed.untilEnded(2);

      const { outcome } = await deploymentNow();
      // A handler that runs when its execution is stopped may still judge the bake.
      if (state === 'ReleaseLock') expect(outcome).toBe('SUCCESSFUL');
      else if (state !== 'JudgeBake') expect(outcome).toBe('ROLLBACK_SUCCESSFUL');
      await expectAlone(outcome === 'SUCCESSFUL' ? 'v2' : 'v1');
    },
  );

  it.each(BACK)('in %s: the old version runs in the end, and never two', async (state) => {
    await makeConsumerBed({ seed: `stopped in ${state}` });
    await bed.push('v2', NEVER_STARTS);
    await bed.stopIn(state);

    await bed.untilEnded(2);

    expect(await deploymentNow()).toMatchObject({ outcome: 'ROLLBACK_SUCCESSFUL' });
    await expectAlone('v1');
  });

  it('at any moment, by many seeds: one version runs in the end, and never two', async () => {
    for (let seed = 0; seed < triesOf(16); seed += 1) {
      const random = createRandom(`moment ${seed}`);
      const environment = [ALONE, SLOW, NEVER_STARTS][seed % 3] ?? ALONE;
      const world = seed % 2 ? { blueEnvironment: { ...ALONE, IGNORE_SIGTERM: '1' } } : {};
      await makeConsumerBed({ seed: `moment ${seed}`, world });
      await bed.push('v2', environment);
      const executionArn = await bed.untilState('StopBlue', 1);
      await bed.pass(random.next() * 90);
      await stop(executionArn);
      await bed.until(async () => (await deploymentNow()).outcome !== undefined, 'the end');
      await bed.untilEnded();

      const { outcome } = await deploymentNow();
      const label = `seed ${seed}`;
      expect(['SUCCESSFUL', 'ROLLBACK_SUCCESSFUL'], label).toContain(outcome);
      await expectAlone(outcome === 'SUCCESSFUL' ? 'v2' : 'v1', label);
      await bed.close();
    }
  });
});

describe('a handler that is killed after its n-th call', () => {
  /** More calls than any step makes. */
  const CALLS_MAX = 20;

  const kills = async (
    state: string,
    environment: Record<string, string>,
    version: 'v1' | 'v2',
  ): Promise<void> => {
    for (let calls = 1; calls <= CALLS_MAX; calls += KILL_STEP) {
      await makeConsumerBed({ seed: `${state} ${calls}` });
      let killed = false;
      bed.cloud.interrupt((name) => {
        if (killed || !name.includes(`Sidestep${state}Function`)) return undefined;
        killed = true;
        return { afterCalls: calls, as: 'exit' };
      });
      await bed.push('v2', environment);
      const [execution] = await bed.untilEnded();
      const label = `${state} killed after call ${calls}`;
      expect(await deploymentNow(), label).toMatchObject({
        outcome: version === 'v2' ? 'SUCCESSFUL' : 'ROLLBACK_SUCCESSFUL',
      });
      await expectAlone(version, label);
      const failures = await bed.failuresOf(execution?.executionArn ?? '');
      await bed.close();
      // Fewer calls than that: the kill came to nothing, and so would every later one.
      if (!failures.some((one) => one.state === state && one.error === 'Runtime.ExitError')) return;
    }
  };

  it.each(['StopBlue', 'StartGreen', 'VerifyTargets'])(
    '%s: is run again, and the new version runs alone',
    (state) => kills(state, ALONE, 'v2'),
  );

  it.each(BACK)('%s: is run again, and the old version runs alone', (state) =>
    kills(state, NEVER_STARTS, 'v1'),
  );
});
