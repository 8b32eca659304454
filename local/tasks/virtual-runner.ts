/** Runs containers without processes: models the sample application on the clock, for virtual time. */
import type { Clock } from '../clock/clock.ts';
import {
  isHealthPath,
  type SampleBehaviour,
  sampleBehaviour,
  sampleBody,
  sampleTask,
  TASK_ARGUMENT,
} from '../world/sample-behaviour.ts';
import { SAMPLE_APP_COMMAND } from './commands.ts';
import type { ContainerObserver, ContainerSpec, RunningContainer, TaskRunner } from './task-runner.ts';
import type { VirtualApp, VirtualApps } from './virtual-apps.ts';
import { createVirtualExclusion, type VirtualExclusion } from './virtual-exclusion.ts';
import { createVirtualProcess, type VirtualProcess } from './virtual-process.ts';

/** Reads an application's behaviour from its environment; throws what the process would die of. */
export type Model = (environment: Readonly<Record<string, string | undefined>>) => SampleBehaviour;

export interface VirtualRunnerOptions {
  /** The commands that can be run, by their first word. */
  models?: Readonly<Record<string, Model>>;
  /** From start to the process's first instruction. */
  startMs?: number;
}

const HOST = '127.0.0.1';
const FIRST_PORT = 20_000;

/** Makes a runner whose containers answer through {@link VirtualApps}. Host ports are never used twice. */
export function createVirtualRunner(
  clock: Clock,
  options: VirtualRunnerOptions = {},
): TaskRunner & VirtualApps {
  const { models = { [SAMPLE_APP_COMMAND]: sampleBehaviour }, startMs = 50 } = options;
  const apps = new Map<string, VirtualApp>();
  const running = new Set<RunningContainer>();
  const exclusion = createVirtualExclusion();
  let nextPort = FIRST_PORT;

  function start(spec: ContainerSpec, observer: ContainerObserver): RunningContainer {
    const hostPorts = new Map(spec.containerPorts.map((port) => [port, nextPort++]));
    const addresses = [...hostPorts.values()].map((port) => `${HOST}:${port}`);
    const process = createVirtualProcess(clock, observer, spec.stopTimeoutSeconds, () => {
      running.delete(process);
      exclusion.release(process);
      for (const address of addresses) apps.delete(address);
    });
    running.add(process);
    process.later(startMs, () => {
      const [command = ''] = spec.command;
      const model = models[command];
      if (!model)
        return process.failToStart(`exec: "${command}": nobody modelled this command for virtual time`);
      observer.started(hostPorts);
      if (spec.command[1] === TASK_ARGUMENT) return work(process, spec);
      const app = boot({ clock, exclusion }, process, model, spec);
      if (app) for (const address of addresses) apps.set(address, app);
    });
    return process;
  }

  return {
    start,
    at: (host, port) => apps.get(`${host}:${port}`),
    async close() {
      for (const process of [...running]) process.kill();
    },
  };
}

/** Plays a one-off task. */
function work(process: VirtualProcess, { environment }: ContainerSpec): void {
  const { firstWords, afterMs, code, lastWords } = sampleTask(environment);
  process.log(firstWords);
  process.later(afterMs, () => process.exit(code, lastWords));
}

/** Plays the application's main function; gives nothing if it has died of its own environment. */
function boot(
  { clock, exclusion }: { clock: Clock; exclusion: VirtualExclusion },
  process: VirtualProcess,
  model: Model,
  spec: ContainerSpec,
): VirtualApp | undefined {
  const behaviour = readBehaviour(process, model, spec);
  if (!behaviour) return undefined;
  const { version, bootMs, exit, exclusive } = behaviour;
  if (exclusive && !exclusion.take(exclusive, `${version} in ${spec.taskArn}`, process)) return undefined;
  const app = createApp(clock, behaviour, spec);
  process.log(`version ${version} starts`);
  process.handleSigterm(() => handleSigterm(process, behaviour, app));
  if (exit) process.later(exit.afterMs, () => process.exit(exit.code, exit.lastWords));
  process.later(bootMs, () => {
    if (process.isStopping() && !behaviour.ignoresSigterm) return;
    app.listen();
    process.log(`version ${version} listens`);
  });
  return app;
}

function readBehaviour(
  process: VirtualProcess,
  model: Model,
  spec: ContainerSpec,
): SampleBehaviour | undefined {
  try {
    return model(spec.environment);
  } catch (error) {
    process.exit(1, String(error));
    return undefined;
  }
}

function handleSigterm(process: VirtualProcess, behaviour: SampleBehaviour, app: ModelledApp): void {
  process.log(behaviour.ignoresSigterm ? 'SIGTERM ignored' : 'SIGTERM: finishing the requests in flight');
  if (!behaviour.ignoresSigterm) process.later(app.stopListening() + 1, () => process.exit(0, 'stopped'));
}

interface ModelledApp extends VirtualApp {
  listen(): void;
  /** Refuses from now on. Gives the milliseconds until the last request in flight is answered. */
  stopListening(): number;
}

function createApp(clock: Clock, behaviour: SampleBehaviour, spec: ContainerSpec): ModelledApp {
  const task = spec.environment.HOSTNAME ?? spec.taskArn;
  let listening = false;
  let ordinal = 0;
  let busyUntilMs = 0;
  return {
    listen: () => {
      listening = true;
    },
    listens: () => listening,
    stopListening: () => {
      listening = false;
      return Math.max(0, busyUntilMs - clock.now());
    },
    respond: ({ path }) => {
      if (!listening) return undefined;
      const isProbe = isHealthPath(path);
      const statusCode = behaviour.statusFor(path, isProbe ? 0 : ordinal++);
      const durationMs = isProbe ? 0 : behaviour.responseMs;
      busyUntilMs = Math.max(busyUntilMs, clock.now() + durationMs);
      return {
        statusCode,
        body: sampleBody({ version: behaviour.version, task, path, statusCode }),
        durationMs,
      };
    },
  };
}
