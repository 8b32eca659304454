/** The ground for tests of single simulators: a virtual clock, a fixed seed, and what was emitted. */
import { createVirtualClock, type VirtualClock } from '../local/clock/virtual-clock.ts';
import { DEFAULT_LATENCIES, type Platform, type ServiceEvent } from '../local/platform.ts';
import { createRandom } from '../local/random.ts';
import type { Call } from '../local/wire/operations.ts';

export interface TestPlatform extends Platform {
  readonly clock: VirtualClock;
  readonly events: ServiceEvent[];
  readonly faults: unknown[];
}

export function testPlatform(seed = 'test'): TestPlatform {
  const events: ServiceEvent[] = [];
  const faults: unknown[] = [];
  return {
    clock: createVirtualClock(),
    random: createRandom(seed),
    latencies: DEFAULT_LATENCIES,
    events,
    faults,
    emit: (event) => void events.push(event),
    fault: (error) => void faults.push(error),
  };
}

type Client<Table> = {
  [K in keyof Table]-?: NonNullable<Table[K]> extends (input: infer Input, call: Call) => infer Output
    ? (input: Input) => Promise<Awaited<Output>>
    : never;
};

/** A simulator's operations as functions of their input alone. */
export function clientOf<Table extends object>(operations: Table): Client<Table> {
  return new Proxy(operations, {
    get: (table, name) => async (input: unknown) => {
      const operation = Reflect.get(table, name) as ((input: unknown, call: Call) => unknown) | undefined;
      if (!operation) throw new Error(`no operation ${String(name)}`);
      return operation(input, { caller: 'test', requestId: 'test' });
    },
  }) as Client<Table>;
}
