/** Steady means: our own ECS deployment is COMPLETED, and every task runs our revision. */

export interface EcsDeploymentFacts {
  id?: string;
  status?: string;
  taskDefinition?: string;
  rolloutState?: string;
  rolloutStateReason?: string;
  desiredCount?: number;
  runningCount?: number;
  pendingCount?: number;
}

export interface ServiceFacts {
  serviceName?: string;
  desiredCount?: number;
  runningCount?: number;
  deployments?: EcsDeploymentFacts[];
  deploymentConfiguration?: { deploymentCircuitBreaker?: { enable?: boolean } };
}

export interface TaskFacts {
  taskArn?: string;
  taskDefinitionArn?: string;
  lastStatus?: string;
  desiredStatus?: string;
  startedBy?: string;
  stopCode?: string;
  stoppedReason?: string;
  containers?: { name?: string; exitCode?: number; reason?: string }[];
}

export interface Expected {
  /** `ecs-svc/…`: a service that is steady on another's deployment is not steady for us. */
  readonly ecsDeploymentId: string;
  readonly revisionArn: string;
  /** The primary before ours was started: reads are eventually consistent, and may show it a moment longer. */
  readonly ecsDeploymentBefore?: string;
  /** Whether green takes blue's place in one service: then its circuit breaker, if it is on, judges the rollout by its own threshold. */
  readonly isInPlace?: boolean;
}

/** As many tasks of one deployment may fail before it is given up: the threshold of ECS's own circuit breaker. */
export const failedTasksMax = (desiredCount: number): number =>
  Math.min(Math.max(Math.ceil(desiredCount / 2), 3), 200);

export type SteadyVerdict =
  | { readonly steady: true; readonly taskCount: number }
  | { readonly steady: false; readonly reason: string }
  | {
      readonly failed: 'replaced' | 'rolledOut' | 'tasks';
      readonly reason: string;
      readonly stopped: readonly TaskFacts[];
    };

/**
 * @param running tasks of the service that ECS wants RUNNING; looked at only once the rollout is complete
 * @param stopped tasks of the service that are STOPPED, of any deployment
 */
export function judgeSteadyState(
  service: ServiceFacts,
  running: readonly TaskFacts[],
  stopped: readonly TaskFacts[],
  { ecsDeploymentId, revisionArn, ecsDeploymentBefore, isInPlace = false }: Expected,
): SteadyVerdict {
  const name = service.serviceName ?? 'the service';
  const ours = service.deployments?.find(({ id }) => id === ecsDeploymentId);
  const complete = isRolledOut(service, ecsDeploymentId);
  const own = stopped.filter((task) => task.startedBy === ecsDeploymentId);
  const failures = own.filter(hasFailed);
  const primary = service.deployments?.find(({ status }) => status === 'PRIMARY');
  if (ours?.rolloutState === 'FAILED') {
    const back = primary === ours ? '' : ` ECS went back to ${shortRevision(primary?.taskDefinition ?? '')}`;
    const reason = `ECS gave up ${name}: ${ours.rolloutStateReason}${back}`;
    return { failed: 'rolledOut', stopped: failures, reason };
  }
  const isJudgedByEcs = isInPlace && ours !== undefined && !complete && hasCircuitBreaker(service);
  if (!isJudgedByEcs && failures.length >= failedTasksMax(service.desiredCount ?? 0)) {
    return { failed: 'tasks', stopped: failures, reason: `${failures.length} tasks of ${name} failed` };
  }
  if (ours?.status !== 'PRIMARY') {
    const isBefore = (primary?.id ?? 'none') === (ecsDeploymentBefore ?? '');
    // Tasks of ours tell that it was shown once: ECS has gone back, and begun the deployment of before again.
    if (!ours && isBefore && own.length === 0) {
      return { steady: false, reason: `${name} does not show our deployment ${ecsDeploymentId} yet` };
    }
    const reason = `${name} no longer runs our deployment ${ecsDeploymentId}: its primary is ${primary?.id ?? 'none'} on ${primary?.taskDefinition ?? 'nothing'}`;
    return { failed: 'replaced', stopped: failures, reason };
  }
  const strange = running.filter(
    (task) => task.taskDefinitionArn !== revisionArn || task.lastStatus !== 'RUNNING',
  );
  const desired = service.desiredCount ?? 0;
  if (complete && strange.length === 0 && running.length === desired) {
    return { steady: true, taskCount: running.length };
  }
  const runningCount = complete ? running.length - strange.length : (ours.runningCount ?? 0);
  const counts = `${runningCount} of ${desired} tasks run ${shortRevision(revisionArn)}${describeOthers(service, ours)}`;
  return { steady: false, reason: `${name}: ${counts}, rollout ${ours.rolloutState ?? 'unknown'}` };
}

/** `, 1 pending, 2 of before`: what else there is while the rollout goes on. */
function describeOthers({ deployments = [] }: ServiceFacts, ours: EcsDeploymentFacts): string {
  const pending = ours.pendingCount ?? 0;
  const others = deployments.filter((one) => one !== ours);
  const before = others.reduce((sum, one) => sum + (one.runningCount ?? 0) + (one.pendingCount ?? 0), 0);
  return [pending > 0 ? `, ${pending} pending` : '', before > 0 ? `, ${before} of before` : ''].join('');
}

const hasCircuitBreaker = ({ deploymentConfiguration }: ServiceFacts): boolean =>
  deploymentConfiguration?.deploymentCircuitBreaker?.enable === true;

/** Whether ECS calls our deployment complete: then, and only then, its tasks have to be looked at one by one. */
export function isRolledOut({ deployments = [] }: ServiceFacts, ecsDeploymentId: string): boolean {
  return deployments.some(({ id, rolloutState }) => id === ecsDeploymentId && rolloutState === 'COMPLETED');
}

/** A task that ended by itself or was found unhealthy: not one that scaling, a person or a lost host took away. */
export function hasFailed({ stopCode, stoppedReason = '' }: TaskFacts): boolean {
  if (stopCode === 'ServiceSchedulerInitiated') return /failed .*health check/i.test(stoppedReason);
  return stopCode === 'TaskFailedToStart' || stopCode === 'EssentialContainerExited';
}

export const shortRevision = (arn: string): string => arn.split('/').at(-1) ?? arn;
