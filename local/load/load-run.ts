/** What every load generator offers and reports, whether it drives sockets or a model. */

/** A run under way. */
export interface LoadRun {
  /** The totals so far. */
  snapshot(): LoadTotals;
  /** Sends nothing more, waits for the answers that are outstanding, and gives the totals. Idempotent. */
  stop(): Promise<LoadTotals>;
}

export interface LoadTotals {
  /** sent = answers in byVersion + failed + outstanding */
  sent: number;
  outstanding: number;
  /** Answers by the version that made them (header x-version; `none` without it), a target's own 5xx included. */
  byVersion: Record<string, number>;
  /** Made by the load balancer (5xx), or no answer at all: connection errors, broken bodies, time-outs. */
  failed: number;
  /** A target's own 5xx. */
  failedByApplication: number;
  /** The first few of each kind of failure, in their order. */
  failures: LoadFailure[];
  /** From a request's planned time, not its sending, so that a stall of the generator is not hidden. */
  latencyMs: { p50: number; p90: number; p99: number; max: number };
}

export interface LoadFailure {
  /** Since the run's start. */
  atMs: number;
  by: 'load balancer' | 'application' | 'connection';
  reason: string;
}

/** How one request ended. */
export type LoadOutcome =
  | { kind: 'answered'; version: string; statusCode: number }
  | { kind: 'failed'; by: 'load balancer' | 'connection'; reason: string };
