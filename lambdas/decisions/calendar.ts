/** Whether a service may be deployed now: its windows, and a freeze; and if not, when it may. */
import type { Window } from '../common/service.ts';
import { parseCron } from './cron.ts';

/** Nobody deploys before `untilMs`, unless with a reason. */
export interface Freeze {
  readonly untilMs: number;
  readonly why: string;
  readonly by: string;
}

export interface Calendar {
  /** All of them together; none means always. */
  readonly windows: readonly Window[];
  readonly frozen?: Freeze | undefined;
}

export type CalendarVerdict =
  | { readonly open: true }
  | {
      readonly open: false;
      readonly because: 'frozen' | 'window';
      /** When it opens, if nobody changes anything; undefined if it never does. */
      readonly opensAtMs: number | undefined;
      /** In words: `frozen until 2026-12-24T00:00:00Z by …: why`, `window opens at 2026-11-23T08:00:00Z`. */
      readonly waitsFor: string;
    };

export function judgeCalendar({ windows, frozen }: Calendar, nowMs: number): CalendarVerdict {
  if (frozen && nowMs < frozen.untilMs) {
    const { untilMs, by, why } = frozen;
    const waitsFor = `frozen until ${inWords(untilMs)} by ${by}: ${why}`;
    return { open: false, because: 'frozen', opensAtMs: opensAt(windows, untilMs), waitsFor };
  }
  if (isOpen(windows, nowMs)) return { open: true };
  const opensAtMs = opensAt(windows, nowMs);
  const waitsFor =
    opensAtMs === undefined ? 'no window opens again' : `window opens at ${inWords(opensAtMs)}`;
  return { open: false, because: 'window', opensAtMs, waitsFor };
}

/** From its opening on, up to but not at its end. */
function isOpen(windows: readonly Window[], atMs: number): boolean {
  if (windows.length === 0) return true;
  return windows.some((window) => {
    const opens = nextOpening(window, atMs - window.seconds * 1000);
    return opens !== undefined && opens <= atMs;
  });
}

/** The first moment from `fromMs` on at which some window is open. */
function opensAt(windows: readonly Window[], fromMs: number): number | undefined {
  if (isOpen(windows, fromMs)) return fromMs;
  const openings = windows.flatMap((window) => nextOpening(window, fromMs) ?? []);
  return openings.length === 0 ? undefined : Math.min(...openings);
}

function nextOpening({ opens, timeZone }: Window, afterMs: number): number | undefined {
  return parseCron(opens)?.(afterMs, timeZone);
}

/** `2026-11-23T08:00:00Z` */
const inWords = (atMs: number): string => new Date(atMs).toISOString().replace(/\.\d+/, '');
