/** What a person who asks is shown: where the deployment stands, what could be approved, and what holds the service back. */
import type { Deployment } from '../common/deployment.ts';
import type { Ground } from '../common/step.ts';
import { getDeployment } from '../table/deployments.ts';
import { getLock } from '../table/locks.ts';
import { getRestraints, type Restraints } from '../table/restraints.ts';

export interface Standing extends Restraints {
  readonly service: string;
  /** The deployment that is under way, if one is. */
  readonly deployment?: Pick<
    Deployment,
    'deploymentId' | 'image' | 'trafficStep' | 'openGate' | 'pausedBecause' | 'succeededAtMs'
  > & { readonly approvers: readonly string[] };
}

/** Reads the table and changes nothing. */
export async function describeStanding(service: string, { table }: Ground): Promise<Standing> {
  const [restraints, lock] = await Promise.all([getRestraints(table, service), getLock(table, service)]);
  if (!lock) return { service, ...restraints };
  const { deploymentId, image, trafficStep, openGate, pausedBecause, succeededAtMs, configuration } =
    await getDeployment(table, lock.deploymentId);
  const { approvers } = configuration;
  const deployment = { deploymentId, image, trafficStep, openGate, pausedBecause, succeededAtMs, approvers };
  return { service, ...restraints, deployment };
}
