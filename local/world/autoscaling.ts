/** The user's autoscaling: a scalable target on either side, with a schedule and a policy if asked for. */
import {
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import type { Clients } from './clients.ts';
import { CLUSTER, SIDES, type SideName } from './names.ts';
import type { AutoscalingOptions } from './options.ts';

export const SCHEDULED_ACTION = 'business-hours';
export const SCALING_POLICY = 'cpu';

const scalable = (side: SideName) =>
  ({
    ServiceNamespace: 'ecs',
    ScalableDimension: 'ecs:service:DesiredCount',
    ResourceId: `service/${CLUSTER}/${side}`,
  }) as const;

/** The side that serves scales; the other one rests, as a deployment leaves it: a minimum would lift it at once. */
export async function createAutoscaling(clients: Clients, options: AutoscalingOptions): Promise<void> {
  for (const side of SIDES) {
    await register(clients, side, options);
    await schedule(clients, side, options);
    if (options.policies) await track(clients, side);
  }
}

async function register(
  { autoscaling }: Clients,
  side: SideName,
  { min, max }: AutoscalingOptions,
): Promise<void> {
  const rests = side !== 'orders-a';
  await autoscaling.send(
    new RegisterScalableTargetCommand({
      ...scalable(side),
      MinCapacity: rests ? 0 : min,
      MaxCapacity: max,
      SuspendedState: {
        DynamicScalingInSuspended: rests,
        DynamicScalingOutSuspended: rests,
        ScheduledScalingSuspended: rests,
      },
    }),
  );
}

async function schedule(
  { autoscaling }: Clients,
  side: SideName,
  { scheduledAction }: AutoscalingOptions,
): Promise<void> {
  if (!scheduledAction) return;
  const { schedule: Schedule, min: MinCapacity, max: MaxCapacity } = scheduledAction;
  await autoscaling.send(
    new PutScheduledActionCommand({
      ...scalable(side),
      ScheduledActionName: SCHEDULED_ACTION,
      Schedule,
      ScalableTargetAction: { MinCapacity, MaxCapacity },
    }),
  );
}

async function track({ autoscaling }: Clients, side: SideName): Promise<void> {
  await autoscaling.send(
    new PutScalingPolicyCommand({
      ...scalable(side),
      PolicyName: SCALING_POLICY,
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 60,
        PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
        ScaleInCooldown: 300,
        ScaleOutCooldown: 60,
      },
    }),
  );
}
