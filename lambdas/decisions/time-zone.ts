/** Wall clocks and instants: what a clock in an IANA time zone shows, and when it shows it. */

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Whether the runtime knows the zone. Offsets such as `+01:00` are none: they have no daylight saving. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

/** What a clock in the zone shows at an instant, as if it stood in UTC: milliseconds, whole seconds. */
export function wallTimeAt(atMs: number, timeZone: string): number {
  const parts = formatterOf(timeZone).formatToParts(atMs);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  const [year, month, day] = [part('year'), part('month'), part('day')];
  return Date.UTC(year, month - 1, day, part('hour'), part('minute'), part('second'));
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * The first instant at which a clock in the zone shows that time or a later one: of a time that comes twice the
 * first, and of one that is left out the moment at which the clock is put forward.
 * @param wallMs as {@link wallTimeAt} gives it, whole minutes
 */
export function instantOf(wallMs: number, timeZone: string): number {
  const offsetAt = (atMs: number): number => wallTimeAt(atMs, timeZone) - atMs;
  const offsets = [offsetAt(wallMs - DAY_MS), offsetAt(wallMs + DAY_MS)];
  const [early = 0, late = 0] = offsets.map((offset) => wallMs - offset).sort((a, b) => a - b);
  const shown = [early, late].find((atMs) => wallTimeAt(atMs, timeZone) === wallMs);
  return shown ?? firstAfter(early, late, (atMs) => wallTimeAt(atMs, timeZone) > wallMs);
}

/** The first whole minute after `fromMs`, up to `toMs`, from which on the condition holds. */
function firstAfter(fromMs: number, toMs: number, holds: (atMs: number) => boolean): number {
  let [before, after] = [fromMs, toMs];
  while (after - before > MINUTE_MS) {
    const middle = before + Math.floor((after - before) / 2 / MINUTE_MS) * MINUTE_MS;
    if (holds(middle)) after = middle;
    else before = middle;
  }
  return after;
}

/** @throws RangeError if there is no such zone */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(timeZone, made);
  return made;
}
