/** A runner whose containers can be killed from outside, as by a host's death, before the load balancer knows. */
import type { RunningContainer, TaskRunner } from '../tasks/task-runner.ts';

export interface KillableRunner {
  /** To be given to the local cloud in place of the runner. */
  wrap(runner: TaskRunner): TaskRunner;
  /** Sends SIGKILL to every container of a version that runs now. @returns how many there were */
  kill(version: string): number;
}

export function createKillableRunner(): KillableRunner {
  const running = new Map<RunningContainer, string>();
  return {
    wrap: (runner) => ({
      start(spec, observer) {
        const container = runner.start(spec, {
          started: (hostPorts) => observer.started(hostPorts),
          log: (line) => observer.log(line),
          exited(exitCode) {
            running.delete(container);
            observer.exited(exitCode);
          },
          failedToStart(reason) {
            running.delete(container);
            observer.failedToStart(reason);
          },
        });
        running.set(container, spec.environment.VERSION ?? '');
        return container;
      },
      close: () => runner.close(),
    }),
    kill(version) {
      const found = [...running].filter(([, ofVersion]) => ofVersion === version);
      for (const [container] of found) container.kill();
      return found.length;
    },
  };
}
