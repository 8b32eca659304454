/** Starts the local cloud of real processes: functions, tasks and load balancers that anyone can watch and call. */
import { createScaledClock, presentOrigin } from './clock/scaled-clock.ts';
import { createLocalCloud, type LocalCloud } from './cloud.ts';
import { createProxyPlane } from './dataplane/proxy-plane.ts';
import { createProcessHost } from './lambda/process-host.ts';
import { proxyPath } from './paths.ts';
import type { Latencies } from './platform.ts';
import { createRandom } from './random.ts';
import { createProcessRunner } from './tasks/process-runner.ts';
import type { TaskRunner } from './tasks/task-runner.ts';
import { type HttpServer, startHttpServer } from './wire/http-server.ts';
import { clientConfiguration } from './wire/in-process-handler.ts';

export interface StartOptions {
  /** Cloud seconds per wall second, 1 to 20. */
  factor?: number;
  /** The endpoint's port on 127.0.0.1; a free one if absent. */
  port?: number;
  seed?: string;
  latencies?: Partial<Latencies>;
  onFault?: (error: unknown) => void;
  /** Puts something between the cloud and the runner of its containers. */
  wrapRunner?: (runner: TaskRunner) => TaskRunner;
}

export interface RunningCloud extends LocalCloud {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** What to construct an SDK client with, to call as `caller`. */
  clientConfiguration(caller: string): Record<string, unknown>;
}

/**
 * Starts endpoint and proxy. `close` stops them and every process that was started since; all of them also end
 * with this process.
 * @throws Error if the port is taken, or the project is not built
 */
export async function startLocalCloud(options: StartOptions = {}): Promise<RunningCloud> {
  const { factor = 1, port, seed = 'local', latencies, onFault, wrapRunner = (runner) => runner } = options;
  const origin = presentOrigin();
  const clock = createScaledClock({ factor, origin });
  const random = createRandom(seed);
  const runner = wrapRunner(createProcessRunner(clock));
  const plane = createProxyPlane({ clock, entry: proxyPath(), seed });
  let server: HttpServer | undefined;
  try {
    const cloud = await createLocalCloud({
      clock,
      random,
      latencies,
      runner,
      plane,
      onFault,
      async functionHost({ endpoint, logs }) {
        server = await startHttpServer(endpoint, { port });
        const functions = random.fork('functions');
        return createProcessHost({
          clock,
          random: functions,
          clockOrigin: origin,
          endpointUrl: server.url,
          logs,
        });
      },
    });
    return running(cloud, server as HttpServer);
  } catch (error) {
    await Promise.all([server?.close(), plane.close(), runner.close()]);
    throw error;
  }
}

function running(cloud: LocalCloud, server: HttpServer): RunningCloud {
  return {
    ...cloud,
    url: server.url,
    port: server.port,
    clientConfiguration: (caller) => clientConfiguration(server.url, caller),
    async close() {
      await cloud.close();
      await server.close();
    },
  };
}
