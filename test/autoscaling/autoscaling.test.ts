/** Application Auto Scaling through the real SDK client: what lifts a service, what does not, and what is kept. */
import {
  DeleteScheduledActionCommand,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingActivitiesCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  PutScheduledActionCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { type ScalingWorld, START_MS, scalable, scalingWorld } from './cloud.ts';

const target = async ({ clients }: ScalingWorld, side: 'orders-a' | 'orders-b') => {
  const { ScalableTargets = [] } = await clients.autoscaling.send(
    new DescribeScalableTargetsCommand({
      ServiceNamespace: 'ecs',
      ResourceIds: [scalable(side).ResourceId],
    }),
  );
  return ScalableTargets[0];
};

const atSecond = (second: number) => `at(${new Date(START_MS + second * 1000).toISOString().slice(0, 19)})`;

const schedule = (
  { clients }: ScalingWorld,
  Schedule: string,
  action: { MinCapacity?: number; MaxCapacity?: number },
) =>
  clients.autoscaling.send(
    new PutScheduledActionCommand({
      ...scalable('orders-a'),
      ScheduledActionName: 'evening',
      Schedule,
      ScalableTargetAction: action,
    }),
  );

const ALL = {
  DynamicScalingInSuspended: true,
  DynamicScalingOutSuspended: true,
  ScheduledScalingSuspended: true,
};

/** An alarm that calls a policy when the queue is longer than 100. */
async function alarmOn(
  { clients }: ScalingWorld,
  policyArn: string,
): Promise<(state: 'ALARM' | 'OK') => Promise<void>> {
  const AlarmName = 'queue-too-long';
  await clients.cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName,
      Namespace: 'Orders',
      MetricName: 'QueueLength',
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 100,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'ignore',
      AlarmActions: [policyArn],
    }),
  );
  return async (StateValue) => {
    await clients.cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'test' }));
  };
}

describe('a service that was scaled to 0 and not parked', () => {
  it('is lifted by a scheduled action, in its new minimum', async () => {
    const world = await scalingWorld({
      min: 2,
      max: 6,
      scheduledAction: { schedule: atSecond(300), min: 3 },
    });
    await world.scaleTo('orders-a', 0);
    await world.runSeconds(120);
    expect(await world.runningCountOf('orders-a')).toBe(0);

    await world.runSeconds(180);

    expect(await world.runningCountOf('orders-a')).toBe(3);
    expect(await target(world, 'orders-a')).toMatchObject({ MinCapacity: 3, MaxCapacity: 6 });
    const [newest] = world.autoscaling.activities.filter(({ resource }) => resource.service === 'orders-a');
    expect(newest).toMatchObject({
      from: 0,
      to: 3,
      status: 'Successful',
      cause: expect.stringContaining('business-hours'),
    });
  });

  it('is lifted to its minimum, not above, by the first alarm of a policy', async () => {
    const world = await scalingWorld();
    const setAlarm = await alarmOn(world, await world.addStepPolicy('orders-a', 4));
    await world.scaleTo('orders-a', 0);
    await world.runSeconds(60);
    expect(await world.desiredCountOf('orders-a')).toBe(0);

    await setAlarm('ALARM');
    await world.runSeconds(60);

    expect(await world.runningCountOf('orders-a')).toBe(2);
  });

  it('is lifted by a target tracking policy that asks for more', async () => {
    const world = await scalingWorld({ min: 2, max: 6, policies: true });
    await world.scaleTo('orders-a', 0);
    await world.autoscaling.scaleOut('service/prod/orders-a', 1);
    expect(await world.desiredCountOf('orders-a')).toBe(2);
  });

  it('is lifted by whoever registers its target again, as an infrastructure tool does', async () => {
    const world = await scalingWorld();
    await world.scaleTo('orders-a', 0);
    await world.register('orders-a', {});
    expect(await world.desiredCountOf('orders-a')).toBe(2);
  });
});

describe('a service that was parked before it was scaled to 0', () => {
  it('stays at 0 through schedule, alarm, target tracking and a repeated registration', async () => {
    const world = await scalingWorld({
      min: 2,
      max: 6,
      scheduledAction: { schedule: 'rate(1 minute)', min: 3 },
    });
    const setAlarm = await alarmOn(world, await world.addStepPolicy('orders-a', 4));
    await world.register('orders-a', { MinCapacity: 0, SuspendedState: ALL });
    await world.scaleTo('orders-a', 0);

    await setAlarm('ALARM');
    await world.autoscaling.scaleOut('service/prod/orders-a', 1);
    await world.register('orders-a', {});
    await world.runSeconds(600);

    expect(await world.desiredCountOf('orders-a')).toBe(0);
    expect(await target(world, 'orders-a')).toMatchObject({ MinCapacity: 0, MaxCapacity: 6 });
    const left = world.autoscaling.activities.map(({ status }) => status);
    expect(left.length).toBeGreaterThan(10);
    expect(new Set(left.slice(0, 11))).toEqual(new Set(['NotScaled']));
  });

  it.each([
    ['DynamicScalingOutSuspended', 'dynamic'],
    ['ScheduledScalingSuspended', 'scheduled'],
  ])('needs %s, or the %s kind lifts it all the same', async (kind, lifter) => {
    const world = await scalingWorld({
      min: 2,
      max: 6,
      scheduledAction: { schedule: atSecond(300), min: 3 },
    });
    await world.register('orders-a', { MinCapacity: 0, SuspendedState: { ...ALL, [kind]: false } });
    await world.scaleTo('orders-a', 0);
    if (lifter === 'dynamic') await world.autoscaling.scaleOut('service/prod/orders-a', 1);
    else await world.runSeconds(300);
    expect(await world.desiredCountOf('orders-a')).toBeGreaterThan(0);
  });
});

