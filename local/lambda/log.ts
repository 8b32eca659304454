/** The structured log of a handler that runs on another clock than Lambda's: one JSON object a line. */
import type { Log } from '../../lambdas/common/runtime.ts';

/** `write` gets each line without its end; keys appended last until {@link FunctionLog.startInvocation}. */
export interface FunctionLog extends Log {
  /** Forgets the keys that the former invocation appended. */
  startInvocation(): void;
}

/** Makes a log whose time stamps come from `now` (milliseconds since the epoch). */
export function createLog(now: () => number, write: (line: string) => void): FunctionLog {
  let appended: Record<string, unknown> = {};
  const at =
    (level: string) =>
    (message: string, keys: Record<string, unknown> = {}) => {
      write(
        JSON.stringify({ level, message, timestamp: new Date(now()).toISOString(), ...appended, ...keys }),
      );
    };
  return {
    info: at('INFO'),
    warn: at('WARN'),
    error: at('ERROR'),
    append: (keys) => {
      appended = { ...appended, ...keys };
    },
    startInvocation: () => {
      appended = {};
    },
  };
}
