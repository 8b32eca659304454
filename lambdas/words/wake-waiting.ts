/** Gives the deployment that waits its turn, once what held it back has been taken back. */

import type { Table } from '../aws/dynamodb.ts';
import type { Sfn } from '../aws/sfn.ts';
import { getLock } from '../table/locks.ts';
import { executionNameOf, getWaiting, inputOf } from '../table/waiting-place.ts';

/** Nothing to do while another deployment is under way: that one calls it. The sweep does, should this fail. */
export async function wakeWaiting(
  service: string,
  { table, sfn, now }: { readonly table: Table; readonly sfn: Sfn; readonly now: () => number },
): Promise<void> {
  const [lock, waiting] = await Promise.all([getLock(table, service), getWaiting(table, service)]);
  if (!lock && waiting) await sfn.startExecution(executionNameOf(waiting, now()), inputOf(waiting));
}
