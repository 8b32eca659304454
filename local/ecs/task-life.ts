/** The life of a task, from PROVISIONING to STOPPED, in ECS's order. */
import type { Platform } from '../platform.ts';
import type { LocalImage, TargetRegistry } from '../simulators.ts';
import type { EcsApi } from '../wire/models.ts';
import { type ContainerPorts, resolveImages, startContainer } from './containers.ts';
import type { EcsParameters } from './parameters.ts';
import type { ContainerRecord, TaskRecord, TaskStatus } from './records.ts';
import { createSignal } from './signal.ts';
import { deregisterTarget, healthOfTarget, targetsOf } from './task-targets.ts';
import type { Timers } from './timers.ts';

/** Why a task stops. The first cause counts. */
export interface StopCause {
  readonly stopCode: EcsApi.TaskStopCode;
  readonly reason: string;
  /** Whether the task failed the load balancer's health checks. */
  readonly isBadHealth?: boolean;
}

export interface LifePorts extends ContainerPorts {
  readonly targets: TargetRegistry;
}

/** What others want to know of every task. */
export interface LifeHooks {
  /** A new `lastStatus`, with a new version. */
  changed(task: TaskRecord): void;
  /** The task has begun to stop. */
  stopping(task: TaskRecord, cause: StopCause): void;
}

export interface TaskLife {
  /** Asks the task to stop. Only the first call has an effect. */
  stop(cause: StopCause): void;
}

export interface LifeWorld {
  readonly platform: Platform;
  readonly ports: LifePorts;
  readonly parameters: EcsParameters;
  readonly timers: Timers;
  readonly hooks: LifeHooks;
}

/** Lives a task in the background. The task is PROVISIONING when this returns. */
export function startLife(world: LifeWorld, task: TaskRecord): TaskLife {
  const life = createLife(world, task);
  life.enter('PROVISIONING');
  live(life)
    .catch((error: unknown) => abandon(life, error))
    .catch((error: unknown) => world.platform.fault(error));
  return life;
}

/** The runbook. Until it runs, each step gives way to a stop. */
async function live(life: Life): Promise<void> {
  await provision(life);
  await startContainers(life);
  await register(life);
  await life.stopRequested;
  await deregister(life);
  await stopContainers(life);
  await deprovision(life);
}

/** A step that failed is a bug; a task that therefore never ended would keep its service waiting for ever. */
async function abandon(life: Life, error: unknown): Promise<void> {
  life.world.platform.fault(error);
  life.stop({ stopCode: 'TaskFailedToStart', reason: `the local cloud failed: ${error}` });
  await stopContainers(life);
  await deprovision(life);
}

async function provision(life: Life): Promise<void> {
  const { timers, platform } = life.world;
  await Promise.race([timers.sleep(platform.latencies.taskProvisioningMs), life.stopRequested]);
  if (!life.isStopping()) life.enter('PENDING');
}

async function startContainers(life: Life): Promise<void> {
  if (life.isStopping()) return;
  const { task, world } = life;
  task.pullStartedAtMs = world.platform.clock.now();
  const images = resolveImages(task, world.ports.images);
  if ('missing' in images) {
    life.stop({
      stopCode: 'TaskFailedToStart',
      reason: `CannotPullContainerError: ${images.missing}: not found`,
    });
    return;
  }
  task.pullStoppedAtMs = world.platform.clock.now();
  await Promise.race([startAll(life, images), life.stopRequested]);
}

/** Resolves when all containers have started. */
async function startAll(life: Life, images: ReadonlyMap<string, LocalImage>): Promise<void> {
  const { task, world } = life;
  const starts = task.containers.map((container) => {
    const image = images.get(container.definition.name);
    return new Promise<void>((started) => {
      if (!image) return;
      startContainer(task, container, image, world.ports, {
        started: () => started(),
        exited: () => life.containerEnded(container),
        failedToStart: (_, reason) => {
          life.stop({ stopCode: 'TaskFailedToStart', reason });
          life.containerEnded(container);
        },
      });
    });
  });
  await Promise.all(starts);
}

