/** The looks of FollowServiceDeployment and StopServiceDeployment: what does ECS say of our service deployment? */
import type { CloudWatch } from '../aws/cloudwatch.ts';
import type { Table } from '../aws/dynamodb.ts';
import type { Ecs, ServiceDeployment } from '../aws/ecs.ts';
import type { Logs } from '../aws/logs.ts';
import { analyse } from '../common/analysis.ts';
import type { Deployment } from '../common/deployment.ts';
import {
  AlarmFired,
  ComparisonFailed,
  ServiceDeploymentFailed,
  ServiceDeploymentSuperseded,
  SteadyStateTimedOut,
  TasksKeepFailing,
} from '../common/errors.ts';
import { findSuccessor } from '../common/service-deployments.ts';
import { firingAlarms } from '../decisions/alarms.ts';
import { asShifted } from '../decisions/native-step.ts';
import {
  describeEnd,
  describeProgress,
  hasTraffic,
  idOf,
  judgeServiceDeployment,
} from '../decisions/service-deployment.ts';
import { failedTasksMax, hasFailed } from '../decisions/steady-state.ts';
import { noteProgress } from '../table/deployments.ts';
import { alarmsToWatch } from './bake.ts';
import { answered, failed, type Look, stillOpen } from './look.ts';
import { lookAtPauseHooks } from './pause-hooks.ts';
import { describeStoppedTasks } from './stopped-tasks.ts';

export interface ServiceDeploymentPorts {
  readonly table: Table;
  readonly now: () => number;
  readonly cloudwatch: CloudWatch;
  readonly ecs: Ecs;
  readonly logs: Logs;
}

export async function lookAtServiceDeployment(
  deployment: Deployment,
  ports: ServiceDeploymentPorts,
): Promise<Look> {
  const described = await describe(deployment, ports.ecs);
  if (!described) return stillOpen('ECS to show our service deployment');
  const { is } = judgeServiceDeployment(described);
  switch (is) {
    case 'successful':
      await noteProgress(ports.table, deployment, { succeededAtMs: deployment.succeededAtMs ?? ports.now() });
      return answered({ serviceDeploymentArn: deployment.serviceDeploymentArn });
    case 'underWay':
      return lookOnTheWay(deployment, described, ports);
    case 'ending':
      return stillOpen(`the end of what ECS has begun: ${describeProgress(described)}`);
    default:
      return failed(await failureOf(deployment, described, ports));
  }
}

/** Whether ECS has stepped back. What it has completed in spite of us serves: that is a success, and is told as one. */
export async function lookAtServiceDeploymentsEnd(
  deployment: Deployment,
  ports: Pick<ServiceDeploymentPorts, 'ecs' | 'table' | 'now'>,
): Promise<Look> {
  if (!deployment.serviceDeploymentArn) return answered({ stopped: 'never started' });
  const described = await describe(deployment, ports.ecs);
  if (!described) return stillOpen('ECS to show our service deployment');
  switch (judgeServiceDeployment(described).is) {
    case 'rolledBack':
      return answered({ stopped: deployment.serviceDeploymentArn });
    case 'successful':
      await noteProgress(ports.table, deployment, { succeededAtMs: deployment.succeededAtMs ?? ports.now() });
      return answered({ stopped: 'too late: ECS has completed it' });
    case 'rollbackFailed':
      return failed(new ServiceDeploymentFailed(describeEnd(described)));
    case 'stopped':
      return failed(await stoppedBecause(deployment, described, ports.ecs));
    default:
      return stillOpen(`ECS to roll back: ${describeProgress(described)}`);
  }
}

async function describe(
  { serviceDeploymentArn = '' }: Deployment,
  ecs: Ecs,
): Promise<ServiceDeployment | undefined> {
  const [described] = await ecs.describeServiceDeployments([serviceDeploymentArn]);
  return described;
}

/** What ECS itself does not look at, then the gates. */
async function lookOnTheWay(
  deployment: Deployment,
  described: ServiceDeployment,
  ports: ServiceDeploymentPorts,
): Promise<Look> {
  const failure =
    (await alarmOn(deployment, described, ports)) ??
    (await troubleWithTasks(deployment, described, ports)) ??
    (await comparisonOn(deployment, ports));
  if (failure) return failed(failure);
  const gate = await lookAtPauseHooks(deployment, described, ports);
  return gate ?? stillOpen(`the end of the service deployment: ${describeProgress(described)}`);
}

