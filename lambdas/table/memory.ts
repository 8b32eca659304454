/** What a service remembers from deployment to deployment: the newest push begun, digests tried, the last good one. */
import type { Key, Table, TableWrite } from '../aws/dynamodb.ts';
import type { DeployedImage, Deployment, Outcome, PushOrder } from '../common/deployment.ts';

export interface ServiceMemory {
  /** The fencing number of the newest lock. */
  readonly fencing: number;
  /** The order of the newest push that was ever begun. */
  readonly newestPush?: PushOrder;
  readonly newestDeploymentId?: string;
  /** The same of each sidecar's repository. */
  readonly newestSidecarPushes?: Readonly<Record<string, PushOrder>>;
}

export interface TriedDigest {
  readonly digest: string;
  readonly outcome: Outcome;
  readonly deploymentId: string;
  /** The rollback that stepped back from it after it had been a success. */
  readonly steppedBackBy?: string;
}

/** What a service last deployed well: what it runs, unless somebody else has changed that. */
export interface LastGood {
  readonly deploymentId: string;
  readonly image: DeployedImage;
  /** Those of the containers that have others, by container. */
  readonly images: Readonly<Record<string, DeployedImage>>;
  /** Absent for a fleet. */
  readonly revisionArn?: string;
  /** The ECS service, or the fleet. */
  readonly side: string;
}

export const LAST_GOOD = 'last-good';

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
  const { order, startedBy } = deployment;
  return {
    update: memoryKey(deployment.service),
    set: {
      fencing: was.fencing + 1,
      newestDeploymentId: deployment.deploymentId,
      ...(startedBy.kind !== 'person' && newestOf(order, was)),
    },
    condition:
      was.fencing === 0
        ? { expression: 'attribute_not_exists(#fencing)' }
        : { expression: '#fencing = :fencing', values: { fencing: was.fencing } },
  };
}

/** A sidecar's push says nothing of the main image's, and the other way round. */
function newestOf(order: PushOrder, { newestSidecarPushes = {} }: ServiceMemory): Partial<ServiceMemory> {
  if (order.sidecar === undefined) return { newestPush: order };
  return { newestSidecarPushes: { ...newestSidecarPushes, [order.sidecar]: order } };
}

export function getTriedDigest(
  table: Table,
  service: string,
  digest: string,
): Promise<TriedDigest | undefined> {
  return table.getItem<TriedDigest>(digestKey(service, digest));
}

export function getLastGood(table: Table, service: string): Promise<LastGood | undefined> {
  return table.getItem<LastGood>({ pk: partition(service), sk: LAST_GOOD });
}

/** The write that keeps automation from a digest that a person has stepped back from, however well it did at first. */
export function rememberStepBack(service: string, tried: Omit<TriedDigest, 'outcome'>): TableWrite {
  return { put: { ...digestKey(service, tried.digest), outcome: 'ROLLBACK_SUCCESSFUL', ...tried } };
}

/** The writes that remember how every digest did that was moved, and, if they did well, that they are the ones to go back to. */
export function rememberOutcome(deployment: Deployment, outcome: Outcome): TableWrite[] {
  const { service, deploymentId, image, images = {}, revisionArn } = deployment;
  const digests = new Set([image, ...Object.values(images)].map(({ digest }) => digest));
  const tried = [...digests].map(
    (digest): TableWrite => ({
      put: { ...digestKey(service, digest), digest, outcome, deploymentId },
    }),
  );
  if (outcome !== 'SUCCESSFUL') return tried;
  const lastGood: LastGood = { deploymentId, image, images, revisionArn, side: deployment.green.service };
  return [...tried, { put: { pk: partition(service), sk: LAST_GOOD, ...lastGood } }];
}
