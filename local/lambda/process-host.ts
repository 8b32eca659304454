/** Runs functions as child processes, kept warm: the bundle that would be deployed, in an environment of its own. */
import type { Clock } from '../clock/clock.ts';
import type { ClockOrigin } from '../clock/scaled-clock.ts';
import type { Random } from '../random.ts';
import type { LogSink } from '../simulators.ts';
import { startChild } from './child-process.ts';
import { functionEnvironment } from './function-environment.ts';
import type { FunctionConfiguration, FunctionHost } from './function-host.ts';
import { createSandboxHost, type Sandbox } from './sandbox-host.ts';

/** Processes that one function may have at a time; a laptop has few cores, and few steps run at once. */
const PROCESSES_PER_FUNCTION_MAX = 4;

/** Limits on real work: milliseconds of wall time. */
export interface ProcessLimits {
  /** From a process's start to its loaded bundle. Lambda allows ten seconds; here two cores may start many at once. */
  readonly startMs: number;
  /** For one attempt of an AWS call that a function makes on a scaled clock. */
  readonly requestMs: number;
}

const DEFAULT_LIMITS: ProcessLimits = { startMs: 60_000, requestMs: 10_000 };

export interface ProcessHostOptions {
  clock: Clock;
  random: Random;
  /** The origin that `clock` was made with, so that the functions' clocks show the same time. */
  clockOrigin: ClockOrigin;
  /** Where the functions' SDK clients send their calls. */
  endpointUrl: string;
  logs: LogSink;
  limits?: Partial<ProcessLimits>;
}

/** Makes a host of function processes. They end with this process, however it ends. */
export function createProcessHost({
  clock,
  random,
  clockOrigin,
  endpointUrl,
  logs,
  limits,
}: ProcessHostOptions): FunctionHost {
  const { startMs, requestMs } = { ...DEFAULT_LIMITS, ...limits };
  const started = new Set<Promise<Sandbox>>();
  let count = 0;

  const start = (configuration: FunctionConfiguration): Promise<Sandbox> => {
    count += 1;
    const stream = `[$LATEST]${count}`;
    const sandbox = startChild({
      arguments: {
        codeDirectory: configuration.codeDirectory,
        handler: configuration.handler,
        functionArn: configuration.functionArn,
        clock: { factor: clock.factor, origin: clockOrigin },
        seed: random.hex(32),
        requestTimeoutMs: requestMs,
      },
      environment: {
        ...functionEnvironment(configuration, endpointUrl),
        AWS_LAMBDA_LOG_STREAM_NAME: stream,
      },
      timeoutMs: configuration.timeoutSeconds * 1000,
      startLimitMs: startMs,
      clock,
      log: (line) => logs.append(configuration.logGroupName, stream, line),
    });
    started.add(sandbox);
    return sandbox;
  };

  const host = createSandboxHost({ clock, start, sandboxesMax: PROCESSES_PER_FUNCTION_MAX });
  return {
    ...host,
    async close() {
      await host.close();
      // Also those that were still starting, which the host does not know yet.
      const all = await Promise.allSettled(started);
      await Promise.all(all.map((each) => (each.status === 'fulfilled' ? each.value.kill() : undefined)));
    },
  };
}
