/** Finds the deployment that a command line means: by its id, or the one under way or else the newest of a service. */
import { dynamodb } from '../lambdas/aws/dynamodb.ts';
import { type Deployment, serviceOf } from '../lambdas/common/deployment.ts';
import { UnknownDeployment } from '../lambdas/common/errors.ts';
import { getDeployment, queryNewestDeployments } from '../lambdas/table/deployments.ts';
import { getLock } from '../lambdas/table/locks.ts';
import { getWaiting } from '../lambdas/table/waiting-place.ts';
import { CannotDo } from './failures.ts';
import { knownServices } from './known-service.ts';
import type { ConnectedStack } from './stack.ts';

/** @throws CannotDo if there is none, saying where to look */
export async function knownDeployment(stack: ConnectedStack, target: string): Promise<Deployment> {
  const service = serviceOf(target);
  return service === undefined ? ofService(stack, target) : byId(stack, service, target);
}

async function byId(stack: ConnectedStack, service: string, id: string): Promise<Deployment> {
  const table = dynamodb(stack.runtime);
  try {
    return await getDeployment(table, id);
  } catch (error) {
    if (!(error instanceof UnknownDeployment)) throw error;
    const waiting = await getWaiting(table, service);
    const text =
      waiting?.deploymentId === id
        ? `${id} waits, and has no record before it begins; see \`${stack.commandLine('status', service)}\``
        : `there is no deployment ${id} in the history of ${stack.place}; \`${stack.commandLine('history', service)}\` lists them`;
    throw new CannotDo(text, { cause: error });
  }
}

async function ofService(stack: ConnectedStack, service: string): Promise<Deployment> {
  const table = dynamodb(stack.runtime);
  const lock = await getLock(table, service);
  if (lock) return getDeployment(table, lock.deploymentId);
  const [newest] = await queryNewestDeployments(table, service, { limit: 1 });
  if (newest) return newest;
  await knownServices(stack, service);
  throw new CannotDo(`${service} was never deployed by Sidestep in ${stack.place}`);
}
