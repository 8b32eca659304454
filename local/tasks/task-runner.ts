/** The border between the ECS simulator and whatever really runs a container: a child process, or a model of one. */

/** One container to run. */
export interface ContainerSpec {
  taskArn: string;
  name: string;
  /** The command that stands for the image: the manifest's annotation, overridden by the definition's `command`. */
  command: readonly string[];
  /** Environment of image, definition and overrides, in that order of precedence (last wins). */
  environment: Readonly<Record<string, string>>;
  /** Container ports of the definition; the runner gives each a free host port on 127.0.0.1. */
  containerPorts: readonly number[];
  /** Seconds between the stop signal and SIGKILL. Wall time. */
  stopTimeoutSeconds: number;
}

export interface ContainerObserver {
  /** The process runs (it need not listen yet). `hostPorts` maps container port to host port. */
  started(hostPorts: ReadonlyMap<number, number>): void;
  log(line: string): void;
  /** The process has ended. `exitCode` is 137 after SIGKILL, 143 after SIGTERM without a handler. */
  exited(exitCode: number): void;
  /** It could not be started at all (no such command); takes the place of started and exited. */
  failedToStart(reason: string): void;
}

export interface RunningContainer {
  /** Sends SIGTERM, then SIGKILL after the stop time-out. Idempotent; `exited` follows. */
  stop(): void;
  /** Sends SIGKILL at once (an out-of-memory kill, a host's death). */
  kill(): void;
}

export interface TaskRunner {
  /** Starts a container; the first container port's host port is also given to it as `PORT`. */
  start(spec: ContainerSpec, observer: ContainerObserver): RunningContainer;
  /** Ends everything that still runs, and resolves when all are gone. */
  close(): Promise<void>;
}
