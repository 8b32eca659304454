/** What a function's process and its parent say to each other over IPC, as JSON. */
import type { ClockOrigin } from '../clock/scaled-clock.ts';
import type { FunctionError } from './function-error.ts';

/** The child's one argument, as JSON. */
export interface ChildArguments {
  codeDirectory: string;
  /** `index.handler`: file and export. */
  handler: string;
  functionArn: string;
  /** Cloud time is shared with the parent: see createScaledClock. */
  clock: { factor: number; origin: ClockOrigin };
  /** Of the handler's randomness, on a scaled clock. */
  seed: string;
  /** How long an attempt of an AWS call may take, on a scaled clock. Wall time; on Lambda the bundle has its own. */
  requestTimeoutMs: number;
}

/** Parent to child. */
export interface Invocation {
  requestId: string;
  event: unknown;
  timeoutMs: number;
}

/** Child to parent. */
export type ChildMessage =
  | { type: 'ready' }
  | { type: 'failed'; error: FunctionError }
  | { type: 'answered'; requestId: string; payload: unknown }
  | { type: 'threw'; requestId: string; error: FunctionError };
