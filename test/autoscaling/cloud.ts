/** The user's world with autoscaling, on the virtual clock: what scaling does to either side's desired count. */
import {
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { DescribeServicesCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { expect, onTestFinished } from 'vitest';
import type { AutoScalingSimulator } from '../../local/autoscaling/index.ts';
import { createVirtualCloud, type VirtualCloud } from '../../local/virtual.ts';
import { type Clients, createClients, createWorld, type WorldOptions } from '../../local/world/index.ts';
import { CLUSTER, type SideName } from '../../local/world/names.ts';

/** Noon of a day without surprises. */
export const START_MS = Date.UTC(2026, 0, 15, 12);

export const scalable = (side: SideName) =>
  ({
    ServiceNamespace: 'ecs',
    ScalableDimension: 'ecs:service:DesiredCount',
    ResourceId: `service/${CLUSTER}/${side}`,
  }) as const;

export interface ScalingWorld {
  readonly cloud: VirtualCloud;
  readonly clients: Clients;
  readonly autoscaling: AutoScalingSimulator;
  runSeconds(seconds: number): Promise<void>;
  desiredCountOf(side: SideName): Promise<number>;
  runningCountOf(side: SideName): Promise<number>;
  scaleTo(side: SideName, desiredCount: number): Promise<void>;
  register(side: SideName, members: RegisterMembers): Promise<void>;
  /** A policy with one step for every breach. @returns its ARN */
  addStepPolicy(side: SideName, adjustment: number, cooldownSeconds?: number): Promise<string>;
}

type RegisterMembers = Partial<ConstructorParameters<typeof RegisterScalableTargetCommand>[0]>;

/** Makes the world and lets its tasks start; it ends with the test, and no background work may have failed. */
export async function scalingWorld(
  autoscaling: WorldOptions['autoscaling'] = { min: 2, max: 6 },
  options: WorldOptions = {},
): Promise<ScalingWorld> {
  const cloud = await createVirtualCloud({ seed: 'autoscaling', startMs: START_MS });
  const clients = createClients(cloud.clientConfiguration('test'));
  onTestFinished(async () => {
    clients.close();
    await cloud.close();
    expect(cloud.faults).toEqual([]);
  });
  await createWorld(clients, { autoscaling, ...options });
  const world: ScalingWorld = {
    cloud,
    clients,
    autoscaling: cloud.autoscaling,
    async runSeconds(seconds) {
      let isOver = false;
      cloud.clock.setTimer(seconds * 1000, () => {
        isOver = true;
      });
      await cloud.clock.run(() => isOver, seconds * 1000);
    },
    desiredCountOf: async (side) => (await describeService(clients, side)).desiredCount ?? 0,
    runningCountOf: async (side) => (await describeService(clients, side)).runningCount ?? 0,
    async scaleTo(service, desiredCount) {
      await clients.ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service, desiredCount }));
    },
    async register(side, members) {
      await clients.autoscaling.send(new RegisterScalableTargetCommand({ ...scalable(side), ...members }));
    },
    async addStepPolicy(side, adjustment, cooldownSeconds) {
      const { PolicyARN = '' } = await clients.autoscaling.send(
        new PutScalingPolicyCommand({
          ...scalable(side),
          PolicyName: `step ${adjustment}`,
          PolicyType: 'StepScaling',
          StepScalingPolicyConfiguration: {
            AdjustmentType: 'ChangeInCapacity',
            StepAdjustments: [{ ScalingAdjustment: adjustment }],
            Cooldown: cooldownSeconds,
          },
        }),
      );
      return PolicyARN;
    },
  };
  await world.runSeconds(60);
  return world;
}

async function describeService({ ecs }: Clients, service: SideName) {
  const { services = [] } = await ecs.send(
    new DescribeServicesCommand({ cluster: CLUSTER, services: [service] }),
  );
  return services[0] ?? {};
}
