/** Disturbs a run as its plan says: API calls, functions and events of Sidestep's own, and tasks that crash. */
import { createRandom, type Random } from '../../local/random.ts';
import type { Model } from '../../local/tasks/virtual-runner.ts';
import { AwsError } from '../../local/wire/aws-error.ts';
import { ConnectionLost } from '../../local/wire/connection-lost.ts';
import type { CallRecord } from '../../local/wire/endpoint.ts';
import { sampleBehaviour } from '../../local/world/sample-behaviour.ts';
import type { Plan, Rates } from './plan.ts';
import { PERSON, type Setting } from './setting.ts';

/** Long enough to reorder calls and events, short beside the functions' own time-outs. */
const CALL_LATENCY_MS_MAX = 3_000;
const EVENT_DELAY_MS_MAX = 90_000;
const CRASH_AFTER_MS_MAX = 300_000;
/** More calls than any step makes are drawn now and then: that function lives. */
const CALLS_MAX = 12;

type Call = Omit<CallRecord, 'error'>;

/** The application models of a run, and when one of them ends by itself. */
export interface Crashes {
  readonly models: Readonly<Record<string, Model>>;
  /** Told of each end that a process's own behaviour plans, as it starts. */
  onPlannedEnd: (afterMs: number) => void;
  isOn: boolean;
}

export function createCrashes(plan: Plan): Crashes {
  const random = createRandom(`crashes ${plan.seed}`);
  const model: Model = (environment) => {
    const behaviour = sampleBehaviour(environment);
    const crashes = crash.isOn && !behaviour.exit && random.next() < plan.rates.crash;
    const exit = crashes
      ? { afterMs: random.integer(1_000, CRASH_AFTER_MS_MAX), code: 137, lastWords: 'killed' }
      : behaviour.exit;
    if (exit) crash.onPlannedEnd(exit.afterMs);
    return { ...behaviour, exit };
  };
  const crash: Crashes = { models: { 'sidestep:sample-app': model }, onPlannedEnd: () => {}, isOn: false };
  return crash;
}

/** Starts disturbing. @returns what ends it */
export function disturb({ cloud, plan }: Setting): () => void {
  const random = createRandom(`faults ${plan.seed}`);
  const { rates } = plan;
  const stops = [
    cloud.endpoint.intercept(callFaults(cloud.clock.sleep, rates, random.fork('calls'))),
    cloud.interrupt(killer(rates, random.fork('kills'))),
  ];
  cloud.events.disturb(eventFaults(rates, random.fork('events')));
  return () => {
    for (const stop of stops) stop();
    cloud.events.disturb(undefined);
  };
}

function callFaults(sleep: (ms: number) => Promise<void>, rates: Rates, random: Random) {
  return {
    async before(call: Call) {
      if (call.caller === PERSON) return;
      // Drawn before any sleep, so that the order of draws is the order of calls.
      const [isSlow, ms, refused] = [random.next(), random.integer(1, CALL_LATENCY_MS_MAX), random.next()];
      const how = random.integer(0, 2);
      if (isSlow < rates.slowCall) await sleep(ms);
      if (refused < rates.refused) throw refusal(call, how);
    },
    after(call: Call) {
      if (call.caller === PERSON) return;
      const [lost, how] = [random.next(), random.integer(1, 2)];
      if (lost < rates.lostAnswer) throw refusal(call, how);
    },
  };
}

const THROTTLES: Readonly<Record<string, string>> = {
  dynamodb: 'ProvisionedThroughputExceededException',
  elasticloadbalancing: 'Throttling',
};

function refusal({ service }: Call, how: number): Error {
  if (how === 0)
    return new AwsError(THROTTLES[service] ?? 'ThrottlingException', 'Rate exceeded', { statusCode: 400 });
  if (how === 1) {
    const code = service === 'dynamodb' ? 'InternalServerError' : 'InternalFailure';
    return new AwsError(code, 'injected', { statusCode: 500 });
  }
  return new ConnectionLost();
}

function killer(rates: Rates, random: Random) {
  return () => {
    const [chance, afterCalls, how] = [random.next(), random.integer(0, CALLS_MAX), random.next()];
    if (chance >= rates.killed) return undefined;
    return { afterCalls, as: how < 0.6 ? ('exit' as const) : ('hang' as const) };
  };
}

/** A push's own event is never lost: nothing sweeps pushes up yet. */
function eventFaults(rates: Rates, random: Random) {
  return (event: { source: string }) => {
    const [lost, doubled, late] = [random.next(), random.next(), random.next()];
    const delays = [random.integer(0, EVENT_DELAY_MS_MAX), random.integer(0, EVENT_DELAY_MS_MAX)];
    if (lost < rates.eventLost && event.source !== 'aws.ecr') return [];
    const first = { copies: 1, delayMs: late < rates.eventLate ? (delays[0] ?? 0) : 0 };
    return doubled < rates.eventDoubled ? [first, { copies: 1, delayMs: delays[1] ?? 0 }] : [first];
  };
}