/** The step that bakes now. Its last look comes when it is over, and then the next step's hook asks. */
async function comparisonOn(
  deployment: Deployment,
  ports: ServiceDeploymentPorts,
): Promise<Error | undefined> {
  const { nativeStep } = deployment;
  if (!nativeStep) return undefined;
  const { verdict, reason } = await analyse(asShifted(deployment, nativeStep), ports, ports.now());
  return verdict === 'fail' ? new ComparisonFailed(reason) : undefined;
}

async function alarmOn(
  deployment: Deployment,
  described: ServiceDeployment,
  { cloudwatch }: ServiceDeploymentPorts,
): Promise<Error | undefined> {
  if (!hasTraffic(described)) return undefined;
  const firing = firingAlarms(await cloudwatch.describeAlarms(alarmsToWatch(deployment)));
  return firing === undefined ? undefined : new AlarmFired(firing);
}

/** ECS would try for a day: its circuit breaker is not sure to watch these strategies. */
async function troubleWithTasks(
  deployment: Deployment,
  { lifecycleStage }: ServiceDeployment,
  ports: ServiceDeploymentPorts,
): Promise<Error | undefined> {
  if (lifecycleStage !== 'SCALE_UP') return undefined;
  const { green, revisionArn = '', configuration } = deployment;
  const failures = await failedTasks(deployment, ports.ecs);
  const { desiredCount = 0 } = await ports.ecs.describeService(green.cluster, green.service);
  if (failures.length >= failedTasksMax(desiredCount)) {
    const why = await describeStoppedTasks(failures, revisionArn, ports);
    return new TasksKeepFailing(`${failures.length} tasks of ${green.service} failed. ${why}`);
  }
  const deadlineMs = await steadyStateDeadline(deployment, ports);
  if (ports.now() < deadlineMs) return undefined;
  const { steadyStateTimeoutSeconds } = configuration;
  const why = await describeStoppedTasks(failures, revisionArn, ports);
  return new SteadyStateTimedOut(
    `green is not scaled up within ${steadyStateTimeoutSeconds} s. ${why}`.trim(),
  );
}

/** Of this deployment: an earlier one may have tried the same revision. */
async function failedTasks({ green, revisionArn, stages }: Deployment, ecs: Ecs) {
  const startedAtMs = stages.StartServiceDeployment?.intendedAtMs ?? 0;
  const stopped = await ecs.describeTasksOf(green.cluster, green.service, 'STOPPED');
  return stopped.filter((task) => {
    const isOurs = task.taskDefinitionArn === revisionArn && (task.createdAt?.getTime() ?? 0) >= startedAtMs;
    return isOurs && hasFailed(task);
  });
}

/** Counted from the first look that sees green scale up: a hook may have held the deployment before. */
async function steadyStateDeadline(
  deployment: Deployment,
  { table, now }: Pick<ServiceDeploymentPorts, 'table' | 'now'>,
): Promise<number> {
  if (deployment.steadyStateDeadlineMs !== undefined) return deployment.steadyStateDeadlineMs;
  const steadyStateDeadlineMs = now() + deployment.configuration.steadyStateTimeoutSeconds * 1000;
  await noteProgress(table, deployment, { steadyStateDeadlineMs });
  return steadyStateDeadlineMs;
}

/** In ECS's words, with what it does not pass on: why our hook refused, and why tasks stopped. */
async function failureOf(
  deployment: Deployment,
  described: ServiceDeployment,
  ports: ServiceDeploymentPorts,
): Promise<Error> {
  if (judgeServiceDeployment(described).is === 'stopped')
    return stoppedBecause(deployment, described, ports.ecs);
  const { hookFailure, revisionArn = '' } = deployment;
  const tasks = await describeStoppedTasks(await failedTasks(deployment, ports.ecs), revisionArn, ports);
  const parts = [
    `${describeEnd(described)}.`,
    hookFailure && `Sidestep's hook found: ${hookFailure}.`,
    tasks,
  ];
  return new ServiceDeploymentFailed(parts.filter(Boolean).join(' '));
}

async function stoppedBecause(
  deployment: Deployment,
  described: ServiceDeployment,
  ecs: Ecs,
): Promise<Error> {
  const successor = await findSuccessor(deployment, ecs);
  if (successor === undefined)
    return new ServiceDeploymentFailed(
      `${describeEnd(described)}; ECS left both revisions as they stood, because its rollback is switched off`,
    );
  return new ServiceDeploymentSuperseded(
    `${describeEnd(described)}: ${idOf(successor)}, which Sidestep did not begin, took its place and decides what serves`,
  );
}
