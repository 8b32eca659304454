/** EventBridge Scheduler: schedules with a time zone, which start their targets under a role. */
import type { Timer } from '../clock/clock.ts';
import { deliverToTarget } from '../eventbridge/delivery.ts';
import { pageOf } from '../page.ts';
import type { Platform } from '../platform.ts';
import type { Deliver } from '../simulators.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { SchedulerApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { asRuleTarget, deliverAs, type MayAssumed, payloadOf } from './firing.ts';
import { GROUP, invalid, newSchedule, requireGroup, type Schedule } from './schedule.ts';

const PAGE_MAX = 100;

export interface SchedulerSimulator {
  readonly operations: Operations<typeof SchedulerApi>;
  /** How many times each firing is delivered, because Scheduler promises no more than at least once; undefined ends it. */
  disturb(copiesOf: ((scheduleName: string) => number) | undefined): void;
  /** Ends the timers. */
  close(): void;
}

interface Ports {
  readonly deliver: Deliver;
  readonly may: MayAssumed;
}

/** A `rate` counts from the schedule's creation, at which it fires for the first time. */
export function createScheduler(
  { clock, random: seed, fault }: Pick<Platform, 'clock' | 'random' | 'fault'>,
  { deliver, may }: Ports,
): SchedulerSimulator {
  const random = seed.fork('scheduler');
  const ground = { clock, random, fault };
  const schedules = new Map<string, Schedule>();
  const timers = new Map<string, Timer>();
  let copiesOf: (scheduleName: string) => number = () => 1;

  const fire = (schedule: Schedule, atMs: number): void => {
    const payload = payloadOf(schedule, atMs, random.uuid());
    for (let copy = 0; copy < copiesOf(schedule.name); copy += 1)
      deliverToTarget(
        ground,
        deliverAs(schedule, deliver, may),
        asRuleTarget(schedule),
        structuredClone(payload),
      );
  };
  const arm = (schedule: Schedule, atMs: number | undefined): void => {
    if (atMs === undefined) return;
    const timer = clock.setTimer(atMs - clock.now(), () => {
      arm(schedule, schedule.nextTime(atMs));
      fire(schedule, atMs);
    });
    timers.set(schedule.name, timer);
  };
  const disarm = (name: string): void => {
    timers.get(name)?.cancel();
    timers.delete(name);
  };
  const put = (schedule: Schedule): { ScheduleArn: string } => {
    disarm(schedule.name);
    schedules.set(schedule.name, schedule);
    const isRate = schedule.expression.startsWith('rate(');
    const nowMs = clock.now();
    if (schedule.isEnabled) arm(schedule, isRate ? nowMs : schedule.nextTime(nowMs));
    return { ScheduleArn: schedule.arn };
  };
  const named = (name = '', group?: string): Schedule => {
    requireGroup(group);
    const schedule = schedules.get(name);
    if (schedule) return schedule;
    throw new AwsError('ResourceNotFoundException', `Schedule ${name} does not exist.`, { statusCode: 404 });
  };

  return {
    disturb(copies = () => 1) {
      copiesOf = copies;
    },
    close() {
      for (const name of [...timers.keys()]) disarm(name);
    },
    operations: {
      CreateSchedule(input) {
        requireGroup(input.GroupName);
        if (schedules.has(input.Name ?? ''))
          throw new AwsError('ConflictException', `Schedule ${input.Name} already exists.`, {
            statusCode: 409,
          });
        return put(newSchedule('CreateSchedule', input, clock.now()));
      },
      UpdateSchedule(input) {
        const before = named(input.Name, input.GroupName);
        return put(newSchedule('UpdateSchedule', input, clock.now(), before));
      },
      GetSchedule: ({ Name, GroupName }) => described(named(Name, GroupName)),
      DeleteSchedule({ Name, GroupName }) {
        const { name } = named(Name, GroupName);
        disarm(name);
        schedules.delete(name);
        return {};
      },
      ListSchedules({ GroupName, NamePrefix = '', State, MaxResults = PAGE_MAX, NextToken }) {
        requireGroup(GroupName);
        const listed = [...schedules.values()]
          .filter(({ name }) => name.startsWith(NamePrefix))
          .filter((schedule) => State === undefined || stateOf(schedule) === State)
          .sort((a, b) => (a.name < b.name ? -1 : 1));
        const page = pageOf(listed, MaxResults, NextToken, () => invalid('Invalid NextToken.'));
        return { Schedules: page.elements.map(summarized), NextToken: page.nextToken };
      },
    },
  };
}

const stateOf = ({ isEnabled }: Schedule): 'ENABLED' | 'DISABLED' => (isEnabled ? 'ENABLED' : 'DISABLED');

function summarized(schedule: Schedule): SchedulerApi.ScheduleSummary {
  return {
    Arn: schedule.arn,
    Name: schedule.name,
    GroupName: GROUP,
    State: stateOf(schedule),
    CreationDate: new Date(schedule.createdAtMs),
    LastModificationDate: new Date(schedule.changedAtMs),
    Target: { Arn: schedule.target.Arn ?? '' },
  };
}

function described(schedule: Schedule): SchedulerApi.GetScheduleOutput {
  return {
    ...summarized(schedule),
    ScheduleExpression: schedule.expression,
    ScheduleExpressionTimezone: schedule.timeZone,
    Description: schedule.description,
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: structuredClone(schedule.target),
  };
}
