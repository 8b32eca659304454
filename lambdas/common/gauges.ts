/** Logs the figures of what stands still, as metrics of the whole stack; nothing is logged where nothing stands still. */
import type { Sfn } from '../aws/sfn.ts';
import { embedded } from '../decisions/metrics.ts';
import { isLastRecovery, standingOf } from '../decisions/standing.ts';
import type { Lock } from '../table/locks.ts';
import type { Waiting } from '../table/waiting-place.ts';
import type { Ground } from './step.ts';

type Ports = Pick<Ground, 'log' | 'now'> & { readonly sfn: Sfn; readonly namespace: string };

export async function measureStanding(
  { locks, waiting }: { readonly locks: readonly Lock[]; readonly waiting: readonly Waiting[] },
  { sfn, log, now, namespace }: Ports,
): Promise<void> {
  const last = locks.filter(isLastRecovery);
  const isRunning = await Promise.all(
    last.map(async ({ executionArn }) => (await sfn.describeExecution(executionArn)) === 'RUNNING'),
  );
  const givenUp = last.filter((_, index) => !isRunning[index]);
  const measured = standingOf({ locks, givenUp, waiting }, now());
  if (measured.length === 0) return;
  log.warn('deployments stand still', embedded({ namespace, atMs: now(), sets: [[]], measured }));
}
