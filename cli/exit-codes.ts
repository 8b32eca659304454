/** The exit codes of the `sidestep` command: one for each outcome, and a few for what is no outcome. */
import type { Outcome } from '../lambdas/common/deployment.ts';

/** Outcome → exit code: 0 only if what was asked for is so. */
export const OUTCOME_EXIT_CODES: Readonly<Record<Outcome, number>> = {
  SUCCESSFUL: 0,
  NOTHING_TO_DEPLOY: 0,
  ROLLBACK_SUCCESSFUL: 10,
  ROLLBACK_FAILED: 11,
  HALTED: 12,
  STOPPED: 13,
  REFUSED: 14,
  DRAIN_FAILED: 15,
  SUPERSEDED: 16,
};

/** Something failed that is no outcome of a deployment, or a demo did not keep its promise. */
export const FAILED = 1;
/** The command line is wrong. */
export const USAGE = 2;
/** `sidestep verify` found something that a deployment would fail on. */
export const NOT_READY = 3;

/** What a shell gives a process that a signal has ended. */
export const SIGNAL_EXIT_CODES: Readonly<Record<'SIGHUP' | 'SIGINT' | 'SIGTERM', number>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
};
