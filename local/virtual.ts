/** Makes the local cloud of one process: virtual time, no sockets, no children; the same seed gives the same run. */
import type { HttpAnswer, HttpRequest } from '../lambdas/common/runtime.ts';
import type { Clock } from './clock/clock.ts';
import { createVirtualClock, type VirtualClock } from './clock/virtual-clock.ts';
import { createLocalCloud, type LocalCloud } from './cloud.ts';
import { createVirtualPlane, type VirtualPlane } from './dataplane/virtual-plane.ts';
import { createInProcessHost, type InProcessHost, type Interrupt } from './lambda/in-process-host.ts';
import type { Latencies } from './platform.ts';
import { createRandom } from './random.ts';
import { createVirtualRunner, type VirtualRunnerOptions } from './tasks/virtual-runner.ts';
import { inProcessClientConfiguration } from './wire/in-process-handler.ts';

export interface VirtualOptions {
  seed: string;
  /** Cloud time at the beginning, milliseconds since the epoch. */
  startMs?: number;
  latencies?: Partial<Latencies>;
  /** The applications that images may stand for, beside the sample application. */
  runner?: VirtualRunnerOptions;
}

export interface VirtualCloud extends LocalCloud {
  readonly clock: VirtualClock;
  readonly plane: VirtualPlane;
  /** What to construct an SDK client with, to call as `caller`. */
  clientConfiguration(caller: string): Record<string, unknown>;
  /** Kills invocations after some of their AWS calls; the result lets the others live. */
  interrupt(interrupt: Interrupt): () => void;
}

/** Time stands still until `cloud.clock.run`. */
export async function createVirtualCloud(options: VirtualOptions): Promise<VirtualCloud> {
  const clock = createVirtualClock(options.startMs);
  const random = createRandom(options.seed);
  const runner = createVirtualRunner(clock, options.runner);
  const plane = createVirtualPlane({ clock, random, apps: runner });
  const clientConfiguration = (caller: string) => {
    const drawn = random.fork(`client of ${caller}`);
    return inProcessClientConfiguration(cloud.endpoint, { caller, clock, random: drawn });
  };
  const functions = random.fork('functions');
  let host: InProcessHost | undefined;
  const cloud: LocalCloud = await createLocalCloud({
    clock,
    random,
    latencies: options.latencies,
    runner,
    plane,
    functionHost({ logs }) {
      const request = (asked: HttpRequest) => sendThroughPlane(clock, plane, asked);
      host = createInProcessHost({ clock, random: functions, logs, clientConfiguration, request });
      return host;
    },
  });
  return {
    ...cloud,
    clock,
    plane,
    clientConfiguration,
    interrupt: (interrupt) => (host as InProcessHost).interrupt(interrupt),
  };
}

/** One request as a check sends it: the origin's port says which listener it reaches. */
async function sendThroughPlane(
  clock: Clock,
  plane: VirtualPlane,
  { origin: { host, port }, method, path, headers, timeoutMs }: HttpRequest,
): Promise<HttpAnswer> {
  const startedAtMs = clock.now();
  const answer = plane.request(port, { path, method, host: headers.host ?? host, headers: { ...headers } });
  const tooLate = clock.sleep(timeoutMs).then(() => {
    throw new Error(`no answer from ${host}:${port}${path} within ${timeoutMs} ms`);
  });
  const { statusCode, body, madeBy } = await Promise.race([answer, tooLate]);
  if (madeBy === 'nobody') throw new Error(`no answer from ${host}:${port}${path}: ${body}`);
  return { statusCode, body, durationMs: clock.now() - startedAtMs };
}
