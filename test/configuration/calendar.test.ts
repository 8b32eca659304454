/** Windows and schedules: what is taken, what it means, and what is said of the rest. */
import { describe, expect, it } from 'vitest';
import { complaintsAbout, orders, parsed } from './documents.ts';

const window = (changes: object = {}) => ({ opens: 'cron(0 9 ? * MON-FRI *)', for: '8h', ...changes });
const schedule = (changes: object = {}) => ({ name: 'nightly', at: 'cron(0 3 * * ? *)', ...changes });
const complaints = (otherwise: Record<string, unknown>): string =>
  complaintsAbout(orders(otherwise)).join('\n');

describe('windows and schedules', () => {
  it('are none unless they are written: always open, nothing asked for', () => {
    expect(parsed({})).toMatchObject({ windows: [], schedules: [] });
  });

  it('are complete with UTC, seconds, and no force', () => {
    const windows = [
      window({ timeZone: 'Europe/Berlin' }),
      window({ opens: 'cron(0 22 ? * 7 *)', for: '90m' }),
    ];
    expect(
      parsed({ windows, schedules: [schedule(), schedule({ name: 'often', at: 'rate(12 hours)' })] }),
    ).toMatchObject({
      windows: [
        { opens: 'cron(0 9 ? * MON-FRI *)', seconds: 28_800, timeZone: 'Europe/Berlin' },
        { opens: 'cron(0 22 ? * 7 *)', seconds: 5400, timeZone: 'UTC' },
      ],
      schedules: [
        { name: 'nightly', at: 'cron(0 3 * * ? *)', timeZone: 'UTC', force: false },
        { name: 'often', at: 'rate(12 hours)', timeZone: 'UTC', force: false },
      ],
    });
  });

  it.each([
    [
      { windows: [window({ opens: '0 9 * * MON-FRI' })] },
      /windows\[0\]\.opens: found '0 9 .*allowed: an AWS cron/,
    ],
    [{ windows: [window({ opens: 'cron(0 9 * * MON-FRI *)' })] }, /windows\[0\]\.opens/],
    [{ windows: [window({ opens: 'cron(0 9 31 2 ? *)' })] }, /windows\[0\]\.opens.*that comes true/],
    [{ windows: [window({ opens: 'rate(1 hour)' })] }, /windows\[0\]\.opens/],
    [
      { windows: [window({ for: '8d' })] },
      /windows\[0\]\.for: found '8d', allowed: a duration from 1m to 7d/,
    ],
    [{ windows: [window({ timeZone: 'Berlin' })] }, /timeZone: found 'Berlin', allowed: an IANA time zone/],
    [{ windows: [window({ timeZone: '+01:00' })] }, /timeZone/],
    [{ windows: [window({ until: '18:00' })] }, /windows\[0\]\.until: found the unknown key/],
    [{ schedules: [schedule({ at: 'rate(1 hours)' })] }, /schedules\[0\]\.at.*or a rate/],
    [{ schedules: [schedule({ at: 'at(2026-12-24T00:00:00)' })] }, /schedules\[0\]\.at/],
    [{ schedules: [schedule({ name: 'every night' })] }, /schedules\[0\]\.name/],
    [
      { schedules: [schedule({ force: 'yes' })] },
      /schedules\[0\]\.force: found 'yes', allowed: true or false/,
    ],
    [
      { schedules: [schedule(), schedule()] },
      /schedules\[1\]\.name: found 'nightly' a second time, allowed: schedules of different names/,
    ],
  ])('are refused with what is allowed: %j', (otherwise, complaint) => {
    expect(complaints(otherwise)).toMatch(complaint);
  });
});
