/** Schedule expressions: `rate(5 minutes)` and `cron(0 12 * * ? *)`. */
import { type NextTime, parseCron } from './cron.ts';

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `nextTime` of a rate counts from the time that it is given: the rule's start, then each firing. */
export function parseScheduleExpression(text: string): NextTime | undefined {
  const [, kind, content = ''] = /^(rate|cron)\((.*)\)$/.exec(text) ?? [];
  if (kind === 'rate') return parseRate(content);
  return kind === 'cron' ? parseCron(content) : undefined;
}

/** AWS wants the singular for one, and only for one. */
function parseRate(text: string): NextTime | undefined {
  const [, valueText, unit = '', plural] = /^([1-9]\d*) (minute|hour|day)(s?)$/.exec(text) ?? [];
  const value = Number(valueText);
  const unitMs = UNIT_MS[unit];
  if (unitMs === undefined || (value === 1) !== (plural === '')) return undefined;
  return (afterMs) => afterMs + value * unitMs;
}
