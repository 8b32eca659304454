/** Carries out a round's plan: stops and starts a service's tasks, and says so in its `events[]`. */
import type { Clock } from '../clock/clock.ts';
import type { TargetRegistry } from '../simulators.ts';
import type { Announcements } from './announcements.ts';
import type { Plan } from './counts.ts';
import { type Judged, keepingOf, missingOf, stopsOf } from './judgement.ts';
import type { DeploymentRecord, ServiceRecord, TaskRecord } from './records.ts';
import type { StopCause } from './task-life.ts';
import { healthOfTarget } from './task-targets.ts';
import type { Tasks } from './tasks.ts';

export interface ReplacementPorts {
  readonly clock: Clock;
  readonly targets: TargetRegistry;
  readonly tasks: Pick<Tasks, 'launch' | 'stop'>;
  readonly announcements: Announcements;
}

export interface Replacement {
  stopTasks(service: ServiceRecord, judged: Judged, plan: Plan): void;
  startTasks(service: ServiceRecord, judged: Judged, plan: Plan): void;
  /** Brings one deployment to its own desired count, whatever the others have. */
  keep(service: ServiceRecord, deployment: DeploymentRecord, judged: Judged): void;
}

export function createReplacement({ clock, targets, tasks, announcements }: ReplacementPorts): Replacement {
  function tellUnhealthy(service: ServiceRecord, task: TaskRecord): void {
    for (const entry of task.targets) {
      const { state, reason, description } = healthOfTarget(targets, entry);
      if (!state.startsWith('unhealthy')) continue;
      const where = `(port ${entry.target.port}) is unhealthy in (target-group ${entry.targetGroupArn})`;
      announcements.say(service, `${where} due to (reason ${description ?? reason})`);
    }
  }

  function tellStopped(service: ServiceRecord, stopped: readonly TaskRecord[]): void {
    if (stopped.length === 0) return;
    service.isSteady = false;
    const drainingCount = stopped.filter((task) => task.targets.length > 0).length;
    announcements.say(service, `has stopped ${stopped.length} running tasks: ${namesOf(stopped)}.`);
    if (drainingCount > 0)
      announcements.say(service, `has begun draining connections on ${drainingCount} tasks.`);
  }

  function tellStarted(service: ServiceRecord, started: readonly TaskRecord[]): void {
    if (started.length === 0) return;
    service.isSteady = false;
    announcements.say(service, `has started ${started.length} tasks: ${namesOf(started)}.`);
  }

  function tellStuck(service: ServiceRecord, primary: DeploymentRecord): void {
    if (primary.isStuckTold) return;
    primary.isStuckTold = true;
    announcements.say(
      service,
      'was unable to stop or start tasks during a deployment because of the service deployment configuration. ' +
        'Update the minimumHealthyPercent or maximumPercent value and try again.',
    );
  }

  function launch(service: ServiceRecord, deployment: DeploymentRecord, count: number): TaskRecord[] {
    if (count <= 0 || clock.now() < deployment.startsAgainAtMs) return [];
    const { revision } = deployment;
    return Array.from({ length: count }, () =>
      tasks.launch({
        cluster: service.cluster,
        definition: revision.settings.taskDefinition,
        group: `service:${service.name}`,
        startedBy: deployment.id,
        launchType: service.settings.launchType,
        platformVersion: revision.settings.platformVersion,
        enableExecuteCommand: service.settings.enableExecuteCommand,
        loadBalancers: revision.loadBalancers,
        images: revision.images,
        service,
        deployment,
      }),
    );
  }

  return {
    stopTasks(service, judged, plan) {
      const { unhealthy, surplus, old } = stopsOf(service, judged, plan);
      for (const task of unhealthy) {
        tellUnhealthy(service, task);
        tasks.stop(task, badHealth(task));
      }
      for (const task of [...surplus, ...old]) tasks.stop(task, scaledIn(service));
      for (const { order } of old) if (order.deployment) order.deployment.desiredCount -= 1;
      tellStopped(service, [...unhealthy, ...surplus, ...old]);
    },
    startTasks(service, judged, plan) {
      const [primary, ...others] = service.deployments;
      if (!primary) return;
      const started = launch(service, primary, plan.startPrimary);
      let owed = plan.startOld;
      for (const other of others) {
        const replaced = launch(service, other, Math.min(owed, missingOf(other, judged)));
        owed -= replaced.length;
        started.push(...replaced);
      }
      tellStarted(service, started);
      if (plan.isStuck) tellStuck(service, primary);
    },
    keep(service, deployment, judged) {
      const { unhealthy, surplus, startCount } = keepingOf(service, deployment, judged);
      for (const task of unhealthy) {
        tellUnhealthy(service, task);
        tasks.stop(task, badHealth(task));
      }
      for (const task of surplus) tasks.stop(task, scaledIn(service));
      tellStopped(service, [...unhealthy, ...surplus]);
      tellStarted(service, launch(service, deployment, startCount));
    },
  };
}

const scaledIn = ({ deployments: [primary] }: ServiceRecord): StopCause => ({
  stopCode: 'ServiceSchedulerInitiated',
  reason: `Scaling activity initiated by (deployment ${primary?.id})`,
});

const badHealth = ({ targets: [first] }: TaskRecord): StopCause => ({
  stopCode: 'ServiceSchedulerInitiated',
  reason: `Task failed ELB health checks in (target-group ${first?.targetGroupArn})`,
  isBadHealth: true,
});

const namesOf = (tasks: readonly TaskRecord[]): string => tasks.map(({ id }) => `(task ${id})`).join(' ');
