/** The turns in a deployment's life: begun, superseded, failed, rolled back, completed. */
import { localArn } from '../arns.ts';
import type { Platform } from '../platform.ts';
import type { Announcements } from './announcements.ts';
import { nineteenDigits } from './identifiers.ts';
import type {
  DeploymentRecord,
  RevisionRecord,
  RevisionSettings,
  ServiceDeploymentRecord,
  ServiceRecord,
  TaskRecord,
} from './records.ts';

export interface Deployments {
  /** Puts a new PRIMARY in front; the running deployment is superseded. */
  begin(service: ServiceRecord, settings: RevisionSettings): void;
  /** The PRIMARY has reached its desired count, and the others are gone. */
  complete(service: ServiceRecord): void;
  /** The circuit breaker has tripped: back to the last completed deployment, if it may and there is one. */
  fail(service: ServiceRecord): void;
  /** The running deployment has failed: back to one that was completed. `actor` begins the event's reason. */
  rollBack(service: ServiceRecord, target: DeploymentRecord, why: { reason: string; actor: string }): void;
  /** Ends a service deployment whose own revision has failed, without going back. */
  halt(record: ServiceDeploymentRecord, reason: string, status: 'STOPPED' | 'ROLLBACK_FAILED'): void;
  /** Marks the scheduler's first act on the running deployment. */
  start(service: ServiceRecord): void;
  /** Ends what is still in progress: its tasks are gone, or the service is. */
  endSuperseded(service: ServiceRecord): void;
  /** Every revision that was made, by ARN. */
  readonly revisions: ReadonlyMap<string, { service: ServiceRecord; revision: RevisionRecord }>;
}

/** How the reason of a rollback begins that the circuit breaker has asked for. */
const BREAKER = 'ECS deployment circuit breaker';

