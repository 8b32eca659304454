/** The ECS simulator: clusters, task definitions, services with their scheduler, tasks. */
import type { Platform } from '../platform.ts';
import type { AlarmStates, InvokeHook, ListenerRules } from '../simulators.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EcsApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { createAnnouncements } from './announcements.ts';
import { createClusters } from './clusters.ts';
import { createDeployments } from './deployments.ts';
import { nameOf } from './identifiers.ts';
import { createNativeController } from './native/index.ts';
import { nativeOperations } from './native/operations.ts';
import { DEFAULT_ECS_PARAMETERS, type EcsParameters } from './parameters.ts';
import type { ServiceDeploymentRecord, ServiceRecord, TaskTarget } from './records.ts';
import { runTaskOperation } from './run-task.ts';
import { createScheduler } from './scheduler.ts';
import { serviceDeploymentOperations } from './service-deployments.ts';
import { serviceOperations } from './services.ts';
import { createTagStore, tagOperations } from './tags.ts';
import { createTaskDefinitions } from './task-definitions.ts';
import type { LifeHooks, LifePorts } from './task-life.ts';
import { createTasks } from './tasks.ts';
import { createTimers } from './timers.ts';

export interface EcsSimulator {
  readonly operations: Operations<typeof EcsApi>;
  /** Ends all timers. The containers are the runner's to end. */
  close(): void;
}

/** What ECS needs of the others: for its tasks, and for its own blue/green controller. */
export interface EcsPorts extends LifePorts {
  readonly rules: ListenerRules;
  readonly alarms: AlarmStates;
  readonly invokeHook: InvokeHook;
}

/** Makes an empty ECS. `parameters` are what AWS leaves open. */
export function createEcs(
  platform: Platform,
  ports: EcsPorts,
  parameters: Partial<EcsParameters> = {},
): EcsSimulator {
  const known = { ...DEFAULT_ECS_PARAMETERS, ...parameters };
  const timers = createTimers(platform.clock);
  const tags = createTagStore();
  const announcements = createAnnouncements(platform);
  const clusters = createClusters(tags);
  const definitions = createTaskDefinitions(platform.clock, tags);
  const deployments = createDeployments(platform, announcements);
  const hooks: LifeHooks = {
    changed(task) {
      announcements.taskChanged(task);
      const { service, cluster } = task.order;
      if (task.lastStatus === 'STOPPED') for (const owner of [cluster, service]) owner?.tasks.delete(task);
      if (service) scheduler.wake(service);
    },
    stopping: (task, cause) => scheduler.noteStop(task, cause),
  };
  const tasks = createTasks({ platform, ports, parameters: known, timers, hooks }, clusters, tags);
  const native = createNativeController({
    platform,
    timers,
    parameters: known,
    announcements,
    deployments,
    rules: ports.rules,
    alarms: ports.alarms,
    invokeHook: ports.invokeHook,
    wake: (service) => scheduler.wake(service),
  });
  const schedulerPorts = {
    native,
    targets: ports.targets,
    tasks,
    deployments,
    announcements,
    timers,
    parameters: known,
  };
  const scheduler = createScheduler(platform, schedulerPorts);

  const unsubscribe = ports.targets.onChange((targetGroupArn, target) => {
    const services = [...clusters.all.values()].flatMap((cluster) => [...cluster.services.values()]);
    for (const service of services) if (holds(service, { targetGroupArn, target })) scheduler.wake(service);
  });

  /** A rolling deployment that a person stops goes where the circuit breaker would send it. */
  function rollBackRolling(record: ServiceDeploymentRecord, reason: string): void {
    const { service } = record;
    const target = service.lastCompleted;
    if (!target) {
      deployments.halt(record, reason, 'ROLLBACK_FAILED');
      return;
    }
    deployments.rollBack(service, target, { reason, actor: 'ECS service deployment' });
    scheduler.wake(service);
  }

  /** @throws AwsError `InvalidParameterException` if the ARN names nothing that has tags */
  function requireResource(arn: string): void {
    const [, clusterName = ''] = arn.split('/');
    const cluster = clusters.all.get(clusterName);
    const isKnown =
      (arn.includes(':task-definition/') && definitions.find(arn)) ||
      (arn.includes(':cluster/') && cluster) ||
      (arn.includes(':service/') && cluster?.services.has(nameOf(arn))) ||
      (arn.includes(':task/') && cluster && tasks.find(cluster, arn));
    if (!isKnown)
      throw new AwsError('InvalidParameterException', `The specified resource ${arn} was not found.`);
  }

  return {
    operations: {
      ...clusters.operations,
      ...definitions.operations,
      ...serviceOperations(platform, {
        clusters,
        definitions,
        deployments,
        native,
        scheduler,
        announcements,
        tags,
      }),
      ...serviceDeploymentOperations(clusters, deployments),
      ...nativeOperations({ clusters, native, rollBackRolling }),
      ...tasks.operations,
      ...runTaskOperation(platform.clock, { clusters, definitions, tasks, tags }),
      ...tagOperations(tags, requireResource),
    },
    close() {
      timers.close();
      unsubscribe();
    },
  };
}

/** Whether one of the service's tasks is that target. */
function holds({ tasks }: ServiceRecord, { targetGroupArn, target }: TaskTarget): boolean {
  return [...tasks].some(({ targets }) =>
    targets.some((entry) => entry.targetGroupArn === targetGroupArn && entry.target.port === target.port),
  );
}
