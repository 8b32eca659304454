/** Autoscaling around whole deployments: the sides change roles, and schedules, alarms and minimums follow them. */

import { DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CapturedScaling } from '../../lambdas/common/deployment.ts';
import { type BedOptions, makeBed } from './bed.ts';

const NONE = { dynamicIn: false, dynamicOut: false, scheduled: false };
const ALL = { dynamicIn: true, dynamicOut: true, scheduled: true };

async function scalingBed(options: BedOptions = {}) {
  const bed = await makeBed({
    ...options,
    world: {
      autoscaling: {
        min: 2,
        max: 6,
        policies: true,
        scheduledAction: { schedule: 'rate(1 minute)', min: 2 },
      },
      ...options.world,
    },
  });
  onTestFinished(() => bed.close());
  return {
    ...bed,
    async targetOf(side: string): Promise<CapturedScaling> {
      const { ScalableTargets = [] } = await bed.clients.autoscaling.send(
        new DescribeScalableTargetsCommand({
          ServiceNamespace: 'ecs',
          ResourceIds: [`service/prod/${side}`],
        }),
      );
      const [{ MinCapacity: min = -1, MaxCapacity: max = -1, SuspendedState: s = {} } = {}] = ScalableTargets;
      return {
        min,
        max,
        suspended: {
          dynamicIn: s.DynamicScalingInSuspended === true,
          dynamicOut: s.DynamicScalingOutSuspended === true,
          scheduled: s.ScheduledScalingSuspended === true,
        },
      };
    },
  };
}

describe('a service that scales', () => {
  it('is deployed to the other side and back, and the side that rests stays at 0', async () => {
    const bed = await scalingBed();
    await bed.push('v2');
    const [first] = await bed.untilEnded(1);
    expect(first).toMatchObject({ status: 'SUCCEEDED' });
    await bed.pass(600);
    expect(await bed.service('orders-a')).toMatchObject({ desiredCount: 0, runningCount: 0 });
    expect(await bed.targetOf('orders-a')).toEqual({ min: 0, max: 6, suspended: ALL });
    expect(await bed.targetOf('orders-b')).toEqual({ min: 2, max: 6, suspended: NONE });
    const [deployment] = await bed.deployments();
    expect(deployment?.scaling).toEqual({
      blue: { min: 2, max: 6, suspended: NONE },
      green: { min: 0, max: 6, suspended: ALL },
      differences: [],
    });

    await bed.push('v3');
    await bed.untilEnded(2);
    await bed.pass(600);
    expect(await bed.targetOf('orders-a')).toEqual({ min: 2, max: 6, suspended: NONE });
    expect(await bed.service('orders-a')).toMatchObject({ desiredCount: 2, runningCount: 2 });
    expect(await bed.service('orders-b')).toMatchObject({ desiredCount: 0, runningCount: 0 });
  });

  it('is left as it was by a version that is not good', async () => {
    const bed = await scalingBed();
    await bed.push('v2', { HEALTH_STATUS: '503' });
    const [execution] = await bed.untilEnded(1);
    expect(execution).toMatchObject({ status: 'FAILED' });
    await bed.pass(600);
    expect(await bed.targetOf('orders-a')).toEqual({ min: 2, max: 6, suspended: NONE });
    expect(await bed.targetOf('orders-b')).toEqual({ min: 0, max: 6, suspended: ALL });
    expect(await bed.service('orders-b')).toMatchObject({ desiredCount: 0 });
    expect(await bed.service('orders-a')).toMatchObject({ desiredCount: 2, runningCount: 2 });
  });

  it('starts green in as many tasks as blue has been scaled to', async () => {
    const bed = await scalingBed();
    await bed.cloud.autoscaling.scaleOut('service/prod/orders-a', 3);
    await bed.pass(120);
    await bed.push('v2');
    await bed.untilEnded(1);
    expect(await bed.service('orders-b')).toMatchObject({ desiredCount: 5, runningCount: 5 });
  });
});
