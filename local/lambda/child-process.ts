/** One function's process, from its parent's side: started, asked, and ended. */
import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Clock } from '../clock/clock.ts';
import { lambdaChildPath } from '../paths.ts';
import type { ChildArguments, ChildMessage, Invocation } from './child-messages.ts';
import { exitedError, type FunctionError, timedOutError } from './function-error.ts';
import type { InvocationResult } from './function-host.ts';
import type { Sandbox } from './sandbox-host.ts';

export interface ChildSettings {
  arguments: ChildArguments;
  /** The whole environment of the process. */
  environment: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** How long it may take to load its bundle. Wall time. */
  startLimitMs: number;
  clock: Clock;
  /** Receives what the process prints, line by line. */
  log(line: string): void;
}

/**
 * Starts a process and waits until it has loaded its bundle.
 * @throws Error named like the error that the bundle threw while it was loaded; `Sandbox.Timedout` if that took too
 * long, `Runtime.ExitError` if the process ended.
 */
export async function startChild(settings: ChildSettings): Promise<Sandbox> {
  const child = fork(lambdaChildPath(), [JSON.stringify(settings.arguments)], {
    env: { ...settings.environment },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) if (stream) forwardLines(stream, settings.log);
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `signal: ${signal}` : `exit status ${code}`));
  });
  await loaded(child, exited, settings);
  return childSandbox(child, exited, settings.timeoutMs);
}

function forwardLines(stream: Readable, log: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', log);
}

async function loaded(
  child: ChildProcess,
  exited: Promise<string>,
  { clock, startLimitMs }: ChildSettings,
): Promise<void> {
  const limit = createLimit(clock, startLimitMs);
  const first = await Promise.race([nextMessage(child), exited, limit.passed]);
  limit.cancel();
  if (typeof first === 'string') throw named(exitedError('init', first));
  if (first?.type === 'ready') return;
  child.kill('SIGKILL');
  await exited;
  if (!first) throw named(timedOutError('init', startLimitMs / 1000));
  throw first.type === 'failed' ? named(first.error) : new Error(`a starting function said ${first.type}`);
}

function createLimit(clock: Clock, limitMs: number): { passed: Promise<undefined>; cancel(): void } {
  let cancel = (): void => {};
  const passed = new Promise<undefined>((resolve) => {
    const timer = clock.setWallTimer(limitMs, () => resolve(undefined));
    cancel = timer.cancel;
  });
  return { passed, cancel };
}

const nextMessage = (child: ChildProcess): Promise<ChildMessage> =>
  new Promise((resolve) => child.once('message', (message) => resolve(message as ChildMessage)));

function named({ errorType, errorMessage, trace }: FunctionError): Error {
  const error = new Error(errorMessage);
  error.name = errorType;
  error.stack = trace?.join('\n');
  return error;
}

function childSandbox(child: ChildProcess, exited: Promise<string>, timeoutMs: number): Sandbox {
  let alive = true;
  void exited.then(() => {
    alive = false;
  });
  return {
    isUsable: () => alive,
    async invoke(event, requestId) {
      const answer = nextMessage(child);
      child.send({ requestId, event, timeoutMs } satisfies Invocation, () => {});
      const first = await Promise.race([answer, exited]);
      return typeof first === 'string' ? { error: exitedError(requestId, first) } : asResult(first);
    },
    async kill() {
      alive = false;
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function asResult(message: ChildMessage): InvocationResult {
  if (message.type === 'answered') return { payload: message.payload };
  if (message.type === 'threw') return { error: message.error };
  return {
    error: { errorType: 'Runtime.Unknown', errorMessage: `the function's process said ${message.type}` },
  };
}
