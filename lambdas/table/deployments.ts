/** The history: one item per deployment, complete from the moment it was resolved. */
import type { Key, Table, TableWrite } from '../aws/dynamodb.ts';
import { type Deployment, isAnswer, type Progress, type Signal, serviceOf } from '../common/deployment.ts';
import { BadInput, UnknownDeployment } from '../common/errors.ts';

export const deploymentKey = (deploymentId: string): Key => {
  const service = serviceOf(deploymentId);
  if (!service) {
    throw new BadInput(`'${deploymentId}' is no deployment id; ids look like orders-20261121t034211z-1f2e3d`);
  }
  return { pk: `service#${service}`, sk: `deployment#${deploymentId}` };
};

/** @throws UnknownDeployment */
export async function getDeployment(table: Table, deploymentId: string): Promise<Deployment> {
  const found = await table.getItem<Deployment>(deploymentKey(deploymentId));
  if (!found) throw new UnknownDeployment(`there is no deployment ${deploymentId} in the history`);
  return found;
}

/** Every deployment of a service, oldest first. */
export async function queryDeployments(table: Table, service: string): Promise<Deployment[]> {
  const items = await table.query<Deployment & Key>(`service#${service}`);
  return items.filter(({ sk }) => sk.startsWith('deployment#')).sort((a, b) => a.startedAtMs - b.startedAtMs);
}

/** The deployments of a service that began at `sinceMs` or later, newest first: at most `limit`, all if absent. */
export async function queryNewestDeployments(
  table: Table,
  service: string,
  { sinceMs = 0, limit }: { readonly sinceMs?: number; readonly limit?: number },
): Promise<Deployment[]> {
  const prefix = `deployment#${service}-`;
  // An id has its start in it, in whole seconds: `orders-20261121t034211z-1f2e3d`.
  const since = new Date(sinceMs).toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '').toLowerCase();
  const range = { from: `${prefix}${since}`, to: `${prefix}~`, newestFirst: true, limit };
  const found = await table.query<Deployment>(`service#${service}`, range);
  return found
    .filter(({ startedAtMs }) => startedAtMs >= sinceMs)
    .sort((a, b) => b.startedAtMs - a.startedAtMs);
}

/**
 * Writes the record of a new deployment; one that is there already stays (the step was run before). If that first try
 * was cut off before its deployment began, and this one has found nothing to do, the record still ends here.
 * @param also what is written with a new record, or not at all
 */
export async function createDeployment(
  table: Table,
  deployment: Deployment,
  ...also: readonly TableWrite[]
): Promise<void> {
  const isNew = await table.write(
    {
      put: { ...deploymentKey(deployment.deploymentId), ...deployment },
      condition: { expression: 'attribute_not_exists(#pk)' },
    },
    ...also,
  );
  const { deploymentId, outcome, reason = '', endedAtMs = 0 } = deployment;
  if (isNew || !outcome) return;
  const notBegun = {
    expression: 'attribute_not_exists(#outcome) AND #stages = :none',
    values: { none: {} },
  };
  await table.write({ ...endOf(deploymentId, { outcome, reason, endedAtMs }), condition: notBegun });
}

/**
 * Adds a person's word to a deployment that has not ended. Words that count once are kept under the key of what they
 * answer, so that of two at the same moment one is refused.
 * @param also what is written with it, or not at all
 */
export function recordSignal(
  table: Table,
  { deploymentId }: Deployment,
  signal: Signal,
  ...also: readonly TableWrite[]
): Promise<boolean> {
  const { name, atMs, trafficStep = 0 } = signal;
  const key = isAnswer(signal) ? `answer_${trafficStep}` : `${name}_${Math.floor(atMs)}`;
  return table.write(
    {
      update: deploymentKey(deploymentId),
      set: { [`signals.${key}`]: signal },
      condition: { expression: `attribute_not_exists(#outcome) AND attribute_not_exists(#signals.#${key})` },
    },
    ...also,
  );
}

/**
 * What was seen while a deployment waits, or answers a hook of ECS: notes only, so the execution that holds the lock is
 * not asked. @returns false if the deployment has ended meanwhile
 */
export function noteProgress(
  table: Table,
  { deploymentId }: Pick<Deployment, 'deploymentId'>,
  notes: Partial<Omit<Progress, 'stages'>>,
): Promise<boolean> {
  return table.write({
    update: deploymentKey(deploymentId),
    set: notes,
    condition: { expression: 'attribute_exists(#pk) AND attribute_not_exists(#outcome)' },
  });
}

/** The write that ends a deployment. */
export function endOf(
  deploymentId: string,
  end: { outcome: string; reason: string; endedAtMs: number; successor?: string },
): Extract<TableWrite, { update: Key }> {
  return {
    update: deploymentKey(deploymentId),
    set: { ...end },
    condition: { expression: 'attribute_exists(#pk)' },
  };
}

/** Lets DynamoDB remove a record after a time; nothing is written if that is known. A record that is gone stays so. */
export async function expireDeployment(
  table: Table,
  deploymentId: string,
  expiresAtSeconds: number,
): Promise<void> {
  await table.write({
    update: deploymentKey(deploymentId),
    set: { expiresAtSeconds },
    condition: {
      expression:
        'attribute_exists(#pk) AND (attribute_not_exists(#expiresAtSeconds) OR #expiresAtSeconds <> :expires)',
      values: { expires: expiresAtSeconds },
    },
  });
}
