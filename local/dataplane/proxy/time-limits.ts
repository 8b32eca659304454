/** The time limits of one request to a target, in wall time. */

/** ALB's limit on connecting to a target. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** Watches one request: first its connecting, then its quiet spells. */
export interface TimeLimits {
  connected(): void;
  /** Bytes moved, either way. */
  touch(): void;
  isOver(nowMs: number): boolean;
}

export function createTimeLimits(now: () => number, idleTimeoutSeconds: number): TimeLimits {
  let since = now();
  let isConnected = false;
  return {
    connected: () => {
      isConnected = true;
      since = now();
    },
    touch: () => {
      since = now();
    },
    isOver: (nowMs) => nowMs - since > (isConnected ? idleTimeoutSeconds * 1000 : CONNECT_TIMEOUT_MS),
  };
}
