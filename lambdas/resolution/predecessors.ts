/** The services that come before a service: whether they are done, and well, as far as the table and their executions tell. */
import type { Sfn } from '../aws/sfn.ts';
import type { Deployment } from '../common/deployment.ts';
import { pushExecutionName, siblingArn } from '../common/push-execution.ts';
import type { Ground } from '../common/step.ts';
import { judgePrecedence, type Precedence, type PredecessorFacts } from '../decisions/precedence.ts';
import type { Push } from '../decisions/pushes.ts';
import { deploymentKey } from '../table/deployments.ts';
import { getLock, queryLocks } from '../table/locks.ts';
import { getMemory } from '../table/memory.ts';
import { getWaiting, queryWaiting, type Waiting } from '../table/waiting-place.ts';

type Ports = Pick<Ground, 'table' | 'now'> & { readonly sfn: Sfn };

export async function judgePredecessors(deployment: Deployment, ports: Ports): Promise<Precedence> {
  const { after } = deployment.configuration;
  return judgePrecedence(await Promise.all(after.map((service) => factsOf(service, deployment, ports))));
}

async function factsOf(
  service: string,
  deployment: Deployment,
  { table, sfn }: Ports,
): Promise<PredecessorFacts> {
  const [lock, waiting, memory] = await Promise.all([
    getLock(table, service),
    getWaiting(table, service),
    getMemory(table, service),
  ]);
  const { newestDeploymentId } = memory;
  const last =
    newestDeploymentId === undefined
      ? undefined
      : await table.getItem<Deployment>(deploymentKey(newestDeploymentId));
  const arn = executionsOfSamePush(deployment.startedBy).find((one) => one.service === service)?.arn;
  const status = arn === undefined ? undefined : ((await sfn.describeExecution(arn)) ?? 'NOT_FOUND');
  return {
    service,
    lock: lock && { deploymentId: lock.deploymentId, heldBecause: lock.heldBecause },
    waitingId: waiting?.deploymentId,
    last: last && {
      deploymentId: last.deploymentId,
      outcome: last.outcome,
      reason: last.reason,
      isOfSamePush: arn !== undefined && last.startedBy.executionArn === arn,
      isLater: last.startedAtMs > deployment.order.pushedAtMs,
    },
    samePush: status,
  };
}

/** What the start handler has started beside this execution for the same push. */
function executionsOfSamePush({
  executionArn,
  input,
}: Deployment['startedBy']): { service: string; arn: string }[] {
  const { push, alsoFeeds = [] } = input as { push?: Push; alsoFeeds?: readonly string[] };
  if (!push) return [];
  return alsoFeeds.map((service) => ({
    service,
    arn: siblingArn(executionArn, pushExecutionName(service, push)),
  }));
}

/** What a deployment in the waiting place has to see over before it is called. */
export function awaitsOf({ configuration, startedBy }: Deployment): Waiting['awaits'] {
  const { after } = configuration;
  const executions = executionsOfSamePush(startedBy).filter(({ service }) => after.includes(service));
  return { services: after, executionArns: executions.map(({ arn }) => arn) };
}

/**
 * Whether a deployment in the waiting place still waits for other services: then it is not called.
 * @param ending the execution that asks, whose deployment has ended although it runs itself
 */
export async function stillAwaits(
  { awaits }: Waiting,
  { table, sfn }: Ports,
  ending?: string,
): Promise<boolean> {
  if (!awaits) return false;
  const [locks, waitings] = await Promise.all([queryLocks(table), queryWaiting(table)]);
  // A lock that waits for a person is a failure, which is told by calling.
  const busy = [...locks.filter(({ heldBecause }) => heldBecause === undefined), ...waitings];
  if (busy.some(({ service }) => awaits.services.includes(service))) return true;
  for (const arn of awaits.executionArns.filter((one) => one !== ending))
    if ((await sfn.describeExecution(arn)) === 'RUNNING') return true;
  return false;
}
