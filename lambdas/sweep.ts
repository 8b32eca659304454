/** Each minute: looks at every lock and every waiting place, repairs what a lost event left, and has every wait look again. */
import { type Sfn, sfn } from './aws/sfn.ts';
import { type Ssm, ssm } from './aws/ssm.ts';
import { environment, metricsNamespace } from './common/config.ts';
import { measureStanding } from './common/gauges.ts';
import { recover } from './common/recovery.ts';
import type { Runtime } from './common/runtime.ts';
import { type Ground, messageOf, onLambda, type Reaction, reaction } from './common/step.ts';
import { EVERY_WAIT } from './common/wait-keys.ts';
import { WAKE_PORTS, type WakePorts } from './common/wake.ts';
import { judgeCalendar } from './decisions/calendar.ts';
import { stillAwaits } from './resolution/predecessors.ts';
import { type Lock, queryLocks } from './table/locks.ts';
import { queryOpenWaits } from './table/open-waits.ts';
import { getRestraints } from './table/restraints.ts';
import { executionNameOf, inputOf, noteHold, queryWaiting, type Waiting } from './table/waiting-place.ts';

const namespace = ({ env }: Runtime): string => metricsNamespace(environment(env).configurationPrefix);
type SweepPorts = WakePorts & { readonly sfn: Sfn; readonly ssm: Ssm; readonly namespace: string };
type Ports = SweepPorts & Ground;

const sweep: Reaction<SweepPorts> = async (_event, ports) => {
  const waits = await queryOpenWaits(ports.table);
  if (waits.length > 0) await ports.lambda.invokeLater(ports.wakeFunction, EVERY_WAIT);
  const locks = await queryLocks(ports.table);
  const recovered = await recoverDead(locks, ports);
  const waiting = await queryWaiting(ports.table);
  const called = await callForgotten(waiting, ports);
  await measureStanding({ locks, waiting }, ports);
  return { recovered, called };
};

export const create = reaction('Sweep', sweep, { ...WAKE_PORTS, namespace, sfn, ssm });
export const handler = onLambda(create);

/** Locks whose execution has died: its status event may have been lost. */
async function recoverDead(locks: readonly Lock[], ports: Ports): Promise<number> {
  let recovered = 0;
  for (const lock of locks) {
    const done = await quietly(() => recover(lock, ports), ports, lock.deploymentId);
    if (done) recovered += 1;
  }
  return recovered;
}

/** Deployments that wait although the lock is free: whoever released it died before it could call them. */
async function callForgotten(forgotten: readonly Waiting[], ports: Ports): Promise<number> {
  const locked = new Set((await queryLocks(ports.table)).map(({ service }) => service));
  let called = 0;
  for (const waiting of forgotten) {
    if (locked.has(waiting.service)) continue;
    const done = await quietly(() => call(waiting, ports), ports, waiting.deploymentId);
    if (done) called += 1;
  }
  return called;
}

async function call(waiting: Waiting, ports: Ports): Promise<boolean> {
  if ((await isHeld(waiting, ports)) || (await stillAwaits(waiting, ports))) return false;
  return ports.sfn.startExecution(executionNameOf(waiting, ports.now()), inputOf(waiting));
}

/**
 * Whether a window or a freeze, as they are now, still keeps a deployment that waits for one: an execution each minute
 * would only find the same. What it waits for is noted anew if it has changed.
 */
async function isHeld(waiting: Waiting, { table, ssm, now }: Ports): Promise<boolean> {
  const { service, notBeforeMs, waitsFor } = waiting;
  if (notBeforeMs === undefined || notBeforeMs <= now()) return false;
  const [configuration, { frozen }] = await Promise.all([
    ssm.getConfiguration(service),
    getRestraints(table, service),
  ]);
  const verdict = judgeCalendar({ windows: configuration?.windows ?? [], frozen }, now());
  if (verdict.open) return false;
  if (verdict.waitsFor !== waitsFor)
    await noteHold(table, waiting, {
      notBeforeMs: verdict.opensAtMs ?? notBeforeMs,
      waitsFor: verdict.waitsFor,
    });
  return true;
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
