/** Every handler, and how long one call of it may take. State = file = word: the machine's `VerifyTargets` is verify-targets. */

/** Seconds. A step waits with a task token, never inside its function, so that a minute is plenty. */
export const HANDLER_TIMEOUTS = {
  'start-deployment': 30,
  'resolve-deployment': 60,
  'acquire-lock': 30,
  'register-revision': 60,
  'verify-image': 60,
  'run-migration': 60,
  'attach-green': 60,
  'stop-blue': 60,
  'start-green': 60,
  'wait-for-steady-state': 60,
  'verify-targets': 60,
  'run-checks': 60,
  // The one that waits inside its function: for the user's, which may take as long as Lambda allows.
  'call-check': 900,
  'wait-for-approval': 30,
  'judge-approval': 30,
  'wait-for-group': 60,
  'judge-group': 60,
  'modify-listener': 60,
  bake: 30,
  'judge-bake': 60,
  pause: 30,
  'start-service-deployment': 60,
  'follow-service-deployment': 60,
  standby: 30,
  'drain-blue': 60,
  'restore-listener': 60,
  'stop-green': 60,
  'start-blue': 60,
  'wait-for-blue': 60,
  'stop-service-deployment': 60,
  'hold-lock': 30,
  'release-lock': 30,
  'answer-lifecycle-hook': 60,
  'wake-deployment': 60,
  'recover-deployment': 30,
  'signal-deployment': 60,
  sweep: 60,
  'sweep-images': 60,
  'tell-transitions': 60,
  'publish-deployment': 60,
} as const;

export type HandlerName = keyof typeof HANDLER_TIMEOUTS;

export const HANDLER_NAMES = Object.keys(HANDLER_TIMEOUTS) as readonly HandlerName[];

/** Those that events call; the state machine calls all others. */
export const EVENT_HANDLERS = [
  'start-deployment',
  'wake-deployment',
  'recover-deployment',
  'sweep',
  'sweep-images',
  'publish-deployment',
] as const satisfies readonly HandlerName[];

/** Those that the table's stream calls. Two are the most that one stream serves well. */
export const STREAM_HANDLERS = [
  'tell-transitions',
  'publish-deployment',
] as const satisfies readonly HandlerName[];

/** `VerifyTargets` for `verify-targets`. */
export function stateName(handler: string): string {
  return handler.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
}
