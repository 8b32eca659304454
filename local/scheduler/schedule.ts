/** A schedule as it was asked for, checked. */
import { localArn } from '../arns.ts';
import type { NextTime } from '../eventbridge/cron.ts';
import { notImplemented, refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { SchedulerApi } from '../wire/models.ts';
import { parseTimes } from './expression.ts';

export interface Schedule {
  readonly name: string;
  readonly arn: string;
  readonly expression: string;
  readonly timeZone: string;
  readonly description: string | undefined;
  readonly isEnabled: boolean;
  readonly target: SchedulerApi.Target;
  readonly nextTime: NextTime;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
}

export const GROUP = 'default';

const NAME = /^[0-9a-zA-Z-_.]{1,64}$/;
/** Members of a target that ask for what is not emulated. */
const UNSUPPORTED = [
  'EventBridgeParameters',
  'EcsParameters',
  'KinesisParameters',
  'SageMakerPipelineParameters',
  'SqsParameters',
] as const;

/** @throws AwsError `ValidationException`, `NotImplemented` */
export function newSchedule(
  operation: string,
  input: SchedulerApi.CreateScheduleCommandInput | SchedulerApi.UpdateScheduleCommandInput,
  nowMs: number,
  before?: Schedule,
): Schedule {
  refuseMembers(operation, input, ['StartDate', 'EndDate', 'KmsKeyArn']);
  const { Name = '', ScheduleExpression = '', ScheduleExpressionTimezone = 'UTC', Target } = input;
  if (!NAME.test(Name)) throw invalid(`Invalid schedule name ${JSON.stringify(Name)}.`);
  if (input.FlexibleTimeWindow?.Mode !== 'OFF')
    throw notImplemented(`${operation} with a flexible time window`);
  if (input.ActionAfterCompletion === 'DELETE')
    throw notImplemented(`${operation} with ActionAfterCompletion DELETE`);
  const nextTime = parseTimes(ScheduleExpression, ScheduleExpressionTimezone);
  if (!nextTime)
    throw invalid(`Invalid Schedule Expression ${ScheduleExpression} (${ScheduleExpressionTimezone}).`);
  return {
    name: Name,
    arn: localArn('scheduler', `schedule/${GROUP}/${Name}`),
    expression: ScheduleExpression,
    timeZone: ScheduleExpressionTimezone,
    description: input.Description,
    isEnabled: input.State !== 'DISABLED',
    target: checkedTarget(operation, Target),
    nextTime,
    createdAtMs: before?.createdAtMs ?? nowMs,
    changedAtMs: nowMs,
  };
}

function checkedTarget(operation: string, target: SchedulerApi.Target | undefined): SchedulerApi.Target {
  if (!target?.Arn || !target.RoleArn) throw invalid('Target must have an Arn and a RoleArn.');
  refuseMembers(operation, target, UNSUPPORTED);
  if (/:scheduler:::aws-sdk:/.test(target.Arn)) throw notImplemented(`${operation} with a universal target`);
  return structuredClone(target);
}

export const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** There is one group. @throws AwsError `ResourceNotFoundException` */
export function requireGroup(name: string | undefined): void {
  if (name === undefined || name === GROUP) return;
  throw new AwsError('ResourceNotFoundException', `Schedule group ${name} does not exist.`, {
    statusCode: 404,
  });
}
