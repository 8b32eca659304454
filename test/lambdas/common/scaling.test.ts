/** Autoscaling through a deployment, in the user's world on the virtual clock: who is lifted, who is not, what is left behind. */
import {
  DeregisterScalableTargetCommand,
  PutScheduledActionCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import {
  type ApplicationAutoScaling,
  applicationAutoScaling,
} from '../../../lambdas/aws/application-autoscaling.ts';
import { dynamodb } from '../../../lambdas/aws/dynamodb.ts';
import type {
  CapturedScaling,
  Deployment,
  DeploymentScaling,
  ResolvedSide,
} from '../../../lambdas/common/deployment.ts';
import type { Runtime } from '../../../lambdas/common/runtime.ts';
import {
  parkScaling,
  releaseScaling,
  restoreScaling,
  type ScalingMove,
  type ScalingPorts,
  takeScaling,
} from '../../../lambdas/common/scaling.ts';
import { CLUSTER, type SideName, targetGroupOf } from '../../../local/world/names.ts';
import { type ScalingWorld, START_MS, scalable, scalingWorld } from '../../autoscaling/cloud.ts';

const NONE = { dynamicIn: false, dynamicOut: false, scheduled: false };
const ALL = { dynamicIn: true, dynamicOut: true, scheduled: true };
const AS_FOUND: CapturedScaling = { min: 2, max: 6, suspended: NONE };
const RESTING: CapturedScaling = { min: 0, max: 6, suspended: ALL };

interface Bed extends ScalingWorld {
  readonly ports: ScalingPorts;
  targetOf(side: SideName): Promise<CapturedScaling | undefined>;
}

async function bed(...world: Parameters<typeof scalingWorld>): Promise<Bed> {
  const scaling = await scalingWorld(...world);
  await scaling.clients.dynamodb.send(
    new CreateTableCommand({
      TableName: 'sidestep',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
  const runtime = {
    env: { TABLE_NAME: 'sidestep', CONFIGURATION_PREFIX: '/sidestep/', STATE_MACHINE_ARN: 'arn' },
    clientConfiguration: scaling.cloud.clientConfiguration('step'),
  } as Partial<Runtime> as Runtime;
  const autoscaling = applicationAutoScaling(runtime);
  return {
    ...scaling,
    ports: { autoscaling, table: dynamodb(runtime) },
    targetOf: (side) => autoscaling.describeScalableTarget(CLUSTER, side),
  };
}

const sideOf = (service: SideName, change: Partial<ResolvedSide> = {}) =>
  ({
    kind: 'ecs',
    cluster: CLUSTER,
    service,
    targetGroup: targetGroupOf(service),
    serviceArn: `arn:aws:ecs:us-east-1:000000000000:service/${CLUSTER}/${service}`,
    ...change,
  }) as ResolvedSide;

const deploymentOf = (change: Partial<Deployment> = {}) =>
  ({
    deploymentId: 'orders-20260115t120000z-0a1b2c',
    service: 'orders',
    blue: sideOf('orders-a'),
    green: sideOf('orders-b'),
    ...change,
  }) as Deployment;

/** The steps of a deployment, as its record sees them: each intent is written before the act. */
function stepsOf({ ports, scaleTo, desiredCountOf }: Bed, change: Partial<Deployment> = {}) {
  let deployment = deploymentOf(change);
  const [blue, green] = [deployment.blue.service as SideName, deployment.green.service as SideName];
  const record = ({ scaling }: ScalingMove): void => {
    deployment = { ...deployment, scaling };
  };
  const steps = {
    get scaling(): DeploymentScaling {
      return deployment.scaling ?? {};
    },
    async startGreen() {
      const blueCount = await desiredCountOf(blue);
      const take = await takeScaling(deployment, { wanted: blueCount, blueCount }, ports);
      record(take);
      await scaleTo(green, take.count);
      await take.apply();
      return take.count;
    },
    async drain(role: 'blue' | 'green') {
      const park = await parkScaling(deployment, role, ports);
      record(park);
      await park.apply();
      await scaleTo(role === 'blue' ? blue : green, 0);
    },
    async drainBlue() {
      await releaseScaling(deployment, ports);
      await steps.drain('blue');
    },
    async rollBack() {
      await steps.drain('green');
      await (await restoreScaling(deployment, ports)).apply();
    },
  };
  return steps;
}

describe('a deployment that succeeds', () => {
  it('leaves green with blue’s bounds, and blue at 0 whatever the schedule and the policies say', async () => {
    const world = await bed({
      min: 2,
      max: 6,
      policies: true,
      scheduledAction: { schedule: 'rate(1 minute)', min: 3 },
    });
    const steps = stepsOf(world);
    await steps.startGreen();
    await world.runSeconds(120);
    await steps.drainBlue();

    await world.autoscaling.scaleOut(scalable('orders-a').ResourceId, 1);
    await world.runSeconds(600);

    expect(await world.runningCountOf('orders-a')).toBe(0);
    expect(await world.targetOf('orders-a')).toEqual(RESTING);
    expect(await world.runningCountOf('orders-b')).toBe(3);
    expect(await world.targetOf('orders-b')).toEqual({ min: 3, max: 6, suspended: NONE });
    expect(steps.scaling.differences).toEqual([]);
  });

  it('would have blue back within a minute without being parked', async () => {
    const world = await bed({ min: 2, max: 6, scheduledAction: { schedule: 'rate(1 minute)', min: 3 } });
    await stepsOf(world).startGreen();
    await world.scaleTo('orders-a', 0);
    await world.runSeconds(60);
    expect(await world.desiredCountOf('orders-a')).toBe(3);
  });

  it('never lifts green on the old revision: nothing is registered before green’s own update', async () => {
    const world = await bed();
    const take = await takeScaling(deploymentOf(), { wanted: 2, blueCount: 2 }, world.ports);
    expect(await world.desiredCountOf('orders-b')).toBe(0);
    expect(take.scaling).toEqual({ blue: AS_FOUND, green: RESTING, differences: [] });
    expect(await world.targetOf('orders-b')).toEqual(RESTING);
  });

  it('goes back and forth without losing bounds, schedule or what the user had suspended', async () => {
    const world = await bed();
    await world.register('orders-a', { SuspendedState: { ScheduledScalingSuspended: true } });
    const [a, b] = [sideOf('orders-a'), sideOf('orders-b')];
    for (const roles of [
      { blue: a, green: b },
      { blue: b, green: a },
      { blue: a, green: b },
      { blue: b, green: a },
    ]) {
      const steps = stepsOf(world, roles);
      await steps.startGreen();
      await world.runSeconds(120);
      await steps.drainBlue();
    }
    expect(await world.targetOf('orders-a')).toEqual({
      min: 2,
      max: 6,
      suspended: { ...NONE, scheduled: true },
    });
    expect(await world.targetOf('orders-b')).toEqual(RESTING);
    expect(await world.desiredCountOf('orders-a')).toBe(2);
  });

  it('takes the bounds that a schedule has given to blue in the meantime to the record', async () => {
    const world = await bed();
    const steps = stepsOf(world);
    await steps.startGreen();
    await world.register('orders-a', { MinCapacity: 3 });
    await steps.drain('blue');
    expect(steps.scaling.blue).toEqual({ min: 3, max: 6, suspended: NONE });
  });
});

describe('while both sides run', () => {
  it('neither scales in, and both scale out', async () => {
    const world = await bed({ min: 1, max: 6 }, { blueCount: 3 });
    await stepsOf(world).startGreen();
    await world.runSeconds(120);
    for (const side of ['orders-a', 'orders-b'] as const) {
      const { ResourceId } = scalable(side);
      await world.autoscaling.scaleOut(ResourceId, -1);
      expect(await world.desiredCountOf(side)).toBe(3);
      await world.autoscaling.scaleOut(ResourceId, 1);
      expect(await world.desiredCountOf(side)).toBe(4);
    }
  });

  it('leaves a count of blue’s that is above its maximum as it is, and gives green as many', async () => {
    const world = await bed();
    await world.scaleTo('orders-a', 8);
    const count = await stepsOf(world).startGreen();
    expect(count).toBe(8);
    expect(await world.desiredCountOf('orders-a')).toBe(8);
    expect(await world.desiredCountOf('orders-b')).toBe(8);
    expect(await world.targetOf('orders-b')).toMatchObject({ min: 2, max: 8 });
  });

  it('does not wake a blue that stands at 0, and starts green with the minimum', async () => {
    const world = await bed();
    await world.scaleTo('orders-a', 0);
    const count = await stepsOf(world).startGreen();
    expect(count).toBe(2);
    expect(await world.desiredCountOf('orders-a')).toBe(0);
  });

  it('lets green scale in again once it has all the traffic', async () => {
    const world = await bed({ min: 1, max: 6 });
    const steps = stepsOf(world);
    await steps.startGreen();
    await world.runSeconds(120);
    await steps.drainBlue();
    await world.autoscaling.scaleOut(scalable('orders-b').ResourceId, -1);
    expect(await world.desiredCountOf('orders-b')).toBe(1);
  });
});

describe('a deployment that rolls back', () => {
  it('leaves blue as it was found and green at rest, whatever its schedule says', async () => {
    const world = await bed({ min: 2, max: 6, scheduledAction: { schedule: 'cron(0 20 * * ? *)', min: 3 } });
    const steps = stepsOf(world);
    await steps.startGreen();
    await world.runSeconds(120);
    await steps.rollBack();
    expect(await world.targetOf('orders-a')).toEqual(AS_FOUND);
    expect(await world.targetOf('orders-b')).toEqual(RESTING);

    await world.autoscaling.scaleOut(scalable('orders-b').ResourceId, 1);
    await world.runSeconds(9 * 3600);
    expect(await world.desiredCountOf('orders-b')).toBe(0);
    expect(await world.desiredCountOf('orders-a')).toBe(3);
  });

  it('gives a blue that was parked its bounds and its schedule back', async () => {
    const world = await bed();
    const steps = stepsOf(world);
    await steps.startGreen();
    await steps.drain('blue');
    await world.scaleTo('orders-a', 2);
    await steps.rollBack();
    expect(await world.targetOf('orders-a')).toEqual(AS_FOUND);
    expect(await world.desiredCountOf('orders-a')).toBe(2);
  });

  it('does not take back bounds that were moved while blue served', async () => {
    const world = await bed();
    const steps = stepsOf(world);
    await steps.startGreen();
    await world.register('orders-a', { MinCapacity: 4 });
    await steps.rollBack();
    expect(await world.targetOf('orders-a')).toEqual({ ...AS_FOUND, min: 4 });
  });

  it('does not bring back a target that was deregistered meanwhile', async () => {
    const world = await bed();
    const steps = stepsOf(world);
    await steps.startGreen();
    await world.clients.autoscaling.send(new DeregisterScalableTargetCommand(scalable('orders-a')));
    await steps.rollBack();
    expect(await world.targetOf('orders-a')).toBeUndefined();
  });
});

describe('a step that is run again', () => {
  /** Every n-th write to Application Auto Scaling succeeds, but its answer is lost. */
  const losingAnswers = (world: Bed, lost: number): ScalingPorts => {
    let writes = 0;
    const autoscaling: ApplicationAutoScaling = {
      ...world.ports.autoscaling,
      async registerScalableTarget(...change) {
        await world.ports.autoscaling.registerScalableTarget(...change);
        writes += 1;
        if (writes === lost) throw new Error('the answer was lost');
      },
    };
    return { ...world.ports, autoscaling };
  };

  it.each([1, 2, 3, 4, 5, 6])(
    'finds what was there at first, whichever write (%i) was cut off',
    async (lost) => {
      const world = await bed();
      const ports = losingAnswers(world, lost);
      const steps = stepsOf({ ...world, ports });
      const untilDone = async (step: () => Promise<unknown>) => step().catch(step);
      await untilDone(steps.startGreen);
      expect(steps.scaling).toEqual({ blue: AS_FOUND, green: RESTING, differences: [] });
      await untilDone(steps.drainBlue);
      expect(steps.scaling.blue).toEqual(AS_FOUND);
      expect(await world.targetOf('orders-a')).toEqual(RESTING);
      expect(await world.targetOf('orders-b')).toEqual(AS_FOUND);
    },
  );

  it('writes nothing the second time', async () => {
    const world = await bed();
    const writes: string[] = [];
    const autoscaling: ApplicationAutoScaling = {
      ...world.ports.autoscaling,
      async registerScalableTarget(cluster, service, change) {
        writes.push(service);
        await world.ports.autoscaling.registerScalableTarget(cluster, service, change);
      },
    };
    const steps = stepsOf({ ...world, ports: { ...world.ports, autoscaling } });
    await steps.startGreen();
    await steps.startGreen();
    await steps.rollBack();
    await steps.rollBack();
    expect(writes).toEqual(['orders-a', 'orders-b', 'orders-b', 'orders-a']);
  });
});

describe('one service whose tasks must all stop first', () => {
  const one = { blue: sideOf('orders-a'), green: sideOf('orders-a') };

  it('is not lifted while it is stopped, and scales as before once the new revision runs', async () => {
    const world = await bed({ min: 2, max: 6, scheduledAction: { schedule: 'rate(1 minute)', min: 3 } });
    const steps = stepsOf(world, one);
    await steps.drain('blue');
    await world.runSeconds(300);
    expect(await world.desiredCountOf('orders-a')).toBe(0);
    expect(await steps.startGreen()).toBe(3);
    expect(await world.targetOf('orders-a')).toEqual({ ...AS_FOUND, min: 3 });
  });

  it('is brought back by a rollback with the bounds that it had', async () => {
    const world = await bed();
    const steps = stepsOf(world, one);
    await steps.drain('blue');
    await steps.startGreen();
    await steps.drain('green');
    expect(await world.targetOf('orders-a')).toEqual(RESTING);
    await world.scaleTo('orders-a', 2);
    await (await restoreScaling(deploymentOf({ ...one, scaling: steps.scaling }), world.ports)).apply();
    expect(await world.targetOf('orders-a')).toEqual(AS_FOUND);
  });
});

describe('sides that are not alike', () => {
  it('are reported: a policy, a scheduled action and a target that only one has', async () => {
    const world = await bed({ min: 2, max: 6, policies: true });
    await world.clients.autoscaling.send(
      new PutScheduledActionCommand({
        ...scalable('orders-b'),
        ScheduledActionName: 'night',
        Schedule: 'cron(0 22 * * ? *)',
        StartTime: new Date(START_MS),
        ScalableTargetAction: { MaxCapacity: 3 },
      }),
    );
    await world.addStepPolicy('orders-a', 2);
    const { scaling } = await takeScaling(deploymentOf(), { wanted: 2, blueCount: 2 }, world.ports);
    expect(scaling.differences).toEqual([
      expect.stringMatching(
        /^policy step 2 of orders-a \(.*"ScalingAdjustment":2.*\) has no equal on orders-b$/,
      ),
      expect.stringMatching(
        /^scheduled action night of orders-b \(.*cron\(0 22 .*\) has no equal on orders-a$/,
      ),
    ]);
  });

  it('make green a target of its own, if only blue has one', async () => {
    const world = await bed();
    await world.clients.autoscaling.send(new DeregisterScalableTargetCommand(scalable('orders-b')));
    const steps = stepsOf(world);
    await steps.startGreen();
    expect(steps.scaling).toEqual({
      blue: AS_FOUND,
      green: undefined,
      differences: ['orders-a has a scalable target, orders-b has none'],
    });
    await steps.drainBlue();
    expect(await world.targetOf('orders-b')).toEqual(AS_FOUND);
  });

  it('leave green alone, if neither has a target', async () => {
    const world = await bed(false);
    const steps = stepsOf(world);
    await steps.startGreen();
    await steps.drainBlue();
    expect(steps.scaling).toEqual({ blue: undefined, green: undefined, differences: [] });
    expect(await world.targetOf('orders-b')).toBeUndefined();
  });

  it('restore what an ECS side had before it was parked, when a fleet has served meanwhile', async () => {
    const world = await bed();
    const fleet = sideOf('orders-b', { kind: 'fleet', cluster: '', serviceArn: '' });
    const there = deploymentOf({ green: fleet });
    const taken = await takeScaling(there, { wanted: 1, blueCount: 2 }, world.ports);
    await taken.apply();
    expect(await world.targetOf('orders-a')).toEqual({
      ...AS_FOUND,
      suspended: { ...NONE, dynamicIn: true },
    });
    const away = await parkScaling({ ...there, scaling: taken.scaling }, 'blue', world.ports);
    await away.apply();
    await world.scaleTo('orders-a', 0);

    const back = deploymentOf({ blue: fleet, green: sideOf('orders-a') });
    const take = await takeScaling(back, { wanted: 3, blueCount: 0 }, world.ports);
    await world.scaleTo('orders-a', take.count);
    await take.apply();
    await releaseScaling({ ...back, scaling: take.scaling }, world.ports);

    expect(take.scaling).toEqual({ blue: undefined, green: RESTING, differences: [] });
    expect(await world.targetOf('orders-a')).toEqual(AS_FOUND);
  });
});

it('finds a service by its ARNs as by its names', async () => {
  const { ports } = await bed();
  const arn = (rest: string) => `arn:aws:ecs:us-east-1:000000000000:${rest}`;
  const { describeScalableTarget } = ports.autoscaling;
  expect(await describeScalableTarget(arn('cluster/prod'), 'orders-a')).toEqual(AS_FOUND);
  expect(await describeScalableTarget(arn('cluster/prod'), arn('service/prod/orders-a'))).toEqual(AS_FOUND);
  expect(await describeScalableTarget('prod', arn('service/orders-a'))).toEqual(AS_FOUND);
  expect(await describeScalableTarget('prod', 'orders-c')).toBeUndefined();
});
