/** What a service remembers from deployment to deployment: the newest push begun, digests tried, the last good one. */
import type { Key, Table, TableWrite } from '../aws/dynamodb.ts';
import type { Deployment, Outcome, PushOrder } from '../common/deployment.ts';

export interface ServiceMemory {
  /** The fencing number of the newest lock. */
  readonly fencing: number;
  /** The order of the newest push that was ever begun. */
  readonly newestPush?: PushOrder;
  readonly newestDeploymentId?: string;
}

export interface TriedDigest {
  readonly digest: string;
  readonly outcome: Outcome;
  readonly deploymentId: string;
}

const partition = (service: string): string => `service#${service}`;
const memoryKey = (service: string): Key => ({ pk: partition(service), sk: 'memory' });
const digestKey = (service: string, digest: string): Key => ({
  pk: partition(service),
  sk: `digest#${digest}`,
});

export async function getMemory(table: Table, service: string): Promise<ServiceMemory> {
  return (await table.getItem<ServiceMemory>(memoryKey(service))) ?? { fencing: 0 };
}

/** The write that counts the fencing number on and notes the newest push; refused if another did so since `was` was read. */
export function advanceMemory(deployment: Deployment, was: ServiceMemory): TableWrite {
  const isNewestPush = deployment.startedBy.kind === 'push';
  return {
    update: memoryKey(deployment.service),
    set: {
      fencing: was.fencing + 1,
      newestDeploymentId: deployment.deploymentId,
      ...(isNewestPush && { newestPush: deployment.order }),
    },
    condition:
      was.fencing === 0
        ? { expression: 'attribute_not_exists(#fencing)' }
        : { expression: '#fencing = :fencing', values: { fencing: was.fencing } },
  };
}

export function getTriedDigest(
  table: Table,
  service: string,
  digest: string,
): Promise<TriedDigest | undefined> {
  return table.getItem<TriedDigest>(digestKey(service, digest));
}

/** The writes that remember how a digest did, and, if it did well, that it is the one to go back to. */
export function rememberOutcome(deployment: Deployment, outcome: Outcome): TableWrite[] {
  const { service, deploymentId, image, revisionArn } = deployment;
  const tried: TableWrite = {
    put: { ...digestKey(service, image.digest), digest: image.digest, outcome, deploymentId },
  };
  if (outcome !== 'SUCCESSFUL') return [tried];
  const lastGood = { deploymentId, image, revisionArn, side: deployment.green.service };
  return [tried, { put: { pk: partition(service), sk: 'last-good', ...lastGood } }];
}
