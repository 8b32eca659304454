/** Whether any of a service's alarms fires. */

export interface AlarmFacts {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
}

/** The alarms in ALARM, told for people; undefined if none is. INSUFFICIENT_DATA says nothing either way. */
export function firingAlarms(alarms: readonly AlarmFacts[]): string | undefined {
  const firing = alarms.filter(({ state }) => state === 'ALARM');
  if (firing.length === 0) return undefined;
  return firing.map(({ name, reason }) => `alarm ${name} is in ALARM: ${reason}`).join('; ');
}

/** Names that the configuration lists and CloudWatch does not know. */
export function unknownAlarms(names: readonly string[], alarms: readonly AlarmFacts[]): string[] {
  return names.filter((name) => !alarms.some((alarm) => alarm.name === name));
}
