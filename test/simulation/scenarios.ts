/** Plans without chance, for tests that say themselves what happens. */
import type { Plan, PlannedMeddling, PlannedPush, Rates, VersionKind } from './plan.ts';

const NO_FAULTS: Rates = {
  refused: 0,
  lostAnswer: 0,
  slowCall: 0,
  killed: 0,
  eventLost: 0,
  eventDoubled: 0,
  eventLate: 0,
  crash: 0,
};

export interface Scenario {
  readonly pushes: readonly {
    kind: VersionKind;
    atMs: number;
    environment?: Readonly<Record<string, string>>;
  }[];
  readonly rates?: Partial<Rates>;
  readonly meddling?: readonly PlannedMeddling[];
  readonly latencies?: Partial<Plan['latencies']>;
}

/** Replaces what the seed drew: two tasks behind a rule, short times, and only the disturbances named. */
export function scenario({ pushes, rates, meddling = [], latencies }: Scenario): (plan: Plan) => Plan {
  return ({ seed }) => ({
    seed,
    world: {
      blueCount: 2,
      placement: 'rule',
      healthCheckIntervalSeconds: 5,
      deregistrationDelaySeconds: 5,
      healthCheckGracePeriodSeconds: 2,
    },
    latencies: {
      eventMs: 100,
      propagationMs: 1_000,
      schedulerMs: 500,
      taskProvisioningMs: 1_000,
      ...latencies,
    },
    configuration: {
      bakeSeconds: 30,
      propagationSeconds: 5,
      steadyStateTimeoutSeconds: 180,
      drainTimeoutSeconds: 300,
    },
    ratePerSecond: 4,
    pushes: pushes.map(plannedPush),
    rates: { ...NO_FAULTS, ...rates },
    meddling,
    faultsForMs: 300_000,
  });
}

function plannedPush(
  { kind, atMs, environment = {} }: Scenario['pushes'][number],
  index: number,
): PlannedPush {
  return { tag: `v${index + 2}`, kind, atMs, environment: { ...FAULTS[kind], ...environment } };
}

const FAULTS: Readonly<Record<VersionKind, Readonly<Record<string, string>>>> = {
  good: {},
  slow: { BOOT_MS: '20000' },
  unhealthy: { HEALTH_STATUS: '503' },
  exits: { EXIT_CODE: '1', EXIT_AFTER_MS: '500' },
  exitsLater: { EXIT_CODE: '1', EXIT_AFTER_MS: '30000' },
  failing: { REQUEST_STATUS: '500', REQUEST_FAILURE_RATE: '1' },
};
