/** ECS: which services a cluster has. */
import { ClusterNotFoundException, ECSClient, paginateListServices } from '@aws-sdk/client-ecs';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

const clientFor = clientOf(ECSClient);

/** ARNs; undefined if there is no such cluster. */
export async function listServices(runtime: Runtime, cluster: string): Promise<string[] | undefined> {
  const arns: string[] = [];
  try {
    const pages = paginateListServices({ client: clientFor(runtime), pageSize: 100 }, { cluster });
    for await (const { serviceArns = [] } of pages) arns.push(...serviceArns);
    return arns;
  } catch (error) {
    if (error instanceof ClusterNotFoundException) return undefined;
    throw error;
  }
}
