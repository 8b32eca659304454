/** The user's autoscaling: a scalable target on either side, with a schedule and a policy if asked for. */
import {
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import type { Clients } from './clients.ts';
import { type Clusters, SIDES, type SideName } from './names.ts';
import type { AutoscalingOptions } from './options.ts';

export const SCHEDULED_ACTION = 'business-hours';
export const SCALING_POLICY = 'cpu';

const scalableOf = (side: SideName, clusters: Clusters) =>
  ({
    ServiceNamespace: 'ecs',
    ScalableDimension: 'ecs:service:DesiredCount',
    ResourceId: `service/${clusters[side]}/${side}`,
  }) as const;

type Scalable = ReturnType<typeof scalableOf>;

/** The side that serves scales; the other one rests, as a deployment leaves it: a minimum would lift it at once. */
export async function createAutoscaling(
  clients: Clients,
  options: AutoscalingOptions,
  clusters: Clusters,
): Promise<void> {
  for (const side of SIDES) {
    const of = scalableOf(side, clusters);
    await register(clients, of, { ...options, rests: side !== 'orders-a' });
    await schedule(clients, of, options);
    if (options.policies) await track(clients, of);
  }
}

async function register(
  { autoscaling }: Clients,
  scalable: Scalable,
  { min, max, rests }: AutoscalingOptions & { readonly rests: boolean },
): Promise<void> {
  await autoscaling.send(
    new RegisterScalableTargetCommand({
      ...scalable,
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
  scalable: Scalable,
  { scheduledAction }: AutoscalingOptions,
): Promise<void> {
  if (!scheduledAction) return;
  const { schedule: Schedule, min: MinCapacity, max: MaxCapacity } = scheduledAction;
  await autoscaling.send(
    new PutScheduledActionCommand({
      ...scalable,
      ScheduledActionName: SCHEDULED_ACTION,
      Schedule,
      ScalableTargetAction: { MinCapacity, MaxCapacity },
    }),
  );
}

async function track({ autoscaling }: Clients, scalable: Scalable): Promise<void> {
  await autoscaling.send(
    new PutScalingPolicyCommand({
      ...scalable,
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
