/** A task as DescribeTasks shows it, and as its events carry it. */
import { LOCAL_REGION } from '../platform.ts';
import type { EcsApi } from '../wire/models.ts';
import type { ContainerRecord, TaskRecord } from './records.ts';

/** The local cloud has one zone. */
const AVAILABILITY_ZONE = `${LOCAL_REGION}a`;

/** Tags are shown only when asked for. */
export function taskView(task: TaskRecord, tags?: EcsApi.Tag[]): EcsApi.Task {
  const { order } = task;
  return {
    attachments: [],
    attributes: [],
    availabilityZone: AVAILABILITY_ZONE,
    clusterArn: order.cluster.arn,
    connectivity: 'CONNECTED',
    connectivityAt: dateOf(task.pullStartedAtMs),
    containers: task.containers.map((container) => containerView(container, task)),
    cpu: order.overrides?.cpu ?? order.definition.cpu,
    createdAt: new Date(task.createdAtMs),
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: order.enableExecuteCommand ?? false,
    executionStoppedAt: dateOf(task.executionStoppedAtMs),
    group: order.group,
    // Container health checks are recorded, not run.
    healthStatus: 'UNKNOWN',
    lastStatus: task.lastStatus,
    launchType: order.launchType,
    memory: order.overrides?.memory ?? order.definition.memory,
    overrides: {
      containerOverrides: [],
      inferenceAcceleratorOverrides: [],
      ...structuredClone(order.overrides),
    },
    platformVersion: order.platformVersion,
    pullStartedAt: dateOf(task.pullStartedAtMs),
    pullStoppedAt: dateOf(task.pullStoppedAtMs),
    startedAt: dateOf(task.startedAtMs),
    startedBy: order.startedBy,
    stopCode: task.stopCode,
    stoppedAt: dateOf(task.stoppedAtMs),
    stoppedReason: task.stoppedReason,
    stoppingAt: dateOf(task.stoppingAtMs),
    tags,
    taskArn: task.arn,
    taskDefinitionArn: order.definition.taskDefinitionArn,
    version: task.version,
  };
}

/** The detail of an `ECS Task State Change`: the task without its health, times as text. */
export function taskEventDetail(task: TaskRecord, updatedAtMs: number): Record<string, unknown> {
  const { healthStatus: _, tags: __, containers = [], ...shown } = taskView(task);
  const withoutHealth = containers.map(({ healthStatus: ___, ...container }) => container);
  const updatedAt = new Date(updatedAtMs);
  return JSON.parse(JSON.stringify({ ...shown, containers: withoutHealth, updatedAt }));
}

function containerView(container: ContainerRecord, task: TaskRecord): EcsApi.Container {
  return {
    containerArn: container.arn,
    taskArn: task.arn,
    name: container.definition.name,
    image: container.definition.image,
    imageDigest: container.imageDigest,
    runtimeId: container.status === 'PENDING' ? undefined : container.runtimeId,
    lastStatus: container.status,
    exitCode: container.exitCode,
    reason: container.reason,
    networkBindings: [...container.hostPorts].map(([containerPort, hostPort]) => ({
      bindIP: '127.0.0.1',
      containerPort,
      hostPort,
      protocol: 'tcp',
    })),
    networkInterfaces: [],
    healthStatus: 'UNKNOWN',
    cpu: String(container.definition.cpu ?? 0),
    memory: textOf(container.definition.memory),
    memoryReservation: textOf(container.definition.memoryReservation),
  };
}

const dateOf = (ms: number | undefined): Date | undefined => (ms === undefined ? undefined : new Date(ms));
const textOf = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : String(value);
