/** What a seed stands for: a world, pushes, and faults with their rates, drawn before anything runs. */
import type { ServiceConfiguration } from '../../lambdas/common/service.ts';
import type { Latencies } from '../../local/platform.ts';
import { createRandom, type Random } from '../../local/random.ts';
import type { WorldOptions } from '../../local/world/index.ts';

/** How a pushed version behaves; `slow` may or may not become healthy in time. */
export const VERSION_KINDS = ['good', 'slow', 'unhealthy', 'exits', 'exitsLater', 'failing'] as const;
export type VersionKind = (typeof VERSION_KINDS)[number];

export interface PlannedPush {
  readonly tag: string;
  readonly kind: VersionKind;
  /** After v1 serves. */
  readonly atMs: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Probabilities per call, invocation or event. */
export interface Rates {
  /** An API call fails before it takes effect. */
  readonly refused: number;
  /** An API call takes effect, and its answer is lost. */
  readonly lostAnswer: number;
  readonly slowCall: number;
  readonly killed: number;
  readonly eventLost: number;
  readonly eventDoubled: number;
  readonly eventLate: number;
  /** A task of any version ends by SIGKILL within minutes of its start. */
  readonly crash: number;
}

/** Something that a person does when an execution enters a state. */
export interface PlannedMeddling {
  readonly kind: 'stop' | 'edit' | 'stopTask';
  readonly state: string;
  /** How many entries into the state are let pass. */
  readonly skip: number;
  readonly delayMs: number;
  /** For an edit: the weights of orders-a and orders-b. */
  readonly weights: readonly [number, number];
}

export interface Plan {
  readonly seed: string;
  readonly world: WorldOptions;
  readonly latencies: Latencies;
  readonly configuration: Partial<ServiceConfiguration>;
  readonly ratePerSecond: number;
  readonly pushes: readonly PlannedPush[];
  readonly rates: Rates;
  readonly meddling: readonly PlannedMeddling[];
  /** After the last push; from then on nothing is disturbed. */
  readonly faultsForMs: number;
}

/** The states that people meddle in. */
const STATES = [
  'ResolveDeployment',
  'AcquireLock',
  'RegisterRevision',
  'AttachGreen',
  'StartGreen',
  'WaitForSteadyState',
  'VerifyTargets',
  'ModifyListener',
  'Bake',
  'JudgeBake',
  'DrainBlue',
  'RestoreListener',
  'StopGreen',
  'ReleaseLock',
] as const;

/** Draws everything from the seed. */
export function planOf(seed: string): Plan {
  const random = createRandom(`plan ${seed}`);
  const pick = <T>(...values: readonly T[]): T => values[random.integer(0, values.length - 1)] as T;
  const blueCount = pick(1, 2, 2, 2, 3, 3, 0);
  const isCalm = random.next() < 0.15;
  const rates = drawRates(random.fork('rates'), isCalm);
  return {
    seed,
    world: {
      blueCount,
      placement: pick('rule', 'rule', 'rule', 'listener'),
      healthCheckIntervalSeconds: pick(5, 5, 10, 15),
      deregistrationDelaySeconds: pick(0, 5, 30, 60),
      healthCheckGracePeriodSeconds: pick(2, 10, 60),
      blueEnvironment: { RESPONSE_MS: String(pick(0, 50, 1_000)) },
    },
    latencies: {
      eventMs: pick(50, 100, 1_000),
      propagationMs: pick(200, 1_000, 4_000),
      schedulerMs: pick(100, 500, 2_000),
      taskProvisioningMs: pick(500, 1_000, 8_000),
    },
    configuration: {
      bakeSeconds: pick(10, 30, 60),
      propagationSeconds: pick(5, 10),
      steadyStateTimeoutSeconds: pick(180, 600),
      drainTimeoutSeconds: pick(300, 900),
    },
    ratePerSecond: 4,
    pushes: drawPushes(random.fork('pushes')),
    rates,
    meddling: isCalm ? [] : drawMeddling(random.fork('meddling')),
    faultsForMs: 900_000,
  };
}

/** Swarm testing: most kinds of fault are off in most seeds, so that the rest can be told apart. */
function drawRates(random: Random, isCalm: boolean): Rates {
  const draw = (...rates: readonly number[]): number =>
    isCalm ? 0 : (rates[random.integer(0, rates.length - 1)] as number);
  return {
    refused: draw(0, 0, 0.02, 0.1, 0.25),
    lostAnswer: draw(0, 0, 0.02, 0.1, 0.25),
    slowCall: draw(0, 0, 0.05, 0.3),
    killed: draw(0, 0, 0.02, 0.1),
    eventLost: draw(0, 0, 0.1, 0.5, 1),
    eventDoubled: draw(0, 0, 0.1, 0.5),
    eventLate: draw(0, 0, 0.1, 0.5),
    crash: draw(0, 0, 0, 0.05, 0.2),
  };
}

function drawPushes(random: Random): PlannedPush[] {
  const pushes: PlannedPush[] = [];
  let atMs = random.integer(1_000, 20_000);
  const count = random.integer(1, 4);
  for (let index = 0; index < count; index += 1) {
    const kind = random.next() < 0.5 ? 'good' : (VERSION_KINDS[random.integer(0, 5)] as VersionKind);
    pushes.push({ tag: `v${index + 2}`, kind, atMs, environment: environmentOf(kind, random) });
    atMs += random.next() < 0.5 ? random.integer(500, 60_000) : random.integer(60_000, 400_000);
  }
  return pushes;
}

function environmentOf(kind: VersionKind, random: Random): Record<string, string> {
  const RESPONSE_MS = String([0, 50, 1_000][random.integer(0, 2)]);
  switch (kind) {
    case 'good':
      return { RESPONSE_MS };
    case 'slow':
      return { RESPONSE_MS, BOOT_MS: String(random.integer(5_000, 90_000)) };
    case 'unhealthy':
      return { HEALTH_STATUS: '503' };
    case 'exits':
      return { EXIT_CODE: '1', EXIT_AFTER_MS: String(random.integer(0, 2_000)) };
    case 'exitsLater':
      return { EXIT_CODE: '1', EXIT_AFTER_MS: String(random.integer(10_000, 90_000)) };
    case 'failing':
      return { REQUEST_STATUS: '500', REQUEST_FAILURE_RATE: '1' };
  }
}

function drawMeddling(random: Random): PlannedMeddling[] {
  const meddling: PlannedMeddling[] = [];
  const draw = (kind: PlannedMeddling['kind'], probability: number): void => {
    if (random.next() >= probability) return;
    const a = random.integer(1, 9) * 10;
    meddling.push({
      kind,
      state: STATES[random.integer(0, STATES.length - 1)] as string,
      skip: random.integer(0, 1),
      delayMs: random.next() < 0.3 ? 0 : random.integer(0, 8_000),
      weights: [a, 100 - a],
    });
  };
  draw('stop', 0.25);
  draw('stop', 0.1);
  draw('edit', 0.15);
  draw('stopTask', 0.15);
  draw('stopTask', 0.1);
  return meddling;
}
