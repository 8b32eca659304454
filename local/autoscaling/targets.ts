/** Scalable targets: the bounds of a service's desired count, and which kinds of scaling are suspended. */
import { localArn } from '../arns.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { ApplicationAutoScalingApi } from '../wire/models.ts';
import { DIMENSION, described, type ScalableResource, validation } from './resource.ts';

const ROLE_ARN = localArn(
  'iam',
  'role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService',
).replace(/:iam:[^:]*:/, ':iam::');

export interface Suspended {
  readonly dynamicIn: boolean;
  readonly dynamicOut: boolean;
  readonly scheduled: boolean;
}

export interface ScalableTarget {
  readonly resource: ScalableResource;
  readonly arn: string;
  readonly createdAtMs: number;
  min: number;
  max: number;
  suspended: Suspended;
}

const NONE_SUSPENDED: Suspended = { dynamicIn: false, dynamicOut: false, scheduled: false };

/**
 * The target as it is after RegisterScalableTarget; members that the input omits keep their values.
 * @throws AwsError `ValidationException` if a new one lacks a bound, or the bounds are out of range or order
 */
export function registered(
  input: ApplicationAutoScalingApi.RegisterScalableTargetRequest,
  resource: ScalableResource,
  before: ScalableTarget | undefined,
  fresh: { id: string; nowMs: number },
): ScalableTarget {
  const { MinCapacity: min = before?.min, MaxCapacity: max = before?.max, SuspendedState = {} } = input;
  if (min === undefined || max === undefined) {
    throw validation('Minimum and maximum capacity must be specified when a scalable target is registered');
  }
  requireBounds(min, max);
  const was = before?.suspended ?? NONE_SUSPENDED;
  return {
    resource,
    arn: before?.arn ?? localArn('application-autoscaling', `scalable-target/${fresh.id}`),
    createdAtMs: before?.createdAtMs ?? fresh.nowMs,
    min,
    max,
    suspended: {
      dynamicIn: SuspendedState.DynamicScalingInSuspended ?? was.dynamicIn,
      dynamicOut: SuspendedState.DynamicScalingOutSuspended ?? was.dynamicOut,
      scheduled: SuspendedState.ScheduledScalingSuspended ?? was.scheduled,
    },
  };
}

/** @throws AwsError `ValidationException` */
export function requireBounds(min: number, max: number): void {
  if (min < 0) throw validation(`Minimum capacity is ${min}; it must be at least 0`);
  if (max < min) {
    throw validation(`Maximum capacity cannot be less than minimum capacity (found ${max}, minimum ${min})`);
  }
}

export function targetView({
  resource,
  arn,
  min,
  max,
  suspended,
  createdAtMs,
}: ScalableTarget): ApplicationAutoScalingApi.ScalableTarget {
  return {
    ...described(resource),
    MinCapacity: min,
    MaxCapacity: max,
    RoleARN: ROLE_ARN,
    CreationTime: new Date(createdAtMs),
    SuspendedState: {
      DynamicScalingInSuspended: suspended.dynamicIn,
      DynamicScalingOutSuspended: suspended.dynamicOut,
      ScheduledScalingSuspended: suspended.scheduled,
    },
    ScalableTargetARN: arn,
  };
}

export const notRegistered = (id: string): AwsError =>
  new AwsError(
    'ObjectNotFoundException',
    `No scalable target registered for service namespace: ecs, resource ID: ${id}, scalable dimension: ${DIMENSION}`,
  );
