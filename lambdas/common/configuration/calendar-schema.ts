/** The shape of `windows` and `schedules`: when a service is deployed. */
import * as z from 'zod/mini';
import { parseCron } from '../../decisions/cron.ts';
import { isTimeZone } from '../../decisions/time-zone.ts';
import { duration, list, mapping } from './fields.ts';

const CRON = 'an AWS cron expression that comes true, such as cron(0 9 ? * MON-FRI *)';
const AT = 'an AWS cron expression that comes true, or a rate, such as cron(0 3 * * ? *) or rate(12 hours)';
const RATE = /^rate\((1 (minute|hour|day)|([2-9]|[1-9]\d{1,4}) (minutes|hours|days))\)$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

/** The keys of a service that say when. */
export function calendarShape() {
  return {
    windows: z._default(list('a list of at most 20 windows', windowSchema(), 0, 20), []),
    schedules: z._default(list('a list of at most 20 schedules', scheduleSchema(), 0, 20), []),
  };
}

function windowSchema() {
  return mapping('a window: a mapping with opens, for and timeZone', {
    opens: expression(CRON, comesTrue, 'When the window opens.'),
    for: duration('How long the window is open.', '1m', '7d'),
    timeZone: timeZone(),
  });
}

function scheduleSchema() {
  const allowed = 'a name: at most 32 letters, digits, hyphens and underscores';
  return mapping('a schedule: a mapping with name, at, timeZone and force', {
    name: z.string({ error: allowed }).check(
      z.refine((text) => NAME.test(text), { error: allowed }),
      z.meta({ pattern: NAME.source }),
    ),
    at: expression(AT, (text) => RATE.test(text) || comesTrue(text), 'When the newest image is asked for.'),
    timeZone: timeZone(),
    force: z._default(
      z
        .boolean({ error: 'true or false' })
        .check(z.meta({ description: 'Whether the digest that serves is deployed again, with new tasks.' })),
      false,
    ),
  });
}

function expression(allowed: string, isGood: (text: string) => boolean, description: string) {
  return z
    .string({ error: allowed })
    .check(
      z.refine(isGood, { error: allowed }),
      z.meta({ description: `${description} Such as ${allowed}.` }),
    );
}

/** A 31st of February is well written, and never comes. */
const comesTrue = (text: string): boolean => parseCron(text)?.(0, 'UTC') !== undefined;

function timeZone() {
  const allowed = 'an IANA time zone, such as Europe/Berlin or UTC';
  return z._default(
    z
      .string({ error: allowed })
      .check(
        z.refine(isTimeZone, { error: allowed }),
        z.meta({ description: 'The IANA time zone of the expression.' }),
      ),
    'UTC',
  );
}
