/** The numbers that AWS documents for native deployments. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const minutesMs = (minutes: number): number => minutes * MINUTE_MS;

/** A stage, or one production step, without the bake that follows it. */
export const STAGE_MAX_MS = 24 * HOUR_MS;
/** A deployment from its start. */
export const DEPLOYMENT_MAX_MS = 30 * DAY_MS;

/** Of each type. */
export const HOOKS_MAX = 10;
export const LAMBDA_TIMEOUT_MINUTES_MAX = 1_440;
/** 14 days. */
export const PAUSE_TIMEOUT_MINUTES_MAX = 20_160;
export const DEFAULT_TIMEOUT_MINUTES = 1_440;
/** From an answer IN_PROGRESS to the next invocation, unless the answer says otherwise. */
export const DEFAULT_CALL_BACK_DELAY_SECONDS = 30;

export const BAKE_MINUTES_MAX = 1_440;
export const LINEAR_DEFAULTS = { stepPercent: 10, stepBakeTimeInMinutes: 6 } as const;
export const LINEAR_PERCENT_MIN = 3;
export const CANARY_DEFAULTS = { canaryPercent: 5, canaryBakeTimeInMinutes: 10 } as const;
export const CANARY_PERCENT_MIN = 0.1;
