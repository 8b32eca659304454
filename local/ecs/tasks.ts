/** All tasks: launching, stopping, finding them again until an hour after their end. */

import { localArn } from '../arns.ts';
import type { Platform } from '../platform.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EcsApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import type { Clusters } from './clusters.ts';
import { nameOf, taskArn } from './identifiers.ts';
import { pageOf } from './pages.ts';
import type { ClusterRecord, ContainerRecord, LaunchOrder, TaskRecord } from './records.ts';
import type { TagStore } from './tags.ts';
import { type LifeWorld, type StopCause, startLife, type TaskLife } from './task-life.ts';
import { taskView } from './task-view.ts';

/** How long a stopped task is still described. */
const KEPT_MS = 3_600_000;
const PAGE = 100;
const DESCRIBE_MAX = 100;

type TaskOperations = Pick<Operations<typeof EcsApi>, 'ListTasks' | 'DescribeTasks' | 'StopTask'>;

export interface Tasks {
  launch(order: LaunchOrder): TaskRecord;
  stop(task: TaskRecord, cause: StopCause): void;
  /** By id or ARN; undefined if there is none, or it stopped more than an hour ago. */
  find(cluster: ClusterRecord, idOrArn: string): TaskRecord | undefined;
  readonly operations: TaskOperations;
}

export function createTasks(world: LifeWorld, clusters: Clusters, tags: TagStore): Tasks {
  const { clock } = world.platform;
  const random = world.platform.random.fork('ecs/tasks');
  const lives = new Map<TaskRecord, TaskLife>();
  const byArn = new Map<string, TaskRecord>();

  function forgetExpired(): void {
    for (const task of byArn.values()) {
      if (task.stoppedAtMs === undefined || clock.now() - task.stoppedAtMs < KEPT_MS) continue;
      byArn.delete(task.arn);
      lives.delete(task);
    }
  }

  function launch(order: LaunchOrder): TaskRecord {
    forgetExpired();
    const task = newTask(order, random, clock.now());
    byArn.set(task.arn, task);
    order.cluster.tasks.add(task);
    order.service?.tasks.add(task);
    lives.set(task, startLife(world, task));
    return task;
  }

  function find(cluster: ClusterRecord, idOrArn: string): TaskRecord | undefined {
    forgetExpired();
    return byArn.get(taskArn(cluster.name, nameOf(idOrArn)));
  }

  const stop = (task: TaskRecord, cause: StopCause): void => lives.get(task)?.stop(cause);

  const operations: TaskOperations = {
    ListTasks(input) {
      forgetExpired();
      const filter = taskFilter(input, clusters);
      const arns = [...byArn.values()].filter(filter).map((task) => task.arn);
      const { page, nextToken } = pageOf(arns, input, PAGE);
      return { taskArns: page, nextToken };
    },
    DescribeTasks({ cluster, tasks: wanted = [], include }) {
      if (wanted.length === 0) throw new AwsError('InvalidParameterException', 'Tasks cannot be empty.');
      if (wanted.length > DESCRIBE_MAX) {
        throw new AwsError(
          'InvalidParameterException',
          `Tasks are ${wanted.length}; allowed are ${DESCRIBE_MAX}.`,
        );
      }
      const home = clusters.require(cluster);
      const tagsOf = (task: TaskRecord) => (include?.includes('TAGS') ? tags.of(task.arn) : undefined);
      const missing = wanted.filter((reference) => !find(home, reference));
      return {
        tasks: wanted
          .flatMap((reference) => find(home, reference) ?? [])
          .map((task) => taskView(task, tagsOf(task))),
        failures: missing.map((reference) => ({
          arn: taskArn(home.name, nameOf(reference)),
          reason: 'MISSING',
        })),
      };
    },
    StopTask({ cluster, task: reference, reason }) {
      const task = find(clusters.require(cluster), reference ?? '');
      if (!task) throw new AwsError('InvalidParameterException', 'The referenced task was not found.');
      stop(task, { stopCode: 'UserInitiated', reason: reason ?? 'Task stopped by user' });
      return { task: taskView(task) };
    },
  };
  return { launch, stop, find, operations };
}

function newTask(order: LaunchOrder, random: Platform['random'], nowMs: number): TaskRecord {
  const id = random.hex(32);
  const containers = order.definition.containerDefinitions.map<ContainerRecord>((definition) => ({
    definition,
    arn: localArn('ecs', `container/${order.cluster.name}/${id}/${random.uuid()}`),
    runtimeId: `${id}-${random.integer(1_000_000_000, 4_294_967_295)}`,
    status: 'PENDING',
    hostPorts: new Map(),
  }));
  return {
    arn: taskArn(order.cluster.name, id),
    id,
    order,
    containers,
    createdAtMs: nowMs,
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    version: 0,
    targets: [],
    wasHealthy: false,
  };
}

/** @throws AwsError for an unknown service, or `startedBy` beside another filter: ECS takes it only alone */
function taskFilter(input: EcsApi.ListTasksRequest, clusters: Clusters): (task: TaskRecord) => boolean {
  const { family, startedBy, serviceName, launchType, containerInstance, desiredStatus = 'RUNNING' } = input;
  const cluster = clusters.require(input.cluster);
  const others = { serviceName, family, launchType, containerInstance };
  const conflicting = Object.entries(others).find(([, value]) => value !== undefined);
  if (startedBy !== undefined && conflicting) {
    throw new AwsError('InvalidParameterException', `startedBy cannot be combined with ${conflicting[0]}.`);
  }
  const service = serviceName === undefined ? undefined : cluster.services.get(nameOf(serviceName));
  if (serviceName !== undefined && !service)
    throw new AwsError('ServiceNotFoundException', 'Service not found.');
  return ({ order, desiredStatus: status }) =>
    order.cluster === cluster &&
    status === desiredStatus &&
    containerInstance === undefined &&
    (startedBy === undefined || order.startedBy === startedBy) &&
    (family === undefined || order.definition.family === family) &&
    (launchType === undefined || order.launchType === launchType) &&
    (service === undefined || order.service === service);
}
