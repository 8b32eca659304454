/** The bare life of a modelled process: timers that die with it, one end, signals. */
import type { Clock, Timer } from '../clock/clock.ts';
import type { ContainerObserver, RunningContainer } from './task-runner.ts';

export interface VirtualProcess extends RunningContainer {
  /** Does something later, unless the process has ended by then. Wall time. */
  later(delayMs: number, act: () => void): void;
  log(line: string): void;
  /** Ends the process. The first end counts. */
  exit(exitCode: number, lastLine?: string): void;
  /** Ends it as one that could not be started at all. */
  failToStart(reason: string): void;
  /** Takes the place of dying of SIGTERM. */
  handleSigterm(handler: () => void): void;
  /** Whether SIGTERM has been sent. */
  isStopping(): boolean;
}

/** Makes a process that `observer` hears of; `ended` is called once, just before the observer learns of the end. */
export function createVirtualProcess(
  clock: Clock,
  observer: ContainerObserver,
  stopTimeoutSeconds: number,
  ended: () => void,
): VirtualProcess {
  const timers: Timer[] = [];
  let isAlive = true;
  let stopping = false;
  let onSigterm = (): void => exit(143);

  const end = (tell: () => void): void => {
    if (!isAlive) return;
    isAlive = false;
    for (const timer of timers) timer.cancel();
    ended();
    tell();
  };
  const later = (delayMs: number, act: () => void): void => {
    timers.push(clock.setWallTimer(delayMs, act));
  };
  const exit = (exitCode: number, lastLine?: string): void =>
    end(() => {
      if (lastLine !== undefined) observer.log(lastLine);
      observer.exited(exitCode);
    });

  return {
    later,
    exit,
    log: (line) => observer.log(line),
    failToStart: (reason) => end(() => observer.failedToStart(reason)),
    handleSigterm: (handler) => {
      onSigterm = handler;
    },
    isStopping: () => stopping,
    stop: () => {
      if (stopping || !isAlive) return;
      stopping = true;
      later(stopTimeoutSeconds * 1_000, () => exit(137));
      onSigterm();
    },
    kill: () => exit(137),
  };
}
