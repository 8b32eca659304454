/** Schedule expressions with a time zone: `cron(…)`, `rate(…)` and `at(…)`. */
import type { NextTime } from '../eventbridge/cron.ts';
import { parseScheduleExpression } from '../eventbridge/schedule-expression.ts';
import { instantsOf, localTime } from './time-zone.ts';

const AT = /^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$/;

/**
 * The times of an expression, each after the one that is given. A local time that is left out when clocks are put
 * forward is skipped; one that comes twice counts the first time.
 * @returns undefined if it is no expression, or no time zone
 */
export function parseTimes(expression: string, timeZone: string): NextTime | undefined {
  try {
    localTime(0, timeZone);
  } catch {
    return undefined;
  }
  const [, once] = AT.exec(expression) ?? [];
  if (once !== undefined) return atOnce(Date.parse(`${once}Z`), timeZone);
  const next = parseScheduleExpression(expression);
  if (!next || expression.startsWith('rate(')) return next;
  return (afterMs) => {
    let localMs = next(localTime(afterMs, timeZone));
    while (localMs !== undefined) {
      const [first] = instantsOf(localMs, timeZone);
      if (first !== undefined && first > afterMs) return first;
      localMs = next(localMs);
    }
    return undefined;
  };
}

function atOnce(localMs: number, timeZone: string): NextTime | undefined {
  if (Number.isNaN(localMs)) return undefined;
  const [onlyMs] = instantsOf(localMs, timeZone);
  return (afterMs) => (onlyMs !== undefined && onlyMs > afterMs ? onlyMs : undefined);
}
