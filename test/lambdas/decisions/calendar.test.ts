/** Windows and freezes: when a deployment may begin, on the clocks of the world. */
import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Window } from '../../../lambdas/common/service.ts';
import { judgeCalendar } from '../../../lambdas/decisions/calendar.ts';
import { parseCron } from '../../../lambdas/decisions/cron.ts';
import { isTimeZone } from '../../../lambdas/decisions/time-zone.ts';

const BERLIN = 'Europe/Berlin';
const at = (text: string): number => Date.parse(text);
const iso = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();
const next = (expression: string, after: string, timeZone = 'UTC'): string | undefined =>
  iso(parseCron(expression)?.(at(after), timeZone));

const officeHours: Window = { opens: 'cron(0 9 ? * MON-FRI *)', seconds: 8 * 3600, timeZone: BERLIN };
const judge = (now: string, windows = [officeHours]) => judgeCalendar({ windows }, at(now));

describe('a window', () => {
  it.each([
    ['before it opens', '2026-11-23T07:59:59Z', false],
    ['at its opening', '2026-11-23T08:00:00Z', true],
    ['a second before its end', '2026-11-23T15:59:59Z', true],
    ['at its end', '2026-11-23T16:00:00Z', false],
    ['on a day that has none', '2026-11-22T10:00:00Z', false],
    ['in summer, when its clock is another', '2026-07-06T07:00:00Z', true],
    ['in summer, after its end by that clock', '2026-07-06T15:00:00Z', false],
  ])('%s', (_when, now, open) => {
    expect(judge(now).open).toBe(open);
  });

  it('that is closed says when it opens next, over a week-end and a change of the clocks', () => {
    expect(judge('2026-03-27T16:00:00Z')).toMatchObject({
      open: false,
      because: 'window',
      opensAtMs: at('2026-03-30T07:00:00Z'),
      waitsFor: 'window opens at 2026-03-30T07:00:00Z',
    });
    expect(judge('2026-10-23T16:00:00Z')).toMatchObject({ opensAtMs: at('2026-10-26T08:00:00Z') });
  });

  it('stays open over midnight and over a change of the clocks for as long as it says', () => {
    const night = [{ opens: 'cron(0 22 ? * SAT *)', seconds: 8 * 3600, timeZone: BERLIN }];
    expect(judge('2026-03-29T04:59:59Z', night).open).toBe(true);
    expect(judge('2026-03-29T05:00:00Z', night).open).toBe(false);
    expect(judge('2026-10-25T03:59:59Z', night).open).toBe(true);
    expect(judge('2026-10-25T04:00:00Z', night).open).toBe(false);
  });

  it('is one of several that count together, and without any it is always open', () => {
    const sunday = { opens: 'cron(0 12 ? * 1 *)', seconds: 3600, timeZone: 'UTC' };
    expect(judge('2026-11-22T12:30:00Z', [officeHours, sunday]).open).toBe(true);
    expect(judge('2026-11-22T11:00:00Z', [officeHours, sunday])).toMatchObject({
      opensAtMs: at('2026-11-22T12:00:00Z'),
    });
    expect(judge('2026-11-22T11:00:00Z', [])).toEqual({ open: true });
  });

  it('that never opens again says so', () => {
    const past = [{ opens: 'cron(0 9 1 1 ? 2020)', seconds: 3600, timeZone: 'UTC' }];
    expect(judge('2026-11-22T11:00:00Z', past)).toMatchObject({
      opensAtMs: undefined,
      waitsFor: 'no window opens again',
    });
  });
});

describe('a freeze', () => {
  const frozen = { untilMs: at('2026-11-24T12:00:00Z'), why: 'the sale', by: 'arn:aws:iam::1:role/ops' };
  it('closes everything until its end', () => {
    expect(judgeCalendar({ windows: [], frozen }, at('2026-11-24T11:59:59Z'))).toEqual({
      open: false,
      because: 'frozen',
      opensAtMs: frozen.untilMs,
      waitsFor: 'frozen until 2026-11-24T12:00:00Z by arn:aws:iam::1:role/ops: the sale',
    });
    expect(judgeCalendar({ windows: [], frozen }, frozen.untilMs)).toEqual({ open: true });
  });

  it('that ends outside the windows leaves them to open', () => {
    const late = { ...frozen, untilMs: at('2026-11-27T20:00:00Z') };
    expect(judgeCalendar({ windows: [officeHours], frozen: late }, at('2026-11-24T09:00:00Z'))).toMatchObject(
      {
        because: 'frozen',
        opensAtMs: at('2026-11-30T08:00:00Z'),
      },
    );
  });
});

