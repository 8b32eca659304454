/** Each minute: looks at every open wait, every lock and every waiting place, and repairs what a lost event left. */
import { recover } from './common/recovery.ts';
import { type Ground, messageOf, onLambda, type Reaction, reaction } from './common/step.ts';
import { queryLocks } from './table/locks.ts';
import { queryOpenWaits } from './table/open-waits.ts';
import { executionNameOf, inputOf, queryWaiting } from './table/waiting-place.ts';
import { LOOK_PORTS, type LookPorts, lookAgain } from './waits/looks.ts';

type Ports = LookPorts & Ground;

const sweep: Reaction<Omit<LookPorts, 'table' | 'log' | 'now'>> = async (_event, ports) => {
  // The dead and the forgotten first: looks are many and slow, and the next sweep goes on with them.
  const recovered = await recoverDead(ports);
  const called = await callForgotten(ports);
  const waits = await queryOpenWaits(ports.table);
  await lookAgain(waits, ports);
  return { looked: waits.length, recovered, called };
};

export const create = reaction('Sweep', sweep, LOOK_PORTS);
export const handler = onLambda(create);

/** Locks whose execution has died: its status event may have been lost. */
async function recoverDead(ports: Ports): Promise<number> {
  let recovered = 0;
  for (const lock of await queryLocks(ports.table)) {
    const done = await quietly(() => recover(lock, ports), ports, lock.deploymentId);
    if (done) recovered += 1;
  }
  return recovered;
}

/** Deployments that wait although the lock is free: whoever released it died before it could call them. */
async function callForgotten(ports: Ports): Promise<number> {
  const locked = new Set((await queryLocks(ports.table)).map(({ service }) => service));
  let called = 0;
  for (const waiting of await queryWaiting(ports.table)) {
    if (locked.has(waiting.service)) continue;
    const start = () => ports.sfn.startExecution(executionNameOf(waiting, ports.now()), inputOf(waiting));
    const done = await quietly(start, ports, waiting.deploymentId);
    if (done) called += 1;
  }
  return called;
}

/** One service's trouble is not another's. */
async function quietly(act: () => Promise<boolean>, { log }: Ports, deploymentId: string): Promise<boolean> {
  try {
    return await act();
  } catch (error) {
    log.error('sweep could not repair', { deploymentId, reason: messageOf(error) });
    return false;
  }
}
