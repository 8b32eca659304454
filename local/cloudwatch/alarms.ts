/** The alarms that exist: evaluated on the clock, each change told to the bus and to the alarm's actions. */
import type { Timer } from '../clock/clock.ts';
import type { Platform } from '../platform.ts';
import type { Deliver } from '../simulators.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { Alarm, AlarmState } from './alarm.ts';
import { judgeDatapoints, SPARE_PERIODS } from './evaluation.ts';
import { datapointsOf } from './metric-query.ts';
import type { MetricStore } from './metric-store.ts';
import { actionPayload, reasonJson, reasonText, stateChangeEvent } from './notification.ts';

const MINUTE_MS = 60_000;
const HIGH_RESOLUTION_MS = 10_000;
const HISTORY_MAX = 100;

export interface StateUpdate {
  alarm: Alarm;
  previous: AlarmState;
  state: AlarmState;
}

export interface Alarms {
  find(name: string): Alarm | undefined;
  /** In the order of their names. */
  list(): Alarm[];
  /** Keeps an alarm, in the place of one of the same name, and evaluates it from now on. */
  put(alarm: Alarm): void;
  /** @throws AwsError `ResourceNotFound` */
  remove(names: readonly string[]): void;
  /** Changes the state, and tells so unless it is the state already. */
  setState(alarm: Alarm, state: AlarmState): void;
  /** Newest first. */
  readonly history: readonly StateUpdate[];
  /** Ends every timer. */
  close(): void;
}

export function createAlarms(platform: Platform, store: MetricStore, deliver: Deliver): Alarms {
  const alarms = new Map<string, Alarm>();
  const timers = new Map<string, Timer>();
  const history: StateUpdate[] = [];

  const setState = (alarm: Alarm, state: AlarmState): void => {
    const previous = alarm.state;
    alarm.state = state;
    if (state.value === previous.value) return;
    history.unshift({ alarm, previous, state });
    history.splice(HISTORY_MAX);
    platform.emit(stateChangeEvent(alarm, previous));
    if (alarm.actionsEnabled) act(platform, deliver, alarm, previous);
  };
  const stop = (name: string): void => {
    timers.get(name)?.cancel();
    timers.delete(name);
  };
  const watch = (alarm: Alarm): void => {
    const everyMs = alarm.periodMs < MINUTE_MS ? HIGH_RESOLUTION_MS : MINUTE_MS;
    const delayMs = everyMs - (platform.clock.now() % everyMs);
    const timer = platform.clock.setTimer(delayMs, () => {
      watch(alarm);
      evaluate(platform, store, alarm, setState);
    });
    timers.set(alarm.name, timer);
  };

  return {
    history,
    setState,
    find: (name) => alarms.get(name),
    list: () => [...alarms.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    put: (alarm) => {
      stop(alarm.name);
      alarms.set(alarm.name, alarm);
      watch(alarm);
    },
    remove: (names) => {
      const unknown = names.filter((name) => !alarms.has(name));
      if (unknown.length > 0)
        throw new AwsError('ResourceNotFound', `Alarms not found: ${unknown.join(', ')}`);
      for (const name of names) {
        stop(name);
        alarms.delete(name);
      }
    },
    close: () => {
      for (const name of [...timers.keys()]) stop(name);
    },
  };
}

/** Whole periods only: the present one is not over yet. */
function evaluate(platform: Platform, store: MetricStore, alarm: Alarm, setState: Alarms['setState']): void {
  const nowMs = platform.clock.now();
  const endMs = Math.floor(nowMs / alarm.periodMs) * alarm.periodMs;
  const count = alarm.evaluationPeriods + SPARE_PERIODS;
  const values = datapointsOf(store, alarm.watched, alarm.queries, endMs - count * alarm.periodMs, endMs);
  const newestFirst = Array.from({ length: count }, (_, index) => {
    const periodStartMs = endMs - (index + 1) * alarm.periodMs;
    return { periodStartMs, value: values.get(periodStartMs) };
  });
  const { verdict, used } = judgeDatapoints(alarm, newestFirst);
  if (verdict === 'retain' || verdict === alarm.state.value) return;
  setState(alarm, {
    value: verdict,
    reason: reasonText(alarm, used, verdict === 'ALARM'),
    reasonData: reasonJson(alarm, used, nowMs),
    updatedAtMs: nowMs,
  });
}

function act(platform: Platform, deliver: Deliver, alarm: Alarm, previous: AlarmState): void {
  const { OKActions = [], AlarmActions = [], InsufficientDataActions = [] } = alarm.input;
  const actions = { OK: OKActions, ALARM: AlarmActions, INSUFFICIENT_DATA: InsufficientDataActions }[
    alarm.state.value
  ];
  for (const arn of actions) {
    deliver(arn, actionPayload(arn, alarm, previous)).catch((error: unknown) =>
      platform.fault(new Error(`alarm ${alarm.name} could not act on ${arn}`, { cause: error })),
    );
  }
}