describe('a cron expression', () => {
  const FROM = '2026-11-21T16:00:00Z';
  it.each([
    ['every quarter of an hour from the start of the field', 'cron(0/15 * * * ? *)', '2026-11-21T16:15:00'],
    ['numeric days of the week, of which 1 is Sunday', 'cron(0 9 ? * 1 *)', '2026-11-22T09:00:00'],
    ['and 7 is Saturday', 'cron(0 9 ? * 7 *)', '2026-11-28T09:00:00'],
    ['ranges of them', 'cron(0 9 ? * 2-6 *)', '2026-11-23T09:00:00'],
    ['the last Friday of the month', 'cron(0 9 ? * 6L *)', '2026-11-27T09:00:00'],
    ['the second Tuesday of the month', 'cron(0 9 ? * 3#2 *)', '2026-12-08T09:00:00'],
    ['the last day of the month', 'cron(0 9 L * ? *)', '2026-11-30T09:00:00'],
    ['the working day nearest to a Sunday', 'cron(0 9 22W * ? *)', '2026-11-23T09:00:00'],
    [
      'the working day nearest to a Saturday that is the first',
      'cron(0 9 1W AUG ? 2026-2030)',
      '2027-08-02T09:00:00',
    ],
    ['a leap day', 'cron(0 9 29 2 ? *)', '2028-02-29T09:00:00'],
    ['a year to come', 'cron(0 9 1 JAN ? 2040)', '2040-01-01T09:00:00'],
  ])('means %s', (_what, expression, expected) => {
    expect(next(expression, FROM)).toBe(`${expected}.000Z`);
  });

  it('skips to the moment at which the clock is put forward over its time', () => {
    expect(next('cron(30 2 * * ? *)', '2026-03-28T12:00:00Z', BERLIN)).toBe('2026-03-29T01:00:00.000Z');
  });

  it('takes the first of two equal times when the clock is put back, and not the second', () => {
    expect(next('cron(30 2 * * ? *)', '2026-10-24T12:00:00Z', BERLIN)).toBe('2026-10-25T00:30:00.000Z');
    expect(next('cron(30 2 * * ? *)', '2026-10-25T00:30:00Z', BERLIN)).toBe('2026-10-26T01:30:00.000Z');
  });

  it.each([
    'cron(0 9 * * * *)',
    'cron(0 9 ? * ? *)',
    'cron(0 9 * * ?)',
    'cron(60 9 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 9 ? * 0 *)',
    'cron(0 9 ? * 8 *)',
    'cron(0 9 32 * ? *)',
    'cron(0 9 ? FEB-JAN 2 *)',
    'cron(0/0 9 * * ? *)',
    'cron(0 9 1-2-3 * ? *)',
    'cron(0 9 ? * 2#6 *)',
    '0 9 * * ? *',
    'rate(1 hour)',
  ])('is not %s', (expression) => {
    expect(parseCron(expression)).toBeUndefined();
  });

  it('gives the times that another implementation gives, in any zone', () => {
    const number = (min: number, max: number) => fc.integer({ min, max }).map(String);
    const days = fc.oneof(
      number(1, 31).map((date) => ({ aws: [date, '?'], other: [date, '*'] })),
      fc.constant({ aws: ['*', '?'], other: ['*', '*'] }),
      fc.integer({ min: 1, max: 7 }).map((day) => ({ aws: ['?', `${day}`], other: ['*', `${day - 1}`] })),
    );
    const zone = fc.constantFrom(
      'UTC',
      BERLIN,
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'America/Sao_Paulo',
    );
    const month = fc.oneof(fc.constant('*'), number(1, 12));
    fc.assert(
      fc.property(
        fc.record({ minute: number(0, 59), hour: number(0, 23), month, days, zone }),
        fc.integer({ min: at('2024-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') }),
        ({ minute, hour, month, days: { aws, other }, zone }, fromMs) => {
          const expected = new Cron(`0 ${minute} ${hour} ${other[0]} ${month} ${other[1]} *`, {
            timezone: zone,
            paused: true,
          }).nextRun(new Date(fromMs));
          const found = parseCron(`cron(${minute} ${hour} ${aws[0]} ${month} ${aws[1]} *)`)?.(fromMs, zone);
          expect(found).toBe(expected?.getTime());
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });
});

describe('a time zone', () => {
  it.each([
    ['Europe/Berlin', true],
    ['UTC', true],
    ['America/Argentina/Buenos_Aires', true],
    ['Berlin', false],
    ['+01:00', false],
    ['', false],
  ])('%s: %s', (name, expected) => {
    expect(isTimeZone(name)).toBe(expected);
  });
});
