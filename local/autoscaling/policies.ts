/** Scaling policies: kept and listed; those with steps act when an alarm calls them. */
import { localArn } from '../arns.ts';
import { notImplemented, refuseMembers } from '../unsupported.ts';
import type { ApplicationAutoScalingApi } from '../wire/models.ts';
import { described, type ScalableResource, validation } from './resource.ts';

export interface Policy {
  readonly name: string;
  readonly arn: string;
  readonly resource: ScalableResource;
  readonly createdAtMs: number;
  readonly type: 'StepScaling' | 'TargetTrackingScaling';
  readonly step?: ApplicationAutoScalingApi.StepScalingPolicyConfiguration | undefined;
  readonly targetTracking?: ApplicationAutoScalingApi.TargetTrackingScalingPolicyConfiguration | undefined;
  /** Until when a policy with a cooldown does not act again. */
  cooldownEndsAtMs: number;
}

/**
 * The policy after PutScalingPolicy; what the input omits stays as it was.
 * @throws AwsError `ValidationException`, `NotImplemented` for predictive scaling
 */
export function putPolicy(
  input: ApplicationAutoScalingApi.PutScalingPolicyRequest,
  resource: ScalableResource,
  before: Policy | undefined,
  fresh: { id: string; nowMs: number },
): Policy {
  refuseMembers('PutScalingPolicy', input, ['PredictiveScalingPolicyConfiguration']);
  const name = input.PolicyName ?? '';
  const type = requireType(input.PolicyType ?? before?.type ?? 'StepScaling');
  if (before && before.type !== type) {
    throw validation(`Policy ${name} is of type ${before.type}; its type cannot become ${type}`);
  }
  const step = input.StepScalingPolicyConfiguration ?? before?.step;
  const targetTracking = input.TargetTrackingScalingPolicyConfiguration ?? before?.targetTracking;
  requireConfiguration(type, step, targetTracking);
  return {
    name,
    type,
    resource,
    arn:
      before?.arn ??
      localArn('autoscaling', `scalingPolicy:${fresh.id}:resource/ecs/${resource.id}:policyName/${name}`),
    createdAtMs: before?.createdAtMs ?? fresh.nowMs,
    step: structuredClone(step),
    targetTracking: structuredClone(targetTracking),
    cooldownEndsAtMs: before?.cooldownEndsAtMs ?? 0,
  };
}

function requireType(type: string): Policy['type'] {
  if (type === 'StepScaling' || type === 'TargetTrackingScaling') return type;
  throw notImplemented(`PutScalingPolicy with PolicyType ${type}`);
}

function requireConfiguration(
  type: Policy['type'],
  step: Policy['step'],
  targetTracking: Policy['targetTracking'],
): void {
  if (type === 'StepScaling' ? !step || targetTracking : !targetTracking || step) {
    throw validation(`A policy of type ${type} must have the configuration of its type, and no other`);
  }
  if (step && !step.StepAdjustments?.length) throw validation('At least one step adjustment is required');
  if (step?.AdjustmentType === undefined && step) throw validation('AdjustmentType is required');
}

export function policyView(policy: Policy): ApplicationAutoScalingApi.ScalingPolicy {
  return structuredClone({
    ...described(policy.resource),
    PolicyARN: policy.arn,
    PolicyName: policy.name,
    PolicyType: policy.type,
    StepScalingPolicyConfiguration: policy.step,
    TargetTrackingScalingPolicyConfiguration: policy.targetTracking,
    Alarms: [],
    CreationTime: new Date(policy.createdAtMs),
  });
}