async function register(life: Life): Promise<void> {
  if (life.isStopping()) return;
  const { task, world } = life;
  life.enter('ACTIVATING');
  for (const entry of targetsOf(task)) {
    try {
      world.ports.targets.register(entry.targetGroupArn, entry.target);
      task.targets.push(entry);
    } catch (error) {
      life.stop({
        stopCode: 'TaskFailedToStart',
        reason: `unable to register in ${entry.targetGroupArn}: ${error}`,
      });
      return;
    }
  }
  task.startedAtMs = world.platform.clock.now();
  life.enter('RUNNING');
}

async function deregister(life: Life): Promise<void> {
  const { task, world } = life;
  if (task.startedAtMs !== undefined) life.enter('DEACTIVATING');
  for (const entry of task.targets) deregisterTarget(world.ports.targets, entry);
  if (waitsForDrain(life)) await Promise.race([allUnused(life), life.essentialEnded]);
}

/** Only the scheduler's own stops drain: StopTask skips it, and a dead container has nothing to drain. */
function waitsForDrain({ task, world }: Life): boolean {
  const isAlive = task.containers.every(({ status }) => status === 'RUNNING');
  return (
    world.parameters.stopOrder === 'after-drain' && task.stopCode === 'ServiceSchedulerInitiated' && isAlive
  );
}

/** Resolves when ELB shows none of the task's targets any more. */
function allUnused({ task, world }: Life): Promise<void> {
  const { targets } = world.ports;
  const isUnused = (): boolean =>
    task.targets.every((entry) => healthOfTarget(targets, entry).state === 'unused');
  if (isUnused()) return Promise.resolve();
  return new Promise((resolve) => {
    const unsubscribe = targets.onChange(() => {
      if (!isUnused()) return;
      unsubscribe();
      resolve();
    });
  });
}

async function stopContainers(life: Life): Promise<void> {
  const { task, world } = life;
  if (task.containers.some(({ process }) => process)) life.enter('STOPPING');
  for (const { process, status } of task.containers) if (status !== 'STOPPED') process?.stop();
  await life.containersEnded();
  task.executionStoppedAtMs = world.platform.clock.now();
}

async function deprovision(life: Life): Promise<void> {
  const { task, world } = life;
  life.enter('DEPROVISIONING');
  await world.timers.sleep(world.parameters.deprovisioningMs);
  for (const container of task.containers) container.status = 'STOPPED';
  task.stoppedAtMs = world.platform.clock.now();
  life.enter('STOPPED');
}

interface Life extends TaskLife {
  readonly task: TaskRecord;
  readonly world: LifeWorld;
  readonly stopRequested: Promise<void>;
  /** Resolves when an essential container has ended. */
  readonly essentialEnded: Promise<void>;
  isStopping(): boolean;
  /** Resolves when every container that was started has ended. */
  containersEnded(): Promise<void>;
  containerEnded(container: ContainerRecord): void;
  enter(status: TaskStatus): void;
}

function createLife(world: LifeWorld, task: TaskRecord): Life {
  const stopped = createSignal();
  const essential = createSignal();
  const ends = new Map(task.containers.map((container) => [container, createSignal()]));

  function stop(cause: StopCause): void {
    if (task.desiredStatus === 'STOPPED') return;
    task.desiredStatus = 'STOPPED';
    task.stopCode = cause.stopCode;
    task.stoppedReason = cause.reason;
    task.stoppingAtMs = world.platform.clock.now();
    if (!world.timers.isClosed) world.hooks.stopping(task, cause);
    stopped.give();
  }

  return {
    task,
    world,
    stop,
    stopRequested: stopped.promise,
    essentialEnded: essential.promise,
    isStopping: () => task.desiredStatus === 'STOPPED',
    containersEnded: async () => {
      for (const [{ process }, end] of ends) if (process) await end.promise;
    },
    containerEnded(container) {
      ends.get(container)?.give();
      if (!container.definition.essential) return;
      essential.give();
      stop({ stopCode: 'EssentialContainerExited', reason: 'Essential container in task exited' });
    },
    enter(status) {
      if (world.timers.isClosed) return;
      task.lastStatus = status;
      task.version += 1;
      world.hooks.changed(task);
    },
  };
}
