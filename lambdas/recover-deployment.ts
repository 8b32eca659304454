/** An execution ended: if it died with the lock in its hand, its deployment is recovered. */
import { type Sfn, sfn } from './aws/sfn.ts';
import { recover } from './common/recovery.ts';
import { onLambda, type Reaction, reaction } from './common/step.ts';
import { queryLocks } from './table/locks.ts';

const recoverDeployment: Reaction<{ sfn: Sfn }> = async (event, ports) => {
  const { executionArn } = (event as { detail?: { executionArn?: string } }).detail ?? {};
  const locks = await queryLocks(ports.table);
  const lock = locks.find((held) => held.executionArn === executionArn);
  return { recovering: lock !== undefined && (await recover(lock, ports)) };
};

export const create = reaction('RecoverDeployment', recoverDeployment, { sfn });
export const handler = onLambda(create);
