/** The journal: what a deployment is about to do, written before it is done, and only by the execution that holds the lock. */
import type { Condition, Table } from '../aws/dynamodb.ts';
import type { Deployment, Progress } from '../common/deployment.ts';
import { LockLost } from '../common/errors.ts';
import { stopError } from '../common/stop.ts';
import { mayStart } from '../decisions/orders.ts';
import { withTrafficWrites } from '../decisions/traffic-writes.ts';
import { deploymentKey, getDeployment } from './deployments.ts';
import { heldBy, lockKey } from './locks.ts';

/** Top-level members of the record that a step may change. */
export type Changes = Partial<Omit<Progress, 'stages'>>;

export interface Journal {
  /** The record as this step knows it: as read, with every change written since. */
  readonly deployment: Deployment;
  /** Notes that the step begins, and what it is about to do. @throws LockLost if another execution holds the lock */
  intend(changes?: Changes): Promise<void>;
  /**
   * The same for the intent to move traffic: not if the deployment was told meanwhile to give way, so that either this is
   * written or that is. @throws LockLost, DeploymentSuperseded, GroupSteppedBack
   */
  commit(changes: Changes): Promise<void>;
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

/** Nobody has told the deployment to give way, or to step back with its group. */
const MAY_GO_ON: Condition = {
  expression: 'attribute_not_exists(#supersededBy) AND attribute_not_exists(#steppedBackWith)',
};

export function openJournal(read: Deployment, { table, now, executionArn, state }: JournalEntry): Journal {
  let deployment = read;
  const write = async (
    stage: Progress['stages'][string],
    changes: Changes,
    condition?: Condition,
  ): Promise<void> => {
    const held = await table.write(
      {
        update: deploymentKey(deployment.deploymentId),
        set: { ...changes, [`stages.${state}`]: stage },
        condition,
      },
      { check: lockKey(deployment.service), condition: heldBy(deployment.deploymentId, executionArn) },
    );
    if (!held && condition) {
      const verdict = mayStart(state, await getDeployment(table, deployment.deploymentId), now());
      if (verdict.stop) throw stopError(verdict);
    }
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
    commit: (changes) => write({ intendedAtMs: intendedAt() }, changes, MAY_GO_ON),
    done: (changes = {}) =>
      write({ intendedAtMs: intendedAt(), doneAtMs: now() }, withTrafficWrites(deployment, changes)),
  };
}