describe('a scalable target', () => {
  it('keeps what a registration omits, member by member', async () => {
    const world = await scalingWorld();
    await world.register('orders-a', { SuspendedState: { DynamicScalingInSuspended: true } });
    await world.register('orders-a', { MaxCapacity: 9, SuspendedState: { ScheduledScalingSuspended: true } });
    expect(await target(world, 'orders-a')).toMatchObject({
      MinCapacity: 2,
      MaxCapacity: 9,
      SuspendedState: {
        DynamicScalingInSuspended: true,
        DynamicScalingOutSuspended: false,
        ScheduledScalingSuspended: true,
      },
    });
  });

  it('brings the count below its new maximum', async () => {
    const world = await scalingWorld();
    await world.register('orders-a', { MinCapacity: 1, MaxCapacity: 1 });
    expect(await world.desiredCountOf('orders-a')).toBe(1);
  });

  it('is refused without bounds, with bounds the wrong way round, and for a service that is not there', async () => {
    const world = await scalingWorld(false);
    await expect(world.register('orders-a', {})).rejects.toThrow('Minimum and maximum capacity');
    await expect(world.register('orders-a', { MinCapacity: 5, MaxCapacity: 4 })).rejects.toThrow(
      'Maximum capacity cannot be less than minimum capacity',
    );
    await expect(
      world.register('orders-a', { MinCapacity: 1, MaxCapacity: 4, ResourceId: 'service/prod/missing' }),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining("doesn't exist"),
    });
    await expect(
      world.register('orders-a', { ServiceNamespace: 'dynamodb', MinCapacity: 1, MaxCapacity: 4 }),
    ).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  it('takes its policies and actions with it when it is deregistered', async () => {
    const world = await scalingWorld({
      min: 2,
      max: 6,
      policies: true,
      scheduledAction: { schedule: atSecond(300), min: 3 },
    });
    const { autoscaling } = world.clients;
    await autoscaling.send(new DeregisterScalableTargetCommand(scalable('orders-a')));
    const ofSide = scalable('orders-a');
    expect((await autoscaling.send(new DescribeScalingPoliciesCommand(ofSide))).ScalingPolicies).toEqual([]);
    expect((await autoscaling.send(new DescribeScheduledActionsCommand(ofSide))).ScheduledActions).toEqual(
      [],
    );
    await world.runSeconds(300);
    expect(await world.desiredCountOf('orders-a')).toBe(2);
    await expect(world.autoscaling.scaleOut('service/prod/orders-a', 1)).rejects.toThrow(
      'No scalable target registered',
    );
  });

  it('is listed in pages', async () => {
    const world = await scalingWorld();
    const first = await world.clients.autoscaling.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', MaxResults: 1 }),
    );
    const second = await world.clients.autoscaling.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', NextToken: first.NextToken }),
    );
    expect([...(first.ScalableTargets ?? []), ...(second.ScalableTargets ?? [])]).toMatchObject([
      { ResourceId: 'service/prod/orders-a' },
      { ResourceId: 'service/prod/orders-b' },
    ]);
  });
});

