/** Machines: plain processes that are no tasks of ECS, as a fleet of VMs runs them, by the runner that runs the tasks. */
import type { LogSink } from '../simulators.ts';
import type { TaskRunner } from './task-runner.ts';

export interface MachineSpec {
  /** Such as `i-0123456789abcdef0`. Load balancers find an instance of the local cloud on 127.0.0.1. */
  instanceId: string;
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** Its output goes there, to a stream named after the instance. */
  logGroup: string;
  /** Seconds between the stop signal and SIGKILL. Wall time. */
  stopTimeoutSeconds: number;
}

export interface Machine {
  readonly instanceId: string;
  /** Resolves to the port on 127.0.0.1 that it was given, as soon as it runs. Rejects if it never does. */
  readonly port: Promise<number>;
  isRunning(): boolean;
  /** Sends SIGTERM, then SIGKILL after the stop time-out. Idempotent. */
  stop(): void;
  /** Sends SIGKILL at once. */
  kill(): void;
}

export interface Machines {
  /** Starts one; nobody starts it again when it ends. It ends with the cloud. */
  start(spec: MachineSpec): Machine;
}

export function createMachines({ runner, logs }: { runner: TaskRunner; logs: LogSink }): Machines {
  return { start: (spec) => startMachine(spec, runner, logs) };
}

/** A machine has one port; the number stands for it as a task's container port would. */
const PORT = 80;

function startMachine(
  { instanceId, logGroup, ...spec }: MachineSpec,
  runner: TaskRunner,
  logs: LogSink,
): Machine {
  let running = false;
  const { promise: port, resolve, reject } = withResolvers<number>();
  // Whoever awaits the port hears of the failure.
  port.catch(() => {});
  const container = runner.start(
    {
      ...spec,
      environment: { HOSTNAME: instanceId, ...spec.environment },
      taskArn: instanceId,
      name: instanceId,
      containerPorts: [PORT],
    },
    {
      started(hostPorts) {
        running = true;
        resolve(hostPorts.get(PORT) ?? 0);
      },
      log: (line) => logs.append(logGroup, instanceId, line),
      exited(exitCode) {
        running = false;
        reject(new Error(`machine ${instanceId} has ended with exit code ${exitCode} before it ran`));
      },
      failedToStart: (reason) => reject(new Error(`machine ${instanceId} could not be started: ${reason}`)),
    },
  );
  return {
    instanceId,
    port,
    isRunning: () => running,
    stop: () => container.stop(),
    kill: () => container.kill(),
  };
}

function withResolvers<Value>() {
  let resolve: (value: Value) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<Value>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  return { promise, resolve, reject };
}
