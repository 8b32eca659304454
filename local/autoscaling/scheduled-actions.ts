/** Scheduled actions: new bounds at a time, on the clock. */
import { localArn } from '../arns.ts';
import type { Clock, Timer } from '../clock/clock.ts';
import type { NextTime } from '../eventbridge/cron.ts';
import { parseScheduleExpression } from '../eventbridge/schedule-expression.ts';
import { notImplemented } from '../unsupported.ts';
import type { ApplicationAutoScalingApi } from '../wire/models.ts';
import { described, type ScalableResource, validation } from './resource.ts';

export interface ScheduledAction {
  readonly name: string;
  readonly arn: string;
  readonly resource: ScalableResource;
  readonly createdAtMs: number;
  /** As given: `at(…)`, `rate(…)` or `cron(…)`. */
  readonly schedule: string;
  readonly nextTime: NextTime;
  readonly startMs?: number | undefined;
  readonly endMs?: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/**
 * The action after PutScheduledAction. What the input omits stays as it was, but for start and end, which are then gone.
 * @throws AwsError `ValidationException`, `NotImplemented` for a time zone other than UTC
 */
export function putAction(
  input: ApplicationAutoScalingApi.PutScheduledActionRequest,
  resource: ScalableResource,
  before: ScheduledAction | undefined,
  fresh: { id: string; nowMs: number },
): ScheduledAction {
  requireUtc(input.Timezone);
  const name = input.ScheduledActionName ?? '';
  const schedule = input.Schedule ?? before?.schedule;
  const { MinCapacity: min, MaxCapacity: max } = input.ScalableTargetAction ?? {};
  const action: ScheduledAction = {
    name,
    resource,
    arn:
      before?.arn ??
      localArn(
        'autoscaling',
        `scheduledAction:${fresh.id}:resource/ecs/${resource.id}:scheduledActionName/${name}`,
      ),
    createdAtMs: before?.createdAtMs ?? fresh.nowMs,
    schedule: schedule ?? '',
    nextTime: requireSchedule(schedule),
    startMs: input.StartTime?.getTime(),
    endMs: input.EndTime?.getTime(),
    min: input.ScalableTargetAction ? min : before?.min,
    max: input.ScalableTargetAction ? max : before?.max,
  };
  if (action.min === undefined && action.max === undefined) {
    throw validation('A scheduled action must have a minimum or a maximum capacity');
  }
  return action;
}

function requireUtc(timezone: string | undefined): void {
  if (timezone === undefined || timezone === 'UTC' || timezone === 'Etc/UTC') return;
  throw notImplemented(`PutScheduledAction with Timezone ${timezone}`);
}

function requireSchedule(text: string | undefined): NextTime {
  const next = text === undefined ? undefined : (parseAt(text) ?? parseScheduleExpression(text));
  if (next) return next;
  throw validation(
    `Schedule is ${JSON.stringify(text)}; allowed are at(yyyy-mm-ddThh:mm:ss), rate(value unit) and cron(fields)`,
  );
}

/** `at(2026-01-31T08:00:00)`, in UTC: once, and never if it is over. */
function parseAt(text: string): NextTime | undefined {
  const stamp = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(text)?.[1];
  const atMs = stamp === undefined ? Number.NaN : Date.parse(`${stamp}Z`);
  if (Number.isNaN(atMs)) return undefined;
  return (afterMs) => (atMs > afterMs ? atMs : undefined);
}

/** The first time after `afterMs` within the action's start and end. */
export function nextTimeOf(
  { nextTime, startMs, endMs }: ScheduledAction,
  afterMs: number,
): number | undefined {
  // The start itself is a time that a schedule may name.
  const from = Math.max(afterMs, (startMs ?? Number.NEGATIVE_INFINITY) - 1);
  const atMs = nextTime(from);
  return atMs === undefined || atMs > (endMs ?? Number.POSITIVE_INFINITY) ? undefined : atMs;
}

export interface ActionTimers {
  /** Starts, or starts again, the timer of an action. */
  follow(action: ScheduledAction): void;
  forget(action: ScheduledAction): void;
  /** Ends every timer. */
  close(): void;
}

/** @param fire called at each time of an action's schedule */
export function createActionTimers(clock: Clock, fire: (action: ScheduledAction) => void): ActionTimers {
  const timers = new Map<string, Timer>();
  const forget = ({ arn }: Pick<ScheduledAction, 'arn'>): void => {
    timers.get(arn)?.cancel();
    timers.delete(arn);
  };
  const arm = (action: ScheduledAction, afterMs: number): void => {
    const atMs = nextTimeOf(action, afterMs);
    if (atMs === undefined) return;
    const timer = clock.setTimer(atMs - clock.now(), () => {
      arm(action, atMs);
      fire(action);
    });
    timers.set(action.arn, timer);
  };
  return {
    forget,
    follow: (action) => {
      forget(action);
      arm(action, clock.now());
    },
    close: () => {
      for (const arn of [...timers.keys()]) forget({ arn });
    },
  };
}

export function actionView(action: ScheduledAction): ApplicationAutoScalingApi.ScheduledAction {
  const { min: MinCapacity, max: MaxCapacity, startMs, endMs } = action;
  return {
    ...described(action.resource),
    ScheduledActionName: action.name,
    ScheduledActionARN: action.arn,
    Schedule: action.schedule,
    StartTime: startMs === undefined ? undefined : new Date(startMs),
    EndTime: endMs === undefined ? undefined : new Date(endMs),
    ScalableTargetAction: { MinCapacity, MaxCapacity },
    CreationTime: new Date(action.createdAtMs),
  };
}
