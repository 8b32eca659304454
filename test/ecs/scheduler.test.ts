/** The scheduler never falls asleep on a service that has something coming, on a clock as real machines have it. */
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../local/clock/clock.ts';
import type { VirtualClock } from '../../local/clock/virtual-clock.ts';
import { AwsError } from '../../local/wire/aws-error.ts';
import { createWorld } from './world.ts';

const BREAKER = { deploymentCircuitBreaker: { enable: true, rollback: true } };

/** Time passes while code runs: each look at the clock finds it a millisecond on. Timers fire somewhat early. */
function restlessClock(earlyMs: number): (clock: VirtualClock) => Clock {
  return (clock) => {
    let passedMs = 0;
    return {
      ...clock,
      now: () => clock.now() + passedMs++,
      setTimer: (delayMs, fire) => clock.setTimer(Math.max(0, delayMs - earlyMs), fire),
    };
  };
}

const EARLY_MS = Array.from({ length: 25 }, (_, earlyMs) => earlyMs);

describe('a pause that ends while the scheduler looks at its service', () => {
  it.each(EARLY_MS)(
    'is over for it: a failing version is tried until the breaker trips (%i ms)',
    async (earlyMs) => {
      const world = createWorld({}, 'ecs', restlessClock(earlyMs));
      await world.createService(await world.pushAndRegister('v1', { EXIT_CODE: '1' }), {
        deploymentConfiguration: BREAKER,
      });

      await world.untilEvent('SERVICE_DEPLOYMENT_FAILED');
    },
  );

  it.each(EARLY_MS)('is over for it: tasks without targets become healthy (%i ms)', async (earlyMs) => {
    const world = createWorld({}, 'ecs', restlessClock(earlyMs));
    await world.createService(await world.pushAndRegister('v1'), { loadBalancers: [] });

    await world.untilEvent('SERVICE_STEADY_STATE');
  });

  it.each(EARLY_MS)('is over for it: bad health counts after the grace period (%i ms)', async (earlyMs) => {
    const world = createWorld({}, 'ecs', restlessClock(earlyMs));
    await world.createService(await world.pushAndRegister('v1', { HEALTH_STATUS: '500' }), {
      deploymentConfiguration: BREAKER,
      healthCheckGracePeriodSeconds: 20,
    });

    await world.untilEvent('SERVICE_DEPLOYMENT_FAILED');
  });
});

describe('a failure of the local cloud itself', () => {
  it('in a round is reported, and the service is looked at again', async () => {
    const world = createWorld();
    await world.createService(await world.pushAndRegister('v1'));
    const { events } = world;
    events.push = (event) => {
      if (event?.detail.eventName === 'SERVICE_DEPLOYMENT_COMPLETED') throw new Error('no bus');
      return Array.prototype.push.call(events, event);
    };

    await world.untilEvent('SERVICE_STEADY_STATE');

    expect(world.faults).toEqual([new Error('no bus')]);
  });

  it('in the life of a task is reported, and another task takes its place', async () => {
    const world = createWorld();
    const { start } = world.runner;
    world.runner.start = () => {
      world.runner.start = start;
      throw new Error('no process');
    };
    await world.createService(await world.pushAndRegister('v1'));

    await world.untilEvent('SERVICE_STEADY_STATE');

    expect(world.faults).toEqual([new Error('no process')]);
    expect(await world.tasks('STOPPED')).toMatchObject([
      {
        lastStatus: 'STOPPED',
        stopCode: 'TaskFailedToStart',
        stoppedReason: expect.stringContaining('no process'),
      },
    ]);
  });
});

it('stops tasks whose target group was deleted under them', async () => {
  const world = createWorld();
  await world.createService(await world.pushAndRegister('v1'));
  await world.untilEvent('SERVICE_STEADY_STATE');
  world.balancer.registry.deregister = () => {
    throw new AwsError('TargetGroupNotFoundException', 'One or more target groups not found');
  };
  world.balancer.states.clear();

  await world.update({ desiredCount: 0 });
  await world.until(() => world.events.filter(({ detail }) => detail.lastStatus === 'STOPPED').length === 2);

  expect(await world.tasks()).toEqual([]);
  expect(world.faults).toEqual([]);
});