describe('a scheduled action', () => {
  it('fires at each time of its cron expression, within its start and end', async () => {
    const world = await scalingWorld();
    await world.clients.autoscaling.send(
      new PutScheduledActionCommand({
        ...scalable('orders-a'),
        ScheduledActionName: 'evening',
        Schedule: 'cron(0/10 * * * ? *)',
        StartTime: new Date(START_MS + 20 * 60_000),
        EndTime: new Date(START_MS + 40 * 60_000),
        ScalableTargetAction: { MinCapacity: 3 },
      }),
    );
    await world.runSeconds(18 * 60);
    expect(await world.desiredCountOf('orders-a')).toBe(2);
    await world.runSeconds(2 * 60);
    expect(await world.desiredCountOf('orders-a')).toBe(3);
    await world.scaleTo('orders-a', 2);
    await world.runSeconds(10 * 60);
    expect(await world.desiredCountOf('orders-a')).toBe(3);
    await world.runSeconds(10 * 60);
    await world.scaleTo('orders-a', 2);
    await world.runSeconds(60 * 60);
    expect(await world.desiredCountOf('orders-a')).toBe(2);
  });

  it('brings the count down to its maximum', async () => {
    const world = await scalingWorld();
    await schedule(world, atSecond(120), { MinCapacity: 1, MaxCapacity: 1 });
    await world.runSeconds(120);
    expect(await world.desiredCountOf('orders-a')).toBe(1);
  });

  it('changes nothing if its minimum would be above the maximum, and the activities say so', async () => {
    const world = await scalingWorld();
    await schedule(world, atSecond(120), { MinCapacity: 9 });
    await world.runSeconds(120);
    expect(await target(world, 'orders-a')).toMatchObject({ MinCapacity: 2, MaxCapacity: 6 });
    const { ScalingActivities = [] } = await world.clients.autoscaling.send(
      new DescribeScalingActivitiesCommand(scalable('orders-a')),
    );
    expect(ScalingActivities[0]).toMatchObject({
      StatusCode: 'Failed',
      StatusMessage: expect.stringContaining('Maximum capacity cannot be less'),
    });
  });

  it('does not fire once it is deleted, and follows its new schedule once it is put again', async () => {
    const world = await scalingWorld();
    await schedule(world, atSecond(120), { MinCapacity: 3 });
    await schedule(world, atSecond(600), { MinCapacity: 3 });
    await world.runSeconds(300);
    expect(await world.desiredCountOf('orders-a')).toBe(2);
    await world.clients.autoscaling.send(
      new DeleteScheduledActionCommand({ ...scalable('orders-a'), ScheduledActionName: 'evening' }),
    );
    await world.runSeconds(600);
    expect(await world.desiredCountOf('orders-a')).toBe(2);
  });

  it('is refused for a schedule that is none, a zone that is not UTC, and without bounds', async () => {
    const world = await scalingWorld();
    await expect(schedule(world, 'at(noon)', { MinCapacity: 1 })).rejects.toThrow('Schedule is "at(noon)"');
    await expect(schedule(world, atSecond(120), {})).rejects.toThrow('minimum or a maximum capacity');
    await expect(
      world.clients.autoscaling.send(
        new PutScheduledActionCommand({
          ...scalable('orders-a'),
          ScheduledActionName: 'evening',
          Schedule: atSecond(120),
          Timezone: 'Europe/Berlin',
          ScalableTargetAction: { MinCapacity: 1 },
        }),
      ),
    ).rejects.toMatchObject({ name: 'NotImplemented' });
  });
});

describe('a step policy', () => {
  it('adds its step when its alarm’s metric breaches the threshold, and not again before its cooldown is over', async () => {
    const world = await scalingWorld();
    const policyArn = await world.addStepPolicy('orders-a', 1, 300);
    const setAlarm = await alarmOn(world, policyArn);
    await world.clients.cloudwatch.send(
      new PutMetricDataCommand({
        Namespace: 'Orders',
        MetricData: [{ MetricName: 'QueueLength', Value: 150 }],
      }),
    );
    await world.runSeconds(120);
    expect(await world.runningCountOf('orders-a')).toBe(3);

    await setAlarm('OK');
    await setAlarm('ALARM');
    expect(await world.desiredCountOf('orders-a')).toBe(3);

    await world.runSeconds(300);
    await setAlarm('OK');
    await setAlarm('ALARM');
    await world.runSeconds(10);
    expect(await world.desiredCountOf('orders-a')).toBe(4);
  });

  it('stays within the bounds', async () => {
    const world = await scalingWorld({ min: 2, max: 3 });
    const setAlarm = await alarmOn(world, await world.addStepPolicy('orders-a', 5));
    await setAlarm('ALARM');
    await world.runSeconds(10);
    expect(await world.desiredCountOf('orders-a')).toBe(3);
    await world.autoscaling.scaleOut('service/prod/orders-a', -5);
    await world.runSeconds(60);
    expect(await world.desiredCountOf('orders-a')).toBe(2);
  });
});

describe('scaling in', () => {
  it('is off while ECS deploys the service, and while it is suspended', async () => {
    const world = await scalingWorld({ min: 1, max: 6 }, { blueCount: 3 });
    await world.register('orders-a', { SuspendedState: { DynamicScalingInSuspended: true } });
    await world.autoscaling.scaleOut('service/prod/orders-a', -1);
    expect(await world.desiredCountOf('orders-a')).toBe(3);
    await world.register('orders-a', { SuspendedState: { DynamicScalingInSuspended: false } });
    await world.clients.ecs.send(
      new UpdateServiceCommand({ cluster: 'prod', service: 'orders-a', forceNewDeployment: true }),
    );
    await world.autoscaling.scaleOut('service/prod/orders-a', -1);
    expect(await world.desiredCountOf('orders-a')).toBe(3);
    await world.runSeconds(600);
    await world.autoscaling.scaleOut('service/prod/orders-a', -1);
    expect(await world.desiredCountOf('orders-a')).toBe(2);
  });
});
