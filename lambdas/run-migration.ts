/** RunMigration: a one-off task of the new revision, once per deployment, before anything of green starts. */
import { type Ecs, ecs } from './aws/ecs.ts';
import { ecsTasks } from './aws/ecs-tasks.ts';
import { logs } from './aws/logs.ts';
import { type RunTask, runTask } from './aws/run-task.ts';
import { type Sfn, sfn } from './aws/sfn.ts';
import type { Deployment } from './common/deployment.ts';
import { MigrationFailed, MigrationStillRuns, StepMiscalled } from './common/errors.ts';
import { identityOf, isOf, placementOf, starterOf } from './common/one-off-task.ts';
import type { Migration } from './common/service.ts';
import { type Ground, onLambda, requireToStart, type Step, step } from './common/step.ts';
import type { Journal } from './table/journal.ts';
import { lookAtMigration, type MigrationPorts } from './waits/migration.ts';
import { waitFor } from './waits/wait.ts';

type Ports = Omit<MigrationPorts, keyof Ground> & { readonly runTask: RunTask; readonly sfn: Sfn };

const runMigration: Step<Ports> = async (journal, ports, input) => {
  const taskArn = journal.deployment.migrationTaskArn ?? (await startOnce(journal, ports));
  const look = () => lookAtMigration(journal.deployment, ports);
  return waitFor([taskArn], look, journal, input, { ...ports, state: 'RunMigration' });
};

export const create = step('RunMigration', runMigration, { ecs, ecsTasks, logs, runTask, sfn });
export const handler = onLambda(create);

/** The intent first, then the task: an attempt that died in between finds its task by token, or by its tags. */
async function startOnce(journal: Journal, ports: Ports & Ground): Promise<string> {
  const { migration } = journal.deployment.configuration;
  if (!migration)
    throw new StepMiscalled(`${journal.deployment.service} has no migration in its configuration`);
  requireToStart('RunMigration', journal.deployment, ports.now());
  const migrationDeadlineMs =
    journal.deployment.migrationDeadlineMs ?? ports.now() + migration.timeoutSeconds * 1000;
  await journal.intend({ migrationDeadlineMs });
  const migrationTaskArn =
    (await findOurs(journal.deployment, ports.runTask)) ??
    (await start(journal.deployment, migration, ports));
  await journal.intend({ migrationTaskArn });
  return migrationTaskArn;
}

/** @throws MigrationStillRuns if one of an earlier deployment, whose execution was stopped, has not ended */
async function findOurs(
  { deploymentId, service, green }: Deployment,
  { findTasks }: RunTask,
): Promise<string | undefined> {
  const running = await findTasks(green.cluster, starterOf(service, 'migration'));
  const other = running.find((task) => !isOf(deploymentId, task));
  if (other) {
    throw new MigrationStillRuns(
      `the migration of an earlier deployment has not ended: ${other.taskArn}; wait for its end, or stop it`,
    );
  }
  return running[0]?.taskArn;
}

async function start(
  deployment: Deployment,
  { container, command }: Migration,
  { ecs, runTask }: { readonly ecs: Ecs; readonly runTask: RunTask },
): Promise<string> {
  const { cluster, service } = deployment.green;
  const { revisionArn = '' } = deployment;
  const { taskDefinition } = await ecs.describeTaskDefinition(revisionArn);
  const launch = await runTask.runTask({
    ...identityOf(deployment, 'migration'),
    cluster,
    taskDefinition: revisionArn,
    placement: placementOf(await ecs.describeService(cluster, service), taskDefinition),
    overrides: { containerOverrides: [{ name: container, command: [...command] }] },
  });
  if (launch.started) return launch.taskArn;
  throw new MigrationFailed(`ECS did not start the migration: ${launch.reason}`);
}
