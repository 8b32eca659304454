/** The clock's part of scheduled rules: one timer for each enabled schedule. */
import type { Clock, Timer } from '../clock/clock.ts';
import type { Rule } from './rules.ts';

export interface Schedules {
  /** Starts, restarts or ends the rule's timer, as the rule now asks. */
  follow(rule: Rule): void;
  forget(ruleName: string): void;
  /** Ends every timer. */
  close(): void;
}

/** @param fire called at each time of a rule's schedule, with that time. */
export function createSchedules(clock: Clock, fire: (rule: Rule, atMs: number) => void): Schedules {
  const timers = new Map<string, Timer>();

  const forget = (name: string): void => {
    timers.get(name)?.cancel();
    timers.delete(name);
  };
  const arm = (rule: Rule, afterMs: number): void => {
    const atMs = rule.nextTime?.(afterMs);
    if (atMs === undefined) return;
    const timer = clock.setTimer(atMs - clock.now(), () => {
      arm(rule, atMs);
      fire(rule, atMs);
    });
    timers.set(rule.name, timer);
  };

  return {
    follow: (rule) => {
      forget(rule.name);
      if (rule.isEnabled && rule.nextTime) arm(rule, clock.now());
    },
    forget,
    close: () => {
      for (const name of [...timers.keys()]) forget(name);
    },
  };
}
