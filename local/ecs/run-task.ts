/** RunTask: tasks that no service owns, at most once per client token. */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock/clock.ts';
import { refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EcsApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import type { Clusters } from './clusters.ts';
import type { LaunchOrder, TaskRecord } from './records.ts';
import type { TagStore } from './tags.ts';
import type { TaskDefinitions } from './task-definitions.ts';
import { taskView } from './task-view.ts';
import type { Tasks } from './tasks.ts';

const COUNT_MAX = 10;
const OVERRIDES_CHARACTERS_MAX = 8_192;
/** A token is kept for the life of its tasks and an hour, but not longer than a day. */
const TOKEN_KEPT_MS = 24 * 3_600_000;
const TOKEN_KEPT_AFTER_STOP_MS = 3_600_000;

interface EarlierRun {
  readonly input: EcsApi.RunTaskRequest;
  readonly tasks: readonly TaskRecord[];
  readonly atMs: number;
}

export function runTaskOperation(
  clock: Clock,
  ports: { clusters: Clusters; definitions: TaskDefinitions; tasks: Tasks; tags: TagStore },
): Pick<Operations<typeof EcsApi>, 'RunTask'> {
  const byToken = new Map<string, EarlierRun>();
  return {
    RunTask(input) {
      validate(input);
      const order = orderOf(input, ports);
      const token = input.clientToken;
      const earlier = token === undefined ? undefined : byToken.get(`${order.cluster.name} ${token}`);
      if (earlier && isKept(earlier, clock.now())) return repeat(earlier, input);

      const launched = Array.from({ length: input.count ?? 1 }, () =>
        ports.tasks.launch({ ...order, images: new Map() }),
      );
      for (const task of launched) ports.tags.add(task.arn, input.tags);
      if (token !== undefined) {
        byToken.set(`${order.cluster.name} ${token}`, { input, tasks: launched, atMs: clock.now() });
      }
      return { tasks: launched.map((task) => taskView(task)), failures: [] };
    },
  };
}

function validate(input: EcsApi.RunTaskRequest): void {
  refuseMembers('RunTask', input, ['volumeConfigurations']);
  const { count = 1, overrides = {} } = input;
  if (count < 1 || count > COUNT_MAX) {
    throw new AwsError('InvalidParameterException', `count is ${count}; allowed are 1 to ${COUNT_MAX}`);
  }
  if (JSON.stringify(overrides).length > OVERRIDES_CHARACTERS_MAX) {
    throw new AwsError(
      'InvalidParameterException',
      `overrides are longer than ${OVERRIDES_CHARACTERS_MAX} characters`,
    );
  }
}

function orderOf(
  input: EcsApi.RunTaskRequest,
  { clusters, definitions }: { clusters: Clusters; definitions: TaskDefinitions },
): Omit<LaunchOrder, 'images'> {
  const definition = definitions.requireActive(input.taskDefinition ?? '');
  const names = definition.containerDefinitions.map(({ name }) => name);
  const stranger = input.overrides?.containerOverrides?.find(({ name }) => !names.includes(name ?? ''));
  if (stranger) {
    throw new AwsError(
      'InvalidParameterException',
      `Override for container named ${stranger.name} is not a container in the TaskDefinition.`,
    );
  }
  return {
    cluster: clusters.require(input.cluster),
    definition,
    group: input.group ?? `family:${definition.family}`,
    startedBy: input.startedBy,
    launchType: input.launchType ?? 'FARGATE',
    platformVersion: input.platformVersion,
    enableExecuteCommand: input.enableExecuteCommand,
    overrides: input.overrides,
    loadBalancers: [],
  };
}

function isKept({ tasks, atMs }: EarlierRun, nowMs: number): boolean {
  const ends = tasks.map((task) => (task.stoppedAtMs ?? nowMs) + TOKEN_KEPT_AFTER_STOP_MS);
  return nowMs < Math.min(atMs + TOKEN_KEPT_MS, Math.max(...ends));
}

function repeat(earlier: EarlierRun, input: EcsApi.RunTaskRequest): EcsApi.RunTaskResponse {
  if (isDeepStrictEqual(earlier.input, input)) {
    return { tasks: earlier.tasks.map((task) => taskView(task)), failures: [] };
  }
  throw new AwsError('ConflictException', 'The client token was used before with other parameters.', {
    fields: { resourceIds: earlier.tasks.map((task) => task.arn) },
  });
}
