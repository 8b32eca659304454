/** AWS cron expressions (minutes, hours, day of month, month, day of week, year) in a time zone, to the minute. */
import { instantOf, wallTimeAt } from './time-zone.ts';

/** @returns the first time after `afterMs`; undefined if there is none */
export type NextTime = (afterMs: number, timeZone: string) => number | undefined;

/** A day of the calendar, as the fields for days judge it. */
interface Day {
  readonly date: number;
  /** 1 (Sunday) to 7. */
  readonly weekday: number;
  /** The month's last date. */
  readonly last: number;
}
type IsDay = (day: Day) => boolean;

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MINUTES: Field = { min: 0, max: 59 };
const HOURS: Field = { min: 0, max: 23 };
const DATES: Field = { min: 1, max: 31 };
const MONTHS_OF_YEAR: Field = { min: 1, max: 12, names: MONTHS };
const DAYS_OF_WEEK: Field = { min: 1, max: 7, names: WEEKDAYS };
const YEARS: Field = { min: 1970, max: 2199 };
const SATURDAY = 7;
const DAY_MS = 86_400_000;
/** No clock is put back by more: what it showed so long ago has passed. */
const CLOCK_CHANGE_MAX_MS = 3 * 3_600_000;
/** Between two leap days may lie eight years: a date that does not come within nine never comes. */
const SEARCH_DAYS_MAX = 366 * 9;

/**
 * Reads `cron(0 9 ? * MON-FRI *)`.
 * @returns undefined if it is no expression that AWS would take
 */
export function parseCron(text: string): NextTime | undefined {
  const [, content = ''] = /^cron\((.*)\)$/.exec(text) ?? [];
  const fields = content.trim().split(/\s+/);
  const [
    minutesText = '',
    hoursText = '',
    datesText = '',
    monthsText = '',
    weekdaysText = '',
    yearsText = '',
  ] = fields;
  // Exactly one of the two ways to name a day is left open.
  if (fields.length !== 6 || (datesText === '?') === (weekdaysText === '?')) return undefined;
  const minutes = parseSet(MINUTES, minutesText);
  const hours = parseSet(HOURS, hoursText);
  const months = parseSet(MONTHS_OF_YEAR, monthsText);
  const years = parseSet(YEARS, yearsText);
  const isDay = weekdaysText === '?' ? parseDates(datesText) : parseWeekdays(weekdaysText);
  if (!minutes || !hours || !months || !years || !isDay) return undefined;
  const times = hours.flatMap((hour) => minutes.map((minute) => (hour * 60 + minute) * 60_000));
  return (afterMs, timeZone) => {
    const wallMs = wallTimeAt(afterMs, timeZone);
    for (const dayMs of daysFrom(wallMs, { years, months, isDay })) {
      for (const time of times.filter((one) => dayMs + one > wallMs - CLOCK_CHANGE_MAX_MS)) {
        const atMs = instantOf(dayMs + time, timeZone);
        if (atMs > afterMs) return atMs;
      }
    }
    return undefined;
  };
}

interface Calendar {
  readonly years: readonly number[];
  readonly months: readonly number[];
  readonly isDay: IsDay;
}

/** The days of the calendar, from that of a wall time on, each as its midnight's wall time. */
function* daysFrom(wallMs: number, { years, months, isDay }: Calendar): Generator<number> {
  const fromMs = Math.floor(wallMs / DAY_MS) * DAY_MS;
  const fromYear = new Date(fromMs).getUTCFullYear();
  let searched = 0;
  for (const year of years.filter((one) => one >= fromYear)) {
    for (
      let dayMs = Math.max(fromMs, Date.UTC(year, 0, 1));
      dayMs < Date.UTC(year + 1, 0, 1);
      dayMs += DAY_MS
    ) {
      searched += 1;
      if (searched > SEARCH_DAYS_MAX) return;
      const date = new Date(dayMs);
      const month = date.getUTCMonth() + 1;
      const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
      const day = { date: date.getUTCDate(), weekday: date.getUTCDay() + 1, last };
      if (months.includes(month) && isDay(day)) yield dayMs;
    }
  }
}

/** `*`, `5`, `1-5`, `0/15`, a star or a range with a step, and lists of them: sorted, each once. */
function parseSet(field: Field, text: string): number[] | undefined {
  const parts = text.split(',').map((part) => parseRange(field, part));
  if (parts.some((part) => part === undefined)) return undefined;
  return [...new Set(parts.flatMap((part) => part ?? []))].sort((a, b) => a - b);
}

function parseRange(field: Field, text: string): number[] | undefined {
  const [range = '', stepText, ...others] = text.split('/');
  const step = stepText === undefined ? 1 : /^[1-9]\d*$/.test(stepText) ? Number(stepText) : Number.NaN;
  const [from, to] = boundsOf(field, range, stepText !== undefined);
  if (others.length > 0 || Number.isNaN(step)) return undefined;
  if (from === undefined || to === undefined || from > to) return undefined;
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}

function boundsOf(field: Field, range: string, isStepped: boolean): [number | undefined, number | undefined] {
  if (range === '*') return [field.min, field.max];
  const [from = '', to, ...others] = range.split('-');
  const first = parseNumber(field, from);
  if (others.length > 0) return [undefined, undefined];
  if (to !== undefined) return [first, parseNumber(field, to)];
  return [first, isStepped ? field.max : first];
}

function parseNumber({ min, max, names = [] }: Field, text: string): number | undefined {
  const named = names.indexOf(text.toUpperCase());
  const number = named >= 0 ? named + min : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return number >= min && number <= max ? number : undefined;
}

/** `L` is the last day of the month, `15W` the working day nearest to the 15th within its month. */
function parseDates(text: string): IsDay | undefined {
  if (text === 'L') return ({ date, last }) => date === last;
  const [, nearest] = /^(\d{1,2})W$/.exec(text) ?? [];
  if (nearest !== undefined) {
    const wanted = parseNumber(DATES, nearest);
    return wanted === undefined ? undefined : (day) => day.date === workingDayNearest(wanted, day);
  }
  const dates = parseSet(DATES, text);
  return dates && (({ date }) => dates.includes(date));
}

function workingDayNearest(wanted: number, { date, weekday, last }: Day): number | undefined {
  if (wanted > last) return undefined;
  const weekdayOfWanted = ((((weekday - 1 + wanted - date) % 7) + 7) % 7) + 1;
  if (weekdayOfWanted === SATURDAY) return wanted === 1 ? 3 : wanted - 1;
  if (weekdayOfWanted === 1) return wanted === last ? wanted - 2 : wanted + 1;
  return wanted;
}

/** `L` is Saturday, `6L` the month's last Friday, `3#2` its second Tuesday: 1 is Sunday. */
function parseWeekdays(text: string): IsDay | undefined {
  if (text === 'L') return ({ weekday }) => weekday === SATURDAY;
  const [, lastOf, dayOf = '', nth] = /^(?:(\w+)L|(\w+)#([1-5]))$/.exec(text) ?? [];
  if (lastOf !== undefined || nth !== undefined) {
    const wanted = parseNumber(DAYS_OF_WEEK, lastOf ?? dayOf);
    if (wanted === undefined) return undefined;
    return ({ date, weekday, last }) =>
      weekday === wanted && (nth === undefined ? date > last - 7 : Math.ceil(date / 7) === Number(nth));
  }
  const weekdays = parseSet(DAYS_OF_WEEK, text);
  return weekdays && (({ weekday }) => weekdays.includes(weekday));
}
