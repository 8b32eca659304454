/** What every simulator of the local cloud is given: time, randomness, names, the event bus and the tunables. */
import type { Clock } from './clock/clock.ts';
import type { Random } from './random.ts';

/** The account and Region in which every local resource lives, so that local ARNs follow from names. */
export const LOCAL_ACCOUNT = '000000000000';
export const LOCAL_REGION = 'us-east-1';

/** An event as a service emits it; the bus adds version, id, account, region and time. */
export interface ServiceEvent {
  source: string;
  detailType: string;
  resources: string[];
  detail: Record<string, unknown>;
  /** Cloud time, ms since the epoch; the bus's present if absent. */
  timeMs?: number;
}

/** Delays of the emulated AWS that its documentation leaves open: parameters, in milliseconds of cloud time. */
export interface Latencies {
  /** From an emitted event to its delivery to a target. */
  eventMs: number;
  /** From a rule or listener write to its effect in the data plane. */
  propagationMs: number;
  /** From UpdateService to the scheduler's first act, and between its rounds. */
  schedulerMs: number;
  /** From a task's launch to the start of its containers (network interface and image pull). */
  taskProvisioningMs: number;
}

export const DEFAULT_LATENCIES: Latencies = {
  eventMs: 100,
  propagationMs: 1_000,
  schedulerMs: 500,
  taskProvisioningMs: 1_000,
};

/** The ground that simulators stand on. */
export interface Platform {
  readonly clock: Clock;
  readonly random: Random;
  readonly latencies: Latencies;
  /** Puts a service's event on the default bus (EventBridge adds the envelope). Never throws. */
  emit(event: ServiceEvent): void;
  /** Reports a failure of background work that no caller awaits. Must not be used for expected outcomes. */
  fault(error: unknown): void;
}
