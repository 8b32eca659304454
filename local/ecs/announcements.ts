/** What ECS tells the world: EventBridge events, and the messages in a service's `events[]`. */
import type { Platform } from '../platform.ts';
import type { HookRecord } from './native/records.ts';
import type {
  DeploymentRecord,
  ServiceDeploymentRecord,
  ServiceRecord,
  TaskRecord,
  TaskStatus,
} from './records.ts';
import { taskEventDetail } from './task-view.ts';

/** As many as ECS keeps. */
const MESSAGES_MAX = 100;

const TARGET_VERBS: Partial<Record<TaskStatus, string>> = {
  RUNNING: 'registered',
  DEACTIVATING: 'deregistered',
};

export type DeploymentEventName =
  | 'SERVICE_DEPLOYMENT_IN_PROGRESS'
  | 'SERVICE_DEPLOYMENT_COMPLETED'
  | 'SERVICE_DEPLOYMENT_FAILED';

export interface Announcements {
  /** `ECS Task State Change`, and the service's word on targets that come and go. */
  taskChanged(task: TaskRecord): void;
  /** `ECS Deployment State Change`; the reason is the deployment's own. */
  deploymentChanged(
    service: ServiceRecord,
    deployment: DeploymentRecord,
    eventName: DeploymentEventName,
  ): void;
  /** `ECS Hook State Change`, named by the hook's status. */
  hookChanged(service: ServiceRecord, record: ServiceDeploymentRecord, hook: HookRecord): void;
  /** `ECS Service Action`. */
  serviceActed(
    service: ServiceRecord,
    eventType: 'INFO' | 'WARN' | 'ERROR',
    eventName: string,
    more?: Record<string, unknown>,
  ): void;
  /** A line in `events[]`; `text` follows `(service name) `. */
  say(service: ServiceRecord, text: string): void;
}

export function createAnnouncements(platform: Platform): Announcements {
  const { clock } = platform;
  const random = platform.random.fork('ecs/messages');
  const now = (): string => new Date(clock.now()).toISOString();
  const emit = (detailType: string, resource: string, detail: Record<string, unknown>): void =>
    platform.emit({ source: 'aws.ecs', detailType, resources: [resource], detail });

  function say(service: ServiceRecord, text: string): void {
    const message = `(service ${service.name}) ${text}`;
    service.events.unshift({ id: random.uuid(), createdAt: new Date(clock.now()), message });
    service.events.splice(MESSAGES_MAX);
  }

  return {
    say,
    taskChanged(task) {
      emit('ECS Task State Change', task.arn, taskEventDetail(task, clock.now()));
      const verb = TARGET_VERBS[task.lastStatus];
      const { service } = task.order;
      if (!verb || !service) return;
      for (const { targetGroupArn } of task.targets)
        say(service, `${verb} 1 targets in (target-group ${targetGroupArn})`);
    },
    deploymentChanged: (service, deployment, eventName) =>
      emit('ECS Deployment State Change', service.arn, {
        eventType: eventName === 'SERVICE_DEPLOYMENT_FAILED' ? 'ERROR' : 'INFO',
        eventName,
        deploymentId: deployment.id,
        updatedAt: now(),
        reason: deployment.rolloutStateReason,
      }),
    hookChanged: (service, record, hook) =>
      emit('ECS Hook State Change', record.arn, {
        eventType: hook.status === 'FAILED' || hook.status === 'TIMED_OUT' ? 'ERROR' : 'INFO',
        eventName: `HOOK_${hook.status}`,
        hookId: hook.id,
        hookType: hook.targetType,
        expiresAt: new Date(hook.expiresAtMs).toISOString(),
        lifecycleStage: hook.stage,
        clusterArn: service.cluster.arn,
        serviceArn: service.arn,
        serviceDeploymentArn: record.arn,
        updatedAt: now(),
      }),
    serviceActed: (service, eventType, eventName, more = {}) =>
      emit('ECS Service Action', service.arn, {
        eventType,
        eventName,
        clusterArn: service.cluster.arn,
        createdAt: now(),
        ...more,
      }),
  };
}