export function createDeployments(platform: Platform, announcements: Announcements): Deployments {
  const { clock } = platform;
  const random = platform.random.fork('ecs/deployments');
  const revisions = new Map<string, { service: ServiceRecord; revision: RevisionRecord }>();

  function newRevision(service: ServiceRecord, settings: RevisionSettings): RevisionRecord {
    const arn = localArn(
      'ecs',
      `service-revision/${service.cluster.name}/${service.name}/${nineteenDigits(random)}`,
    );
    const { loadBalancers } = settings;
    const revision: RevisionRecord = {
      arn,
      createdAtMs: clock.now(),
      settings,
      images: new Map(),
      loadBalancers,
    };
    revisions.set(arn, { service, revision });
    return revision;
  }

  function newDeployment(service: ServiceRecord, revision: RevisionRecord): DeploymentRecord {
    const id = `ecs-svc/${nineteenDigits(random)}`;
    return {
      id,
      revision,
      createdAtMs: clock.now(),
      updatedAtMs: clock.now(),
      status: 'PRIMARY',
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: `ECS deployment ${id} in progress.`,
      desiredCount: service.desiredCount,
      failedTasks: 0,
      startsAgainAtMs: 0,
      isStuckTold: false,
    };
  }

  function newServiceDeployment(
    service: ServiceRecord,
    deployment: DeploymentRecord,
  ): ServiceDeploymentRecord {
    const { enable } = service.settings.deploymentConfiguration.deploymentCircuitBreaker;
    return {
      arn: localArn('ecs', `service-deployment/${service.cluster.name}/${service.name}/${random.hex(21)}`),
      service,
      deployment,
      sources: service.deployments.filter((each) => each !== deployment).map((each) => each.revision),
      status: 'PENDING',
      createdAtMs: clock.now(),
      updatedAtMs: clock.now(),
      breakerStatus: enable ? 'MONITORING' : 'DISABLED',
    };
  }

  function enter(
    service: ServiceRecord,
    deployment: DeploymentRecord,
    rolloutState: DeploymentRecord['rolloutState'],
    reason: string,
  ): void {
    deployment.rolloutState = rolloutState;
    deployment.rolloutStateReason = reason;
    deployment.updatedAtMs = clock.now();
    announcements.deploymentChanged(service, deployment, `SERVICE_DEPLOYMENT_${rolloutState}`);
  }

  function lead(service: ServiceRecord, deployment: DeploymentRecord): void {
    for (const other of service.deployments) {
      other.status = 'ACTIVE';
      other.desiredCount = tasksOf(service, other).filter((task) => task.desiredStatus === 'RUNNING').length;
    }
    deployment.status = 'PRIMARY';
    deployment.desiredCount = service.desiredCount;
    service.deployments = [deployment, ...service.deployments.filter((other) => other !== deployment)];
    service.isSteady = false;
  }

  function change(record: ServiceDeploymentRecord, changes: Partial<ServiceDeploymentRecord>): void {
    Object.assign(record, { updatedAtMs: clock.now() }, changes);
  }

  function goBack(
    service: ServiceRecord,
    target: DeploymentRecord,
    { reason, actor }: { reason: string; actor: string },
  ): void {
    const [current] = service.serviceDeployments;
    lead(service, target);
    target.failedTasks = 0;
    target.startsAgainAtMs = 0;
    enter(service, target, 'IN_PROGRESS', `${actor}: rolling back to deploymentId ${target.id}.`);
    announcements.say(service, `rolling back to deployment ${target.id}.`);
    const rollback = { reason, startedAt: new Date(clock.now()), serviceRevisionArn: target.revision.arn };
    if (current) change(current, { status: 'ROLLBACK_IN_PROGRESS', statusReason: reason, rollback });
  }

  return {
    revisions,
    begin(service, settings) {
      const superseded = service.serviceDeployments.find(isInProgress);
      if (superseded) {
        const statusReason = 'Service deployment stopped because a newer one was started.';
        change(superseded, { status: 'STOP_REQUESTED', statusReason });
      }
      const deployment = newDeployment(service, newRevision(service, settings));
      service.serviceDeployments.unshift(newServiceDeployment(service, deployment));
      lead(service, deployment);
      announcements.deploymentChanged(service, deployment, 'SERVICE_DEPLOYMENT_IN_PROGRESS');
    },
    start(service) {
      const [current] = service.serviceDeployments;
      if (current?.status === 'PENDING') change(current, { status: 'IN_PROGRESS', startedAtMs: clock.now() });
    },
    complete(service) {
      const [primary, ...others] = service.deployments;
      const [current] = service.serviceDeployments;
      if (!primary) return;
      for (const other of others) other.status = 'INACTIVE';
      service.deployments = [primary];
      service.lastCompleted = primary;
      enter(service, primary, 'COMPLETED', `ECS deployment ${primary.id} completed.`);
      announcements.say(service, `(deployment ${primary.id}) deployment completed.`);
      if (!current) return;
      const isRollback = current.status === 'ROLLBACK_IN_PROGRESS';
      if (!isRollback && current.breakerStatus === 'MONITORING')
        current.breakerStatus = 'MONITORING_COMPLETE';
      change(current, {
        status: isRollback ? 'ROLLBACK_SUCCESSFUL' : 'SUCCESSFUL',
        finishedAtMs: clock.now(),
      });
    },
    fail(service) {
      const [primary] = service.deployments;
      const [current] = service.serviceDeployments;
      if (!primary || !current) return;
      const { rollback } = service.settings.deploymentConfiguration.deploymentCircuitBreaker;
      const reason = 'ECS deployment circuit breaker: tasks failed to start.';
      const target = service.lastCompleted;
      enter(service, primary, 'FAILED', reason);
      announcements.say(service, `(deployment ${primary.id}) deployment failed: tasks failed to start.`);
      current.breakerStatus = 'TRIGGERED';
      // A deployment that is itself being gone back to is no candidate: then the service stalls.
      if (rollback && target && target !== primary)
        return goBack(service, target, { reason, actor: BREAKER });
      const status = rollback ? 'ROLLBACK_FAILED' : 'STOPPED';
      change(current, { status, statusReason: reason, finishedAtMs: clock.now(), stoppedAtMs: clock.now() });
    },
    rollBack(service, target, why) {
      const [primary] = service.deployments;
      if (primary) enter(service, primary, 'FAILED', why.reason);
      goBack(service, target, why);
    },
    halt(record, reason, status) {
      enter(record.service, record.deployment, 'FAILED', reason);
      announcements.say(record.service, `(deployment ${record.deployment.id}) deployment failed: ${reason}`);
      change(record, { status, statusReason: reason, finishedAtMs: clock.now(), stoppedAtMs: clock.now() });
    },
    endSuperseded(service) {
      for (const record of service.serviceDeployments) {
        if (record.status !== 'STOP_REQUESTED' || tasksOf(service, record.deployment).length > 0) continue;
        change(record, { status: 'STOPPED', stoppedAtMs: clock.now(), finishedAtMs: clock.now() });
      }
    },
  };
}

const tasksOf = (service: ServiceRecord, deployment: DeploymentRecord): TaskRecord[] =>
  [...service.tasks].filter((task) => task.order.deployment === deployment);

function isInProgress({ status }: ServiceDeploymentRecord): boolean {
  return ['PENDING', 'IN_PROGRESS', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'].includes(status ?? '');
}
