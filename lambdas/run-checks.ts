/** RunChecks: the user's own checks, functions and tasks side by side, before green has traffic. */
import { type Ecs, ecs } from './aws/ecs.ts';
import { ecsTasks } from './aws/ecs-tasks.ts';
import { type Lambda, lambda } from './aws/lambda.ts';
import { logs } from './aws/logs.ts';
import { type RunTask, runTask } from './aws/run-task.ts';
import { type Sfn, sfn } from './aws/sfn.ts';
import { type CheckedDeployment, describeForChecks, environmentFor } from './common/checked-deployment.ts';
import { functionName } from './common/config.ts';
import type { Deployment } from './common/deployment.ts';
import { CheckFailed } from './common/errors.ts';
import { identityOf, placementOf } from './common/one-off-task.ts';
import type { Runtime } from './common/runtime.ts';
import type { TaskCheck } from './common/service.ts';
import { type Ground, onLambda, requireToStart, type Step, step } from './common/step.ts';
import { getDeployment } from './table/deployments.ts';
import type { Journal } from './table/journal.ts';
import { type ChecksPorts, checksKey, clusterOf, lookAtChecks, resultKey } from './waits/checks.ts';
import { waitFor } from './waits/wait.ts';

interface OwnPorts {
  readonly ecs: Ecs;
  readonly runTask: RunTask;
  readonly lambda: Lambda;
  readonly callCheckFunction: string;
}
type Ports = Omit<ChecksPorts, keyof Ground> & OwnPorts & { readonly sfn: Sfn };

const runChecks: Step<Ports> = async (journal, ports, input) => {
  const { deploymentId, checkTaskArns, checkResults = {} } = journal.deployment;
  const checked = describeForChecks(journal.deployment);
  const wasStarted = checkTaskArns !== undefined;
  if (!wasStarted) {
    requireToStart('RunChecks', journal.deployment, ports.now());
    await journal.intend({ checkResults });
    await journal.intend({ checkTaskArns: await startTasks(journal.deployment, checked, ports) });
  }
  await callFunctions(journal, checked, input.executionArn, ports);
  // A function may have answered before the wait was open, so the look needs the record as it is then.
  const look = async () => lookAtChecks(await getDeployment(ports.table, deploymentId), ports);
  const wokenBy = [checksKey(deploymentId), ...(journal.deployment.checkTaskArns ?? [])];
  return waitFor(wokenBy, look, journal, input, { ...ports, state: 'RunChecks' });
};

export const create = step('RunChecks', runChecks, {
  ecs,
  ecsTasks,
  runTask,
  lambda,
  logs,
  sfn,
  callCheckFunction: ({ env }: Runtime) => functionName(env, 'CALL_CHECK_FUNCTION'),
});
export const handler = onLambda(create);

/** An attempt that died on the way gets the same tasks again, by their tokens. */
async function startTasks(
  deployment: Deployment,
  checked: CheckedDeployment,
  ports: OwnPorts,
): Promise<string[]> {
  const arns: string[] = [];
  for (const [index, check] of deployment.configuration.checks.task.entries())
    arns.push(await startTask(deployment, check, index, checked, ports));
  return arns;
}

async function startTask(
  deployment: Deployment,
  check: TaskCheck,
  index: number,
  checked: CheckedDeployment,
  { ecs, runTask }: OwnPorts,
): Promise<string> {
  const { green, blue } = deployment;
  // A fleet says nothing about where a task could run: then the ECS service beside it does.
  const place = green.kind === 'fleet' ? blue : green;
  const { taskDefinition } = await ecs.describeTaskDefinition(check.taskDefinition);
  const environment = environmentFor(checked);
  const launch = await runTask.runTask({
    ...identityOf(deployment, `check-${index}`),
    cluster: clusterOf(check, deployment),
    taskDefinition: check.taskDefinition,
    placement: placementOf(await ecs.describeService(place.cluster, place.service), taskDefinition),
    overrides: {
      containerOverrides: (taskDefinition.containerDefinitions ?? []).map(({ name }) => ({
        name,
        environment,
      })),
    },
  });
  if (launch.started) return launch.taskArn;
  throw new CheckFailed(`ECS did not start the check task ${check.taskDefinition}: ${launch.reason}`);
}

/** Those that have answered are not asked again. */
async function callFunctions(
  { deployment }: Journal,
  payload: CheckedDeployment,
  executionArn: string,
  { lambda, callCheckFunction }: OwnPorts,
): Promise<void> {
  const { deploymentId, configuration, checkResults = {} } = deployment;
  for (const check of configuration.checks.lambda.keys()) {
    if (checkResults[resultKey(check)] !== undefined) continue;
    await lambda.invokeLater(callCheckFunction, { deploymentId, executionArn, check, payload });
  }
}
