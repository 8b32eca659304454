/** Keeps warm sandboxes for each function, gives each invocation one of its own, and ends those that take too long. */
import type { Clock, Timer } from '../clock/clock.ts';
import { thrownError, timedOutError } from './function-error.ts';
import type { FunctionConfiguration, FunctionHost, InvocationResult } from './function-host.ts';

/** One place in which a function's code is loaded: it runs one invocation at a time. */
export interface Sandbox {
  /** Runs one invocation. Never rejects; may never resolve, until the time-out ends it. */
  invoke(event: unknown, requestId: string): Promise<InvocationResult>;
  /** Whether it can take another invocation. */
  isUsable(): boolean;
  /** Ends it at once, with whatever it runs; resolves when it is gone. */
  kill(): Promise<void>;
}

export interface SandboxHostPorts {
  clock: Clock;
  /** Loads the function. Rejects with what its module threw. */
  start(configuration: FunctionConfiguration): Promise<Sandbox>;
  /** Sandboxes that one function may have at a time; further invocations wait for one. */
  sandboxesMax: number;
}

/** The sandboxes of one function. */
interface Fleet {
  configuration: FunctionConfiguration;
  idle: Sandbox[];
  busy: Set<Sandbox>;
  starting: number;
  /** Invocations that wait for a sandbox, oldest first. */
  queue: (() => void)[];
}

/** Makes a function host out of a way to start one sandbox. */
export function createSandboxHost(ports: SandboxHostPorts): FunctionHost {
  const fleets = new Map<string, Fleet>();
  let closed = false;

  const fleetOf = (configuration: FunctionConfiguration): Fleet => {
    const known = fleets.get(configuration.functionName);
    if (known) return known;
    const fleet: Fleet = { configuration, idle: [], busy: new Set(), starting: 0, queue: [] };
    fleets.set(configuration.functionName, fleet);
    return fleet;
  };

  /** A warm-up or an invocation that was under way must not start anything that nobody would end. */
  const start: SandboxHostPorts['start'] = async (configuration) => {
    if (closed) throw new Error('the local cloud is shutting down');
    return ports.start(configuration);
  };

  return {
    async invoke(configuration, event, requestId) {
      if (closed)
        return { error: { errorType: 'Lambda.Unknown', errorMessage: 'the local cloud is shutting down' } };
      const fleet = fleetOf(configuration);
      try {
        // First: what cannot be sent must not keep a sandbox.
        const invocation = { event: jsonClone(event), requestId };
        const sandbox = await acquire(fleet, { ...ports, start });
        const result = await runBounded(sandbox, invocation, configuration, ports.clock);
        await release(fleet, sandbox);
        return result;
      } catch (error) {
        return { error: thrownError(error) };
      }
    },
    async warmUp(configuration) {
      const fleet = fleetOf(configuration);
      if (fleet.idle.length > 0) return;
      await release(fleet, await acquire(fleet, { ...ports, start }));
    },
    async close() {
      closed = true;
      const all = [...fleets.values()].flatMap((fleet) => [...fleet.idle, ...fleet.busy]);
      await Promise.all(all.map((sandbox) => sandbox.kill()));
    },
  };
}

/** A copy as JSON makes it: Lambda's events and answers travel as text. Absent becomes null. */
export const jsonClone = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? 'null');

async function acquire(fleet: Fleet, { start, sandboxesMax }: SandboxHostPorts): Promise<Sandbox> {
  for (;;) {
    const idle = fleet.idle.pop();
    if (idle?.isUsable()) {
      fleet.busy.add(idle);
      return idle;
    }
    if (idle) continue;
    if (fleet.busy.size + fleet.starting < sandboxesMax) return startOne(fleet, start);
    await new Promise<void>((resolve) => fleet.queue.push(resolve));
  }
}

async function startOne(fleet: Fleet, start: SandboxHostPorts['start']): Promise<Sandbox> {
  fleet.starting += 1;
  try {
    const sandbox = await start(fleet.configuration);
    fleet.busy.add(sandbox);
    return sandbox;
  } catch (error) {
    fleet.queue.shift()?.();
    throw error;
  } finally {
    fleet.starting -= 1;
  }
}

async function release(fleet: Fleet, sandbox: Sandbox): Promise<void> {
  fleet.busy.delete(sandbox);
  if (sandbox.isUsable()) fleet.idle.push(sandbox);
  else await sandbox.kill();
  fleet.queue.shift()?.();
}

/** The function's time-out is a limit on real work: wall time. */
function runBounded(
  sandbox: Sandbox,
  { event, requestId }: { event: unknown; requestId: string },
  { timeoutSeconds }: FunctionConfiguration,
  clock: Clock,
): Promise<InvocationResult> {
  return new Promise((resolve) => {
    const timer: Timer = clock.setWallTimer(timeoutSeconds * 1000, () => {
      void sandbox.kill();
      resolve({ error: timedOutError(requestId, timeoutSeconds) });
    });
    void sandbox.invoke(event, requestId).then((result) => {
      timer.cancel();
      resolve(result);
    });
  });
}
