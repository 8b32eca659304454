/** Sends requests at times fixed in advance, so that slow answers do not slow the load, and hide no failure. */
import type { Clock, Timer } from '../clock/clock.ts';
import type { LoadOutcome, LoadRun } from './load-run.ts';
import { createTally, type Tally } from './tally.ts';

export interface OpenLoop {
  clock: Clock;
  ratePerSecond: number;
  /** No request starts later than this after the first. */
  maxSeconds: number;
  timeoutMs: number;
  /** Sends one request and says how it ended. Never rejects, and ends within the time-out. */
  send(): Promise<LoadOutcome>;
}

/**
 * Starts a run; its first request goes at once. Times are wall time (on a virtual clock: its time).
 * @throws RangeError if the rate or the length is not a positive number.
 */
export function startOpenLoop(loop: OpenLoop): LoadRun {
  const { ratePerSecond, maxSeconds, timeoutMs } = loop;
  if (!(ratePerSecond > 0))
    throw new RangeError(`the load's rate is ${ratePerSecond} requests/s; it must be above 0`);
  if (!(maxSeconds > 0 && maxSeconds < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`the load's maxSeconds is ${maxSeconds}; it must be above 0 and finite`);
  }
  // A request that is sent late still has its whole time-out.
  const tally = createTally(2 * timeoutMs);
  const arrivals = startArrivals(loop, tally);
  return {
    snapshot: tally.totals,
    stop: async () => {
      arrivals.stop();
      await tally.settled();
      return tally.totals();
    },
  };
}

function startArrivals({ clock, ratePerSecond, maxSeconds, send }: OpenLoop, tally: Tally): { stop(): void } {
  const startMs = clock.now();
  const elapsedMs = (): number => (clock.now() - startMs) / clock.factor;
  const countMax = Math.ceil(ratePerSecond * maxSeconds);
  let sentCount = 0;
  let timer: Timer | undefined;

  const sendOne = async (plannedMs: number): Promise<void> => {
    tally.sent();
    const outcome = await send();
    const endedMs = elapsedMs();
    tally.ended(outcome, endedMs, endedMs - plannedMs);
  };
  const sendDue = (): void => {
    const plannedMs = (index: number): number => (index * 1000) / ratePerSecond;
    while (sentCount < countMax && plannedMs(sentCount) <= elapsedMs()) {
      void sendOne(plannedMs(sentCount));
      sentCount += 1;
    }
    if (sentCount < countMax) timer = clock.setWallTimer(plannedMs(sentCount) - elapsedMs(), sendDue);
  };
  sendDue();
  return {
    stop: () => {
      sentCount = countMax;
      timer?.cancel();
    },
  };
}
