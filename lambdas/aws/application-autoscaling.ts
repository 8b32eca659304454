/** Application Auto Scaling of ECS services: their scalable targets, and what acts on them. */
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  RegisterScalableTargetCommand,
  type ScalableTarget,
} from '@aws-sdk/client-application-auto-scaling';
import { clusterNamedBy, lastSegment } from '../common/configuration/arn.ts';
import type { CapturedScaling } from '../common/deployment.ts';
import type { Runtime } from '../common/runtime.ts';
import type { ScalingPolicy, ScheduledAction } from '../decisions/scaling.ts';
import { clientOf } from './client.ts';

export interface ApplicationAutoScaling {
  /** By names or ARNs; undefined if the service's count is not scaled. */
  describeScalableTarget(cluster: string, service: string): Promise<CapturedScaling | undefined>;
  /**
   * Makes the target, or changes the members given. AWS brings the count between min and max at once, whatever is
   * suspended. @throws ValidationException if the service is gone, or a new target lacks min or max
   */
  registerScalableTarget(cluster: string, service: string, change: Partial<CapturedScaling>): Promise<void>;
  describePolicies(cluster: string, service: string): Promise<ScalingPolicy[]>;
  describeScheduledActions(cluster: string, service: string): Promise<ScheduledAction[]>;
}

const clientFor = clientOf(ApplicationAutoScalingClient);

export function applicationAutoScaling(runtime: Runtime): ApplicationAutoScaling {
  const client = clientFor(runtime);
  return {
    async describeScalableTarget(cluster, service) {
      const { ResourceId, ...count } = countOf(cluster, service);
      const { ScalableTargets = [] } = await client.send(
        new DescribeScalableTargetsCommand({ ...count, ResourceIds: [ResourceId] }),
      );
      const [found] = ScalableTargets;
      return found && captured(found);
    },
    async registerScalableTarget(cluster, service, { min, max, suspended }) {
      await client.send(
        new RegisterScalableTargetCommand({
          ...countOf(cluster, service),
          MinCapacity: min,
          MaxCapacity: max,
          SuspendedState: suspended && {
            DynamicScalingInSuspended: suspended.dynamicIn,
            DynamicScalingOutSuspended: suspended.dynamicOut,
            ScheduledScalingSuspended: suspended.scheduled,
          },
        }),
      );
    },
    async describePolicies(cluster, service) {
      const policies: ScalingPolicy[] = [];
      let NextToken: string | undefined;
      do {
        const page = await client.send(
          new DescribeScalingPoliciesCommand({ ...countOf(cluster, service), NextToken }),
        );
        for (const policy of page.ScalingPolicies ?? []) {
          const { PolicyName = '', PolicyType = '' } = policy;
          const configuration =
            policy.TargetTrackingScalingPolicyConfiguration ??
            policy.StepScalingPolicyConfiguration ??
            policy.PredictiveScalingPolicyConfiguration ??
            {};
          policies.push({ name: PolicyName, type: PolicyType, configuration });
        }
        NextToken = page.NextToken;
      } while (NextToken);
      return policies;
    },
    async describeScheduledActions(cluster, service) {
      const actions: ScheduledAction[] = [];
      let NextToken: string | undefined;
      do {
        const page = await client.send(
          new DescribeScheduledActionsCommand({ ...countOf(cluster, service), NextToken }),
        );
        for (const action of page.ScheduledActions ?? []) {
          actions.push({
            name: action.ScheduledActionName ?? '',
            schedule: action.Schedule ?? '',
            timezone: action.Timezone,
            min: action.ScalableTargetAction?.MinCapacity,
            max: action.ScalableTargetAction?.MaxCapacity,
            startMs: action.StartTime?.getTime(),
            endMs: action.EndTime?.getTime(),
          });
        }
        NextToken = page.NextToken;
      } while (NextToken);
      return actions;
    },
  };
}

/** A service's desired count. The resource id has names, where the configuration may have ARNs. */
function countOf(cluster: string, service: string) {
  return {
    ServiceNamespace: 'ecs',
    ScalableDimension: 'ecs:service:DesiredCount',
    ResourceId: `service/${clusterNamedBy(service) ?? lastSegment(cluster)}/${lastSegment(service)}`,
  } as const;
}

function captured({
  MinCapacity = 0,
  MaxCapacity = 0,
  SuspendedState = {},
}: ScalableTarget): CapturedScaling {
  return {
    min: MinCapacity,
    max: MaxCapacity,
    suspended: {
      dynamicIn: SuspendedState.DynamicScalingInSuspended ?? false,
      dynamicOut: SuspendedState.DynamicScalingOutSuspended ?? false,
      scheduled: SuspendedState.ScheduledScalingSuspended ?? false,
    },
  };
}
