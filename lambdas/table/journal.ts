/** The journal: what a deployment is about to do, written before it is done, and only by the execution that holds the lock. */
import type { Table } from '../aws/dynamodb.ts';
import type { Deployment, Progress } from '../common/deployment.ts';
import { LockLost } from '../common/errors.ts';
import { deploymentKey } from './deployments.ts';
import { heldBy, lockKey } from './locks.ts';

/** Top-level members of the record that a step may change. */
export type Changes = Partial<Omit<Progress, 'stages'>>;

export interface Journal {
  /** The record as this step knows it: as read, with every change written since. */
  readonly deployment: Deployment;
  /** Notes that the step begins, and what it is about to do. @throws LockLost if another execution holds the lock */
  intend(changes?: Changes): Promise<void>;
  /** Notes that the step is done, and what came of it. @throws LockLost */
  done(changes?: Changes): Promise<void>;
}

export interface JournalEntry {
  readonly table: Table;
  readonly now: () => number;
  readonly executionArn: string;
  /** The state's name; `stages` in the record are kept under it. */
  readonly state: string;
}

export function openJournal(read: Deployment, { table, now, executionArn, state }: JournalEntry): Journal {
  let deployment = read;
  const write = async (stage: Progress['stages'][string], changes: Changes): Promise<void> => {
    const held = await table.write(
      {
        update: deploymentKey(deployment.deploymentId),
        set: { ...changes, [`stages.${state}`]: stage },
      },
      { check: lockKey(deployment.service), condition: heldBy(deployment.deploymentId, executionArn) },
    );
    if (!held) {
      throw new LockLost(
        `execution ${executionArn} no longer holds the lock of ${deployment.service} for ${deployment.deploymentId}; nothing was done`,
      );
    }
    deployment = { ...deployment, ...changes, stages: { ...deployment.stages, [state]: stage } };
  };
  const intendedAt = (): number => deployment.stages[state]?.intendedAtMs ?? now();
  return {
    get deployment() {
      return deployment;
    },
    intend: (changes = {}) => write({ intendedAtMs: intendedAt() }, changes),
    done: (changes = {}) => write({ intendedAtMs: intendedAt(), doneAtMs: now() }, changes),
  };
}
