/** When the analysis looks, and what chance of a false alarm each look may spend. */

/** Looks per bake, at most: one at each tenth of it. */
export const LOOKS = 10;

export interface ScheduledLook {
  /** How many periods from the beginning of the bake it sees: always the same ones, whenever it is asked. */
  readonly periods: number;
  /** Its part of the chance of a false alarm; the parts of all looks add up to 1. */
  readonly share: number;
}

/**
 * The looks of a bake of `periods` whole periods. The part spent by the time t (0 to 1) is t³, so that early looks stop
 * only what is plainly broken and the last keeps almost a third.
 */
export function scheduledLooks(periods: number): ScheduledLook[] {
  const ends = Array.from({ length: LOOKS }, (_, index) => Math.floor(((index + 1) * periods) / LOOKS));
  const distinct = [...new Set(ends)].filter((end) => end > 0);
  return distinct.map((end, index) => ({
    periods: end,
    share: (end / periods) ** 3 - ((distinct[index - 1] ?? 0) / periods) ** 3,
  }));
}

export interface AnalysisWindow {
  readonly fromMs: number;
  /** Exclusive: the end of what the last look sees. */
  readonly endMs: number;
  readonly periods: number;
  /** How many of them are over, and complete in CloudWatch. */
  readonly complete: number;
}

/**
 * The whole periods in which both sides had their weights of this step, and that CloudWatch has completely when the bake
 * ends. The period in which the weights were written has some of both and is left out.
 */
export function analysisWindow(
  { bakeStartedAtMs, bakeSeconds }: { readonly bakeStartedAtMs: number; readonly bakeSeconds: number },
  { periodSeconds, lagSeconds }: { readonly periodSeconds: number; readonly lagSeconds: number },
  nowMs: number,
): AnalysisWindow {
  const periodMs = periodSeconds * 1000;
  const fromMs = Math.ceil(bakeStartedAtMs / periodMs) * periodMs;
  const periodsUntil = (ms: number): number =>
    Math.max(0, Math.floor((ms - lagSeconds * 1000 - fromMs) / periodMs));
  const periods = periodsUntil(bakeStartedAtMs + bakeSeconds * 1000);
  return {
    fromMs,
    endMs: fromMs + periods * periodMs,
    periods,
    complete: Math.min(periods, periodsUntil(nowMs)),
  };
}
