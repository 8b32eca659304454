/** Runs containers as child processes on this machine: a free port each, signals and exit codes as Docker gives them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Clock, Timer } from '../clock/clock.ts';
import { spawnableCommand } from './commands.ts';
import { createPortPool, type PortPool } from './port-pool.ts';
import type { ContainerObserver, ContainerSpec, RunningContainer, TaskRunner } from './task-runner.ts';

/** Makes a runner of real processes. Stop time-outs are wall time. */
export function createProcessRunner(clock: Clock): TaskRunner {
  const ports = createPortPool();
  const running = new Set<ProcessContainer>();
  let closed = false;
  // The last line of defence: nothing that this process started may outlive it.
  const killAll = (): void => {
    for (const container of running) container.kill();
  };
  process.on('exit', killAll);

  return {
    start(spec, observer) {
      const container = startProcess(clock, ports, spec, observer);
      running.add(container);
      if (closed) container.kill();
      void container.gone.then(() => running.delete(container));
      return container;
    },
    async close() {
      closed = true;
      killAll();
      await Promise.all([...running].map((container) => container.gone));
      process.off('exit', killAll);
    },
  };
}

interface ProcessContainer extends RunningContainer {
  /** Resolves when the process is gone, or never came. */
  readonly gone: Promise<void>;
}

function startProcess(
  clock: Clock,
  ports: PortPool,
  spec: ContainerSpec,
  observer: ContainerObserver,
): ProcessContainer {
  let child: ChildProcess | undefined;
  let ended = false;
  let stopRequested: 'SIGTERM' | 'SIGKILL' | undefined;
  let killTimer: Timer | undefined;

  const gone = run().catch((error: unknown) => observer.failedToStart(messageOf(error)));
  async function run(): Promise<void> {
    const hostPorts = await ports.take(spec.containerPorts);
    try {
      if (stopRequested) return observer.exited(stopRequested === 'SIGKILL' ? 137 : 143);
      child = spawnChild(spec, hostPorts);
      await supervise(clock, child, observer, hostPorts);
    } finally {
      ended = true;
      killTimer?.cancel();
      ports.giveBack(hostPorts);
    }
  }
  const signal = (name: 'SIGTERM' | 'SIGKILL'): void => {
    stopRequested = name;
    if (!ended) child?.kill(name);
  };
  return {
    gone,
    stop() {
      if (stopRequested || ended) return;
      signal('SIGTERM');
      killTimer = clock.setWallTimer(spec.stopTimeoutSeconds * 1_000, () => signal('SIGKILL'));
    },
    kill: () => signal('SIGKILL'),
  };
}

/** Standard input is a pipe that this process holds: a child that watches it ends when this process does. */
function spawnChild(spec: ContainerSpec, hostPorts: ReadonlyMap<number, number>): ChildProcess {
  const [file, ...args] = spawnableCommand(spec.command);
  const env = environmentOf(spec, hostPorts);
  return spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'], shell: false, detached: false });
}

/** How long a dead process's output is still read: a grandchild may hold the pipes open for ever. Wall time. */
const LAST_OUTPUT_MS = 1_000;

/** Reports the process to the observer; resolves when it is gone and its output read. */
function supervise(
  clock: Clock,
  child: ChildProcess,
  observer: ContainerObserver,
  hostPorts: ReadonlyMap<number, number>,
): Promise<void> {
  const outputs = [child.stdout, child.stderr].filter((stream) => stream !== null);
  for (const input of outputs) createInterface({ input }).on('line', (line) => observer.log(line));
  child.stdin?.on('error', () => {}); // a child that closes its standard input is within its rights
  return new Promise((resolve, reject) => {
    let lastOutput: Timer | undefined;
    child.once('error', (error) => child.pid === undefined && reject(error));
    child.once('spawn', () => observer.started(hostPorts));
    child.once('exit', () => {
      lastOutput = clock.setWallTimer(LAST_OUTPUT_MS, () => {
        for (const stream of outputs) stream.destroy();
      });
    });
    child.once('close', (code, signal) => {
      lastOutput?.cancel();
      if (child.pid !== undefined) observer.exited(code ?? 128 + (signal ? constants.signals[signal] : 0));
      resolve();
    });
  });
}

function environmentOf(spec: ContainerSpec, hostPorts: ReadonlyMap<number, number>): Record<string, string> {
  const [port] = hostPorts.values();
  return {
    PATH: process.env.PATH ?? '',
    SIDESTEP_STDIN: 'parent',
    ...spec.environment,
    ...(port === undefined ? {} : { PORT: String(port) }),
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
