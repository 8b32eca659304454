/** Open waits: the task token of each state that waits, and what could wake it. Tokens are secret and stay here. */
import type { Key, Table, TableWrite } from '../aws/dynamodb.ts';
import { LockLost } from '../common/errors.ts';
import { heldBy, lockKey } from './locks.ts';

export interface OpenWait {
  readonly service: string;
  readonly deploymentId: string;
  readonly executionArn: string;
  /** The state that waits. */
  readonly state: string;
  readonly taskToken: string;
  /** ECS service ARNs, `alarm:name` and `image:digest`, whose events are worth a look. */
  readonly wokenBy: readonly string[];
  readonly openedAtMs: number;
  /** What the last look that found something new found wanting, in words: counts, such as `1 of 2 tasks run`. */
  readonly waitingFor?: string;
}

const PARTITION = 'waits';

const waitKey = (service: string): Key => ({ pk: PARTITION, sk: service });

export function queryOpenWaits(table: Table): Promise<OpenWait[]> {
  return table.query<OpenWait>(PARTITION);
}

/** A service has one deployment, and that one waits in one state: a new wait replaces what is left of the last. */
export async function openWait(table: Table, wait: OpenWait): Promise<void> {
  const isHolder = await table.write(
    { put: { ...waitKey(wait.service), ...wait } },
    { check: lockKey(wait.service), condition: heldBy(wait.deploymentId, wait.executionArn) },
  );
  // A late handler of an execution that died must not take the place of its recovery's wait.
  if (!isHolder)
    throw new LockLost(`execution ${wait.executionArn} no longer holds the lock of ${wait.service}`);
}

/** Notes what a wait waits for now, unless it is over. */
export async function noteWaitingFor(table: Table, wait: OpenWait, waitingFor: string): Promise<void> {
  await table.write({
    update: waitKey(wait.service),
    set: { waitingFor },
    condition: { expression: '#taskToken = :token', values: { token: wait.taskToken } },
  });
}

/** The write that removes whatever wait a service has left: nobody is waiting once the deployment has ended. */
export const clearWait = (service: string): TableWrite => ({ delete: waitKey(service) });

/** Removes a wait that is over, unless another has taken its place. */
export async function closeWait(table: Table, wait: OpenWait): Promise<void> {
  await table.write({
    delete: waitKey(wait.service),
    condition: { expression: '#taskToken = :token', values: { token: wait.taskToken } },
  });
}
