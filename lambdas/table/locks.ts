/** The lock: one deployment per service, held by an execution, with a fencing number that only grows. */
import type { Condition, Key, Table } from '../aws/dynamodb.ts';

export interface Lock {
  readonly service: string;
  readonly deploymentId: string;
  /** The execution that may act; anybody else's write is refused by the lock's condition. */
  readonly executionArn: string;
  /** Grows with every acquisition and take-over. */
  readonly fencing: number;
  readonly acquiredAtMs: number;
  /** How often the deployment was taken over from an execution that died. */
  readonly recoveryCount: number;
  /** Why the lock waits for a person: automation does not take it over. */
  readonly heldBecause?: string;
}

const PARTITION = 'locks';

export const lockKey = (service: string): Key => ({ pk: PARTITION, sk: service });

export function getLock(table: Table, service: string): Promise<Lock | undefined> {
  return table.getItem<Lock>(lockKey(service));
}

export function queryLocks(table: Table): Promise<Lock[]> {
  return table.query<Lock>(PARTITION);
}

/** The condition that this execution holds the lock for this deployment. */
export function heldBy(deploymentId: string, executionArn: string): Condition {
  return {
    expression: '#deploymentId = :holderDeploymentId AND #executionArn = :holderExecutionArn',
    values: { holderDeploymentId: deploymentId, holderExecutionArn: executionArn },
  };
}

/** Takes a lock over from `from`, unless it has changed hands since it was read. */
export function takeOver(table: Table, from: Lock, executionArn: string): Promise<boolean> {
  return table.write({
    update: lockKey(from.service),
    set: {
      executionArn,
      fencing: from.fencing + 1,
      recoveryCount: from.recoveryCount + 1,
      heldBecause: undefined,
    },
    condition: {
      expression: '#executionArn = :was AND #fencing = :fencing',
      values: { was: from.executionArn, fencing: from.fencing },
    },
  });
}
