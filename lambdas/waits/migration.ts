/** The look of RunMigration: has the one-off task ended, and how? Only it stops a task whose time is up or whose end is forced. */

import type { Table } from '../aws/dynamodb.ts';
import type { Ecs } from '../aws/ecs.ts';
import type { EcsTasks, Task } from '../aws/ecs-tasks.ts';
import type { Logs } from '../aws/logs.ts';
import type { Deployment, Signal } from '../common/deployment.ts';
import { DeploymentAborted, MigrationFailed } from '../common/errors.ts';
import { describeSignal, forcedAbortOf } from '../decisions/orders.ts';
import { exitCodeOf, judgeTaskEnd } from '../decisions/task-end.ts';
import { deploymentKey } from '../table/deployments.ts';
import { answered, failed, type Look, stillOpen } from './look.ts';
import { describeStoppedTasks, lastLogLines } from './stopped-tasks.ts';

export interface MigrationPorts {
  readonly ecs: Ecs;
  readonly ecsTasks: EcsTasks;
  readonly logs: Logs;
  readonly table: Table;
  readonly now: () => number;
}

/** An abort waits for the task: half a migration is worse than none. Only one that is forced does not. */
export async function lookAtMigration(deployment: Deployment, ports: MigrationPorts): Promise<Look> {
  const { green, migrationTaskArn = '' } = deployment;
  const task = await ports.ecsTasks.describeTask(green.cluster, migrationTaskArn);
  const stop = whyStop(deployment, ports.now());
  if (task?.lastStatus === 'STOPPED') return judgeEnd(deployment, task, ports);
  if (!task) {
    return stop
      ? failed(new MigrationFailed(`ECS knows nothing of the task ${migrationTaskArn}; ${stop}`))
      : stillOpen(`ECS to show ${migrationTaskArn}`);
  }
  if (stop && task.desiredStatus !== 'STOPPED')
    await ports.ecsTasks.stopTask(green.cluster, migrationTaskArn, stop);
  return stillOpen(`the migration ${migrationTaskArn} to end; it is ${task.lastStatus}`);
}

function whyStop(deployment: Deployment, nowMs: number): string | undefined {
  const { migrationDeadlineMs = Number.POSITIVE_INFINITY, configuration } = deployment;
  const forced = forcedAbortOf(deployment);
  if (forced) return describeSignal(forced);
  if (nowMs < migrationDeadlineMs) return undefined;
  return `it did not end within ${configuration.migration?.timeoutSeconds} s`;
}

async function judgeEnd(deployment: Deployment, task: Task, ports: MigrationPorts): Promise<Look> {
  const { revisionArn = '', configuration } = deployment;
  const { containerDefinitions = [] } = (await ports.ecs.describeTaskDefinition(revisionArn)).taskDefinition;
  const verdict = judgeTaskEnd(task, containerDefinitions);
  const container = configuration.migration?.container ?? '';
  const migration = {
    taskArn: task.taskArn ?? '',
    exitCode: exitCodeOf(task, container),
    lastLogLines: await lastLogLines(task, revisionArn, ports, container),
  };
  await ports.table.write({ update: deploymentKey(deployment.deploymentId), set: { migration } });
  if (verdict.passed) return answered({ exitCode: migration.exitCode });
  const forced = forcedAbortOf(deployment);
  if (forced && task.stopCode === 'UserInitiated') return failed(aborted(forced, migration.taskArn));
  const why = await describeStoppedTasks([task], revisionArn, ports);
  return failed(new MigrationFailed(`the migration failed: ${verdict.reason}. ${why}`));
}

const aborted = (signal: Signal, taskArn: string): DeploymentAborted =>
  new DeploymentAborted(`${describeSignal(signal)}; the migration ${taskArn} was stopped before its end`);
