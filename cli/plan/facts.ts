/** What a prediction is made from: a deployment that was resolved, and the settings of what it will touch. */
import type { TargetGroupSettings } from '../../lambdas/aws/target-groups.ts';
import type { Deployment } from '../../lambdas/common/deployment.ts';
import type { MachinePlan } from '../../lambdas/decisions/plan.ts';
import type { NativeShift } from './native-shift.ts';

export interface SideFacts {
  /** The ECS service's or the fleet's name. */
  readonly name: string;
  readonly isFleet: boolean;
  /** Absent without a load balancer. */
  readonly targetGroup?: TargetGroupSettings;
  /** The longest of the running definition's containers. */
  readonly stopTimeoutSeconds: number;
}

export interface PlanFacts {
  readonly deployment: Deployment;
  readonly start: MachinePlan['start'];
  readonly keepsBlue: boolean;
  readonly blue: SideFacts;
  readonly green: SideFacts;
  /** Tasks that green starts with. */
  readonly count: number;
  /** ARN of a revision that is registered already and is the one wanted. */
  readonly registeredArn?: string;
  /** Places that have to be written so that green's group is attached, the test rule included. */
  readonly attachWrites: number;
  /** Writes of scalable targets: as green starts, as blue goes, and as green stands alone. */
  readonly scalingWrites: { readonly start: number; readonly stop: number; readonly release: number };
  /** How long ECS took the last time until every task served: of blue's service. */
  readonly lastRolloutSeconds?: number;
  /** How long the last migration took. */
  readonly lastMigrationSeconds?: number;
  /** Bounds of the service's own rolling update. */
  readonly rollout: { readonly minimumHealthyPercent: number; readonly maximumPercent: number };
  /** ARN of a service deployment that runs on green's service now and is not ours (native): it is let finish first. */
  readonly openServiceDeploymentArn?: string;
  /** What ECS itself does, of a native service. */
  readonly native?: NativeShift;
}
