/** AWS cron expressions: six fields, in UTC, to the minute. */

/** The calendar day that a day test judges. */
interface Day {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  /** 1 (Sunday) to 7. */
  weekday: number;
  lastDay: number;
}

interface Field {
  name: string;
  min: number;
  max: number;
  names?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MINUTES: Field = { name: 'minutes', min: 0, max: 59 };
const HOURS: Field = { name: 'hours', min: 0, max: 23 };
const DAYS: Field = { name: 'day-of-month', min: 1, max: 31 };
const MONTHS_OF_YEAR: Field = { name: 'month', min: 1, max: 12, names: MONTHS };
const DAYS_OF_WEEK: Field = { name: 'day-of-week', min: 1, max: 7, names: WEEKDAYS };
const YEARS: Field = { name: 'year', min: 1970, max: 2199 };
const DAY_MS = 86_400_000;
/** How far ahead a date is looked for: beyond the eight years that may lie between two leap days. */
const SEARCH_DAYS_MAX = 366 * 60;

/** @returns the first time after `afterMs`, or undefined if there is none. */
export type NextTime = (afterMs: number) => number | undefined;

/**
 * Parses the six fields between `cron(` and `)`.
 * @returns undefined if they are not a valid expression.
 */
export function parseCron(text: string): NextTime | undefined {
  const fields = text.trim().split(/\s+/);
  const [
    minutesText = '',
    hoursText = '',
    daysText = '',
    monthsText = '',
    weekdaysText = '',
    yearsText = '',
  ] = fields;
  // Exactly one of the two ways to name a day must be left open.
  if (fields.length !== 6 || (daysText === '?') === (weekdaysText === '?')) return undefined;
  const minutes = parseSet(MINUTES, minutesText);
  const hours = parseSet(HOURS, hoursText);
  const months = parseSet(MONTHS_OF_YEAR, monthsText);
  const years = parseSet(YEARS, yearsText);
  const isDay = weekdaysText === '?' ? parseDays(daysText) : parseWeekdays(weekdaysText);
  if (!minutes || !hours || !months || !years || !isDay) return undefined;
  const times = [...hours].flatMap((hour) => [...minutes].map((minute) => (hour * 60 + minute) * 60_000));
  times.sort((a, b) => a - b);
  return (afterMs) =>
    nextTime(afterMs, times, (day) => years.has(day.year) && months.has(day.month) && isDay(day));
}

function nextTime(
  afterMs: number,
  times: readonly number[],
  isDay: (day: Day) => boolean,
): number | undefined {
  const firstDayMs = Math.floor(afterMs / DAY_MS) * DAY_MS;
  for (let days = 0; days <= SEARCH_DAYS_MAX; days += 1) {
    const dayMs = firstDayMs + days * DAY_MS;
    if (!isDay(dayOf(dayMs))) continue;
    const time = times.find((one) => dayMs + one > afterMs);
    if (time !== undefined) return dayMs + time;
  }
  return undefined;
}

function dayOf(dayMs: number): Day {
  const date = new Date(dayMs);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1];
  return {
    year,
    month,
    day: date.getUTCDate(),
    weekday: date.getUTCDay() + 1,
    lastDay: new Date(Date.UTC(year, month, 0)).getUTCDate(),
  };
}

/** `*`, `5`, `1-5`, `0/15`, a star with a step, and lists of them. */
function parseSet(field: Field, text: string): Set<number> | undefined {
  const numbers = text.split(',').map((part) => parseRange(field, part));
  if (numbers.some((part) => part === undefined)) return undefined;
  return new Set(numbers.flatMap((part) => part ?? []));
}

function parseRange(field: Field, text: string): number[] | undefined {
  const [range = '', stepText] = text.split('/');
  const step = stepText === undefined ? 1 : Number(stepText);
  const [from, to] = boundsOf(field, range, stepText !== undefined);
  const isValid = from !== undefined && to !== undefined && from <= to && Number.isInteger(step) && step >= 1;
  if (!isValid) return undefined;
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}

function boundsOf(field: Field, range: string, isStepped: boolean): [number | undefined, number | undefined] {
  if (range === '*') return [field.min, field.max];
  const [from = '', to] = range.split('-');
  const first = parseNumber(field, from);
  if (to !== undefined) return [first, parseNumber(field, to)];
  return [first, isStepped ? field.max : first];
}

function parseNumber({ min, max, names }: Field, text: string): number | undefined {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  const number = named >= 0 ? named + min : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return number >= min && number <= max ? number : undefined;
}

/** `L` is the last day of the month, `15W` the working day nearest to the 15th within its month. */
function parseDays(text: string): ((day: Day) => boolean) | undefined {
  if (text === 'L') return ({ day, lastDay }) => day === lastDay;
  const nearest = /^(\d{1,2})W$/.exec(text)?.[1];
  if (nearest !== undefined) {
    const wanted = parseNumber(DAYS, nearest);
    return wanted === undefined ? undefined : (day) => day.day === nearestWorkingDay(day, wanted);
  }
  const days = parseSet(DAYS, text);
  return days && (({ day }) => days.has(day));
}

function nearestWorkingDay({ day, weekday, lastDay }: Day, wanted: number): number | undefined {
  if (wanted > lastDay) return undefined;
  const weekdayOfWanted = (((weekday - 1 + wanted - day) % 7) + 7) % 7;
  if (weekdayOfWanted === 6) return wanted === 1 ? 3 : wanted - 1;
  if (weekdayOfWanted === 0) return wanted === lastDay ? wanted - 2 : wanted + 1;
  return wanted;
}

/** `6L` is the month's last Friday, `3#2` its second Tuesday. */
function parseWeekdays(text: string): ((day: Day) => boolean) | undefined {
  const [, last, nthDay, nth] = /^(?:(\w+)L|(\w+)#([1-5]))$/.exec(text) ?? [];
  if (last !== undefined) {
    const wanted = parseNumber(DAYS_OF_WEEK, last);
    return wanted === undefined
      ? undefined
      : ({ day, weekday, lastDay }) => weekday === wanted && day > lastDay - 7;
  }
  if (nthDay !== undefined) {
    const wanted = parseNumber(DAYS_OF_WEEK, nthDay);
    return wanted === undefined
      ? undefined
      : ({ day, weekday }) => weekday === wanted && Math.ceil(day / 7) === Number(nth);
  }
  if (text === 'L') return ({ weekday }) => weekday === 7;
  const weekdays = parseSet(DAYS_OF_WEEK, text);
  return weekdays && (({ weekday }) => weekdays.has(weekday));
}
