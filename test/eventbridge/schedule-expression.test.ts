/** Schedule expressions: when they fire next, and which are refused. */
import { describe, expect, it } from 'vitest';
import { parseScheduleExpression } from '../../local/eventbridge/schedule-expression.ts';

const firings = (text: string, from: string, count: number): string[] => {
  const next = parseScheduleExpression(text);
  const times: string[] = [];
  let at = Date.parse(from);
  while (times.length < count) {
    const time = next?.(at);
    if (time === undefined) break;
    times.push(new Date(time).toISOString().slice(0, 16));
    at = time;
  }
  return times;
};

describe('a schedule', () => {
  it.each<[string, string, string[]]>([
    ['rate(1 minute)', '2026-01-01T00:00:30Z', ['2026-01-01T00:01', '2026-01-01T00:02']],
    ['rate(2 days)', '2026-01-31T12:00:00Z', ['2026-02-02T12:00']],
    ['cron(0/15 * * * ? *)', '2026-01-01T00:46:00Z', ['2026-01-01T01:00', '2026-01-01T01:15']],
    ['cron(*/20 8-9 * * ? *)', '2026-01-01T09:20:00Z', ['2026-01-01T09:40', '2026-01-02T08:00']],
    ['cron(0 10 ? * MON-FRI *)', '2026-01-02T10:00:00Z', ['2026-01-05T10:00', '2026-01-06T10:00']],
    ['cron(0 0 L * ? *)', '2028-02-01T00:00:00Z', ['2028-02-29T00:00', '2028-03-31T00:00']],
    ['cron(0 0 1W * ? *)', '2026-07-31T00:00:00Z', ['2026-08-03T00:00']],
    ['cron(0 0 15W * ? *)', '2026-08-01T00:00:00Z', ['2026-08-14T00:00']],
    ['cron(0 0 31W * ? *)', '2026-04-01T00:00:00Z', ['2026-05-29T00:00', '2026-07-31T00:00']],
    ['cron(30 6 ? * 6L *)', '2026-01-01T00:00:00Z', ['2026-01-30T06:30']],
    ['cron(30 6 ? * 3#2 *)', '2026-01-01T00:00:00Z', ['2026-01-13T06:30']],
    ['cron(0 12 29 2 ? *)', '2026-01-01T00:00:00Z', ['2028-02-29T12:00', '2032-02-29T12:00']],
    ['cron(5,10 1 1 JAN,jul ? 2026-2027)', '2027-01-02T00:00:00Z', ['2027-07-01T01:05', '2027-07-01T01:10']],
    ['cron(0 0 1 1 ? 2020)', '2026-01-01T00:00:00Z', []],
  ])('%s after %s', (text, from, expected) => {
    expect(firings(text, from, Math.max(1, expected.length))).toEqual(expected);
  });

  it.each([
    'rate(1 minutes)',
    'rate(2 minute)',
    'rate(0 minutes)',
    'rate(5 weeks)',
    'cron(0 0 * * * *)',
    'cron(0 0 ? * ? *)',
    'cron(0 0 * * ?)',
    'cron(60 0 * * ? *)',
    'cron(0 0 32 * ? *)',
    'cron(5-1 0 * * ? *)',
    'cron(0 0 ? * 8 *)',
    'every minute',
  ])('%s is refused', (text) => {
    expect(parseScheduleExpression(text)).toBeUndefined();
  });
});
