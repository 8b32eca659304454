/** The look of RunChecks: have the user's own checks, functions and tasks side by side, all passed, or has one failed? */
import type { Ecs } from '../aws/ecs.ts';
import type { EcsTasks, Task } from '../aws/ecs-tasks.ts';
import type { Logs } from '../aws/logs.ts';
import type { Deployment } from '../common/deployment.ts';
import { CheckFailed } from '../common/errors.ts';
import type { TaskCheck } from '../common/service.ts';
import { stopError } from '../common/step.ts';
import { afterChecks } from '../decisions/next-act.ts';
import { mayStart } from '../decisions/orders.ts';
import { judgeTaskEnd } from '../decisions/task-end.ts';
import { answered, failed, type Look, stillOpen } from './look.ts';
import { describeStoppedTasks } from './stopped-tasks.ts';

export interface ChecksPorts {
  readonly ecs: Ecs;
  readonly ecsTasks: EcsTasks;
  readonly logs: Logs;
  readonly now: () => number;
}

/** What wakes RunChecks when a function has answered. */
export const checksKey = (deploymentId: string): string => `checks:${deploymentId}`;
/** Where the answer of `checks.lambda[index]` stands in the record. */
export const resultKey = (index: number): string => `lambda${index}`;
/** A check task runs beside green, or beside the ECS service if green is a fleet. */
export const clusterOf = ({ cluster }: TaskCheck, { green, blue }: Deployment): string =>
  cluster ?? (green.cluster || blue.cluster);

/** An answer is on its way for a while after its function's time is up. */
const ANSWER_GRACE_SECONDS = 30;

/** How one check stands. */
type Standing =
  | { readonly is: 'passed' }
  | { readonly is: 'running'; readonly what: string }
  | { readonly is: 'failed'; readonly reason: string };

/** A check task that was started; `task` is absent while ECS does not show it. */
interface CheckTask {
  readonly check: TaskCheck;
  readonly cluster: string;
  readonly taskArn: string;
  readonly task?: Task;
}

/** The first failure ends all of them, as does an order to stop: whatever task still runs is stopped. */
export async function lookAtChecks(deployment: Deployment, ports: ChecksPorts): Promise<Look> {
  const tasks = await describeTasks(deployment, ports.ecsTasks);
  const ran = ports.now() - (deployment.stages.RunChecks?.intendedAtMs ?? ports.now());
  const standings = [
    ...deployment.configuration.checks.lambda.map((_, index) => standingOfFunction(deployment, index, ran)),
    ...(await Promise.all(tasks.map((task) => standingOfTask(task, ran, ports)))),
  ];
  const failure = failureOf(deployment, standings, ports.now());
  if (failure) {
    await Promise.all(tasks.map((task) => stopIfRunning(task, failure.message, ports.ecsTasks)));
    return failed(failure);
  }
  const left = standings.flatMap((standing) => (standing.is === 'running' ? standing.what : []));
  return left.length === 0 ? answered(afterChecks(deployment)) : stillOpen(left.join(', '));
}

function failureOf(deployment: Deployment, standings: readonly Standing[], nowMs: number): Error | undefined {
  const verdict = mayStart('RunChecks', deployment, nowMs);
  if (verdict.stop) return stopError(verdict);
  const failure = standings.find(({ is }) => is === 'failed');
  return failure?.is === 'failed' ? new CheckFailed(failure.reason) : undefined;
}

function standingOfFunction(
  { configuration, checkResults = {} }: Deployment,
  index: number,
  ranMs: number,
): Standing {
  const { functionName = '', timeoutSeconds = 0 } = configuration.checks.lambda[index] ?? {};
  const result = checkResults[resultKey(index)];
  const what = `the check function ${functionName}`;
  if (result?.passed) return { is: 'passed' };
  if (result) return { is: 'failed', reason: `${what} failed: ${result.reason}` };
  if (ranMs < (timeoutSeconds + ANSWER_GRACE_SECONDS) * 1000) return { is: 'running', what };
  return { is: 'failed', reason: `${what} failed: it gave no answer within ${timeoutSeconds} s` };
}

async function standingOfTask(
  { check, task, taskArn }: CheckTask,
  ranMs: number,
  ports: ChecksPorts,
): Promise<Standing> {
  const what = `the check task ${check.taskDefinition}`;
  if (task?.lastStatus === 'STOPPED') {
    const definitionArn = task.taskDefinitionArn ?? check.taskDefinition;
    const { taskDefinition } = await ports.ecs.describeTaskDefinition(definitionArn);
    const verdict = judgeTaskEnd(task, taskDefinition.containerDefinitions ?? []);
    if (verdict.passed) return { is: 'passed' };
    const why = await describeStoppedTasks([task], definitionArn, ports);
    return { is: 'failed', reason: `${what} failed: ${verdict.reason}. ${why}` };
  }
  if (ranMs < check.timeoutSeconds * 1000) return { is: 'running', what: `${what} (${taskArn})` };
  return {
    is: 'failed',
    reason: `${what} failed: it did not end within ${check.timeoutSeconds} s (${taskArn})`,
  };
}

function describeTasks(deployment: Deployment, ecsTasks: EcsTasks): Promise<CheckTask[]> {
  const { checkTaskArns = [], configuration } = deployment;
  const started = configuration.checks.task.flatMap((check, index) => {
    const taskArn = checkTaskArns[index];
    return taskArn ? { check, cluster: clusterOf(check, deployment), taskArn } : [];
  });
  return Promise.all(
    started.map(async (one) => ({ ...one, task: await ecsTasks.describeTask(one.cluster, one.taskArn) })),
  );
}

async function stopIfRunning(
  { task, cluster, taskArn }: CheckTask,
  reason: string,
  ecsTasks: EcsTasks,
): Promise<void> {
  if (task && task.desiredStatus !== 'STOPPED') await ecsTasks.stopTask(cluster, taskArn, reason);
}
