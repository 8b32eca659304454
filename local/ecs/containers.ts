/** Starts the containers of a task: images, commands, environment, ports, logs. */
import type { ImageStore, LocalImage, LogSink } from '../simulators.ts';
import type { ContainerObserver, ContainerSpec, TaskRunner } from '../tasks/task-runner.ts';
import type { EcsApi } from '../wire/models.ts';
import type { ContainerDefinition, ContainerRecord, TaskRecord } from './records.ts';

const STOP_TIMEOUT_SECONDS = 30;

export interface ContainerPorts {
  readonly images: ImageStore;
  readonly runner: TaskRunner;
  readonly logs: LogSink;
}

/** What a container does that its task must know. */
export interface ContainerEvents {
  started(container: ContainerRecord): void;
  exited(container: ContainerRecord): void;
  failedToStart(container: ContainerRecord, reason: string): void;
}

/**
 * Finds the image of every container, those pinned by an earlier task of the revision included.
 * @returns the images by container name, or the URI of the first image that does not exist
 */
export function resolveImages(
  task: TaskRecord,
  images: ImageStore,
): Map<string, LocalImage> | { missing: string } {
  const { order } = task;
  const resolved = new Map<string, LocalImage>();
  for (const { definition } of task.containers) {
    const isPinned = definition.versionConsistency !== 'disabled';
    const image =
      (isPinned ? order.images.get(definition.name) : undefined) ?? images.resolve(definition.image);
    if (!image) return { missing: definition.image };
    if (isPinned) order.images.set(definition.name, image);
    resolved.set(definition.name, image);
  }
  return resolved;
}

/** Starts one container. Everything after that is told to `events`. */
export function startContainer(
  task: TaskRecord,
  container: ContainerRecord,
  image: LocalImage,
  ports: ContainerPorts,
  events: ContainerEvents,
): void {
  container.imageDigest = image.digest;
  const observer: ContainerObserver = {
    log: logTo(task, container, ports.logs),
    started: (hostPorts) => {
      container.status = 'RUNNING';
      container.hostPorts = hostPorts;
      events.started(container);
    },
    exited: (exitCode) => {
      container.status = 'STOPPED';
      container.exitCode = exitCode;
      events.exited(container);
    },
    failedToStart: (reason) => {
      container.status = 'STOPPED';
      container.reason = `CannotStartContainerError: ${reason}`;
      events.failedToStart(container, container.reason);
    },
  };
  container.process = ports.runner.start(specOf(task, container.definition, image), observer);
}

function specOf(task: TaskRecord, definition: ContainerDefinition, image: LocalImage): ContainerSpec {
  const override = task.order.overrides?.containerOverrides?.find(({ name }) => name === definition.name);
  return {
    taskArn: task.arn,
    name: definition.name,
    command: commandOf(definition, override, image),
    environment: environmentOf(task, definition, override, image),
    containerPorts: (definition.portMappings ?? []).flatMap(({ containerPort }) => containerPort ?? []),
    stopTimeoutSeconds: definition.stopTimeout ?? STOP_TIMEOUT_SECONDS,
  };
}

function commandOf(
  { entryPoint = [], command = [] }: ContainerDefinition,
  override: EcsApi.ContainerOverride | undefined,
  image: LocalImage,
): readonly string[] {
  const words = [...entryPoint, ...(override?.command ?? command)];
  return words.length > 0 ? words : image.command;
}

/** The last wins. HOSTNAME is what Docker would set; a secret's value is its reference, there being no secret store. */
function environmentOf(
  task: TaskRecord,
  definition: ContainerDefinition,
  override: EcsApi.ContainerOverride | undefined,
  image: LocalImage,
): Record<string, string> {
  return {
    HOSTNAME: task.id.slice(0, 12),
    ...image.environment,
    ...Object.fromEntries((definition.secrets ?? []).map(({ name, valueFrom }) => [name, valueFrom])),
    ...pairs(definition.environment),
    ...pairs(override?.environment),
  };
}

const pairs = (environment: readonly EcsApi.KeyValuePair[] = []): Record<string, string> =>
  Object.fromEntries(environment.map(({ name = '', value = '' }) => [name, value]));

/** The awslogs driver's stream is `prefix/container/task`; lines of other drivers go nowhere. */
function logTo(task: TaskRecord, { definition }: ContainerRecord, logs: LogSink): (line: string) => void {
  const { logDriver, options = {} } = definition.logConfiguration ?? {};
  const group = options['awslogs-group'];
  if (logDriver !== 'awslogs' || group === undefined) return () => {};
  const prefix = options['awslogs-stream-prefix'] ?? 'ecs';
  return (line) => logs.append(group, `${prefix}/${definition.name}/${task.id}`, line);
}
