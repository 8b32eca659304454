/** Containers for the tests of the runners: defaults for all that a test does not name, and an observer that remembers. */
import type { ContainerObserver, ContainerSpec } from '../../local/tasks/task-runner.ts';

export function containerSpec(overrides: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    taskArn: 'arn:aws:ecs:us-east-1:000000000000:task/prod/0123',
    name: 'app',
    command: ['sidestep:sample-app'],
    environment: {},
    containerPorts: [8080],
    stopTimeoutSeconds: 30,
    ...overrides,
  };
}

export interface Observed extends ContainerObserver {
  hostPorts: ReadonlyMap<number, number> | undefined;
  lines: string[];
  exitCode: number | undefined;
  failure: string | undefined;
}

export function observe(): Observed {
  const observed: Observed = {
    hostPorts: undefined,
    lines: [],
    exitCode: undefined,
    failure: undefined,
    started: (hostPorts) => {
      observed.hostPorts = hostPorts;
    },
    log: (line) => observed.lines.push(line),
    exited: (exitCode) => {
      observed.exitCode = exitCode;
    },
    failedToStart: (reason) => {
      observed.failure = reason;
    },
  };
  return observed;
}
