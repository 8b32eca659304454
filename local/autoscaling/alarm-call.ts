/** What an alarm tells a step policy: its state, and how far its metric is from the threshold. */

export interface FiredAlarm {
  readonly name: string;
  readonly state: string;
  readonly threshold: number | undefined;
  /** The newest value that was judged; undefined if the state was set by hand. */
  readonly value: number | undefined;
}

/** Reads what CloudWatch gives an action's target. */
export function firedAlarm(payload: unknown): FiredAlarm {
  const { alarmData = {} } = payload as { alarmData?: AlarmData };
  const { threshold, recentDatapoints = [] } = JSON.parse(alarmData.state?.reasonData ?? '{}') as ReasonData;
  return {
    name: alarmData.alarmName ?? '',
    state: alarmData.state?.value ?? '',
    threshold,
    value: recentDatapoints.at(-1),
  };
}

/** Zero, the smallest breach, if the alarm does not say. */
export function breachOf({ value, threshold }: FiredAlarm): number {
  return value === undefined || threshold === undefined ? 0 : value - threshold;
}

interface AlarmData {
  alarmName?: string;
  state?: { value?: string; reasonData?: string };
}

interface ReasonData {
  threshold?: number;
  /** Oldest first. */
  recentDatapoints?: number[];
}
