/** The look of WaitForSteadyState: is green steady on our own ECS deployment? */
import type { Ecs } from '../aws/ecs.ts';
import type { Elbv2 } from '../aws/elbv2.ts';
import type { Logs } from '../aws/logs.ts';
import type { Deployment } from '../common/deployment.ts';
import { EcsDeploymentFailed, EcsDeploymentReplaced, TasksKeepFailing } from '../common/errors.ts';
import { readTargetHealth } from '../common/health.ts';
import { isInPlace } from '../common/service.ts';
import { isRolledOut, judgeSteadyState } from '../decisions/steady-state.ts';
import { answered, failed, type Look, stillOpen } from './look.ts';
import { describeStoppedTasks } from './stopped-tasks.ts';

export interface SteadyStatePorts {
  readonly ecs: Ecs;
  readonly elbv2: Elbv2;
  readonly logs: Logs;
}

const FAILURES = { replaced: EcsDeploymentReplaced, rolledOut: EcsDeploymentFailed, tasks: TasksKeepFailing };

export async function lookAtSteadyState(deployment: Deployment, ports: SteadyStatePorts): Promise<Look> {
  const { green, ecsDeploymentId = '', revisionArn = '' } = deployment;
  if (green.kind === 'fleet') return answered({ taskCount: 0 });
  const { cluster, service } = green;
  const described = await ports.ecs.describeService(cluster, service);
  const stopped = await ports.ecs.describeTasksOf(cluster, service, 'STOPPED');
  // While the rollout goes on, which tasks run decides nothing.
  const running = isRolledOut(described, ecsDeploymentId)
    ? await ports.ecs.describeTasksOf(cluster, service)
    : [];
  const verdict = judgeSteadyState(described, running, stopped, {
    ecsDeploymentId,
    revisionArn,
    ecsDeploymentBefore: deployment.ecsDeploymentBefore,
    isInPlace: isInPlace(deployment.configuration),
  });
  if (!('failed' in verdict))
    return verdict.steady ? answered({ taskCount: verdict.taskCount }) : stillOpen(verdict.reason);
  const why = await describeStoppedTasks(verdict.stopped, revisionArn, ports);
  const health = verdict.failed === 'tasks' ? await describeTargetHealth(deployment, ports.elbv2) : '';
  return failed(new FAILURES[verdict.failed]([`${verdict.reason}.`, why, health].filter(Boolean).join(' ')));
}

/** What ELB says of green's targets meanwhile: the reason for which healthy-looking tasks are replaced. */
async function describeTargetHealth({ green, greenCount = 0 }: Deployment, elbv2: Elbv2): Promise<string> {
  if (!green.targetGroup) return '';
  const verdict = await readTargetHealth(elbv2, green.targetGroup, greenCount);
  return verdict.healthy ? '' : `Meanwhile ${verdict.reason}.`;
}
