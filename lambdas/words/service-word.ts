/** A word about a service: it rests, until a time or until somebody takes the word back. */
import type { Sfn } from '../aws/sfn.ts';
import { BadInput, SignalRefused } from '../common/errors.ts';
import type { SignalInput } from '../common/signal-input.ts';
import type { Ground } from '../common/step.ts';
import type { WakePorts } from '../common/wake.ts';
import type { Identity } from '../decisions/identity.ts';
import { pauses } from '../decisions/signals.ts';
import { getDeployment } from '../table/deployments.ts';
import { getLock } from '../table/locks.ts';
import { freeze, getRestraints, type Restraints, resume, suspend, unfreeze } from '../table/restraints.ts';
import { type DeploymentWord, tellDeployment } from './deployment-word.ts';
import { wakeWaiting } from './wake-waiting.ts';

type Ports = WakePorts & Ground & { readonly sfn: Sfn };

/** A freeze that nobody ends is a mistake. */
const FREEZE_DAYS_MAX = 90;

export interface Rests extends Restraints {
  readonly service: string;
}

/** `freeze`, `unfreeze` and `suspend`. @throws SignalRefused, BadInput */
export async function restrain(
  { service, signal, reason = '', untilMs = 0 }: SignalInput,
  caller: Identity,
  ports: Ports,
): Promise<Rests> {
  const { table, now } = ports;
  const said = { ...caller, atMs: now() };
  if (signal === 'freeze') {
    requireSoon(untilMs, said.atMs);
    await freeze(table, service, { ...said, why: reason, untilMs });
  } else if (signal === 'suspend') await suspend(table, service, { ...said, why: reason });
  else {
    const lifted = await unfreeze(table, service, { ...said, why: reason || undefined });
    if (!lifted) throw new SignalRefused(`${service} is not frozen`);
    await wakeWaiting(service, ports);
  }
  ports.log.info('service restrained', { service, word: signal, by: caller.by });
  return { service, ...(await getRestraints(table, service)) };
}

function requireSoon(untilMs: number, nowMs: number): void {
  const days = (untilMs - nowMs) / 86_400_000;
  if (days > 0 && days <= FREEZE_DAYS_MAX) return;
  const found = new Date(untilMs).toISOString();
  throw new BadInput(`until is ${found}; it must be in the future, at most ${FREEZE_DAYS_MAX} days from now`);
}

export interface Resumed {
  readonly service: string;
  /** Whether the service was suspended. */
  readonly lifted: boolean;
  /** The deployment that paused, and goes on. */
  readonly deploymentId?: string;
}

/** `resume`: a suspended service deploys by itself again, and a deployment that pauses goes on. @throws SignalRefused if neither is */
export async function resumeService(asked: DeploymentWord, caller: Identity, ports: Ports): Promise<Resumed> {
  const { service, reason } = asked;
  const lifted = await resume(ports.table, service, { ...caller, atMs: ports.now(), why: reason });
  if (!lifted || (await isPaused(service, ports))) {
    const { deploymentId } = await tellDeployment(asked, caller, ports).catch((error: unknown) => {
      if (!(error instanceof SignalRefused) || lifted) throw error;
      throw new SignalRefused(`${service} is not suspended, and ${error.message}`);
    });
    return { service, lifted, deploymentId };
  }
  ports.log.info('service resumed', { service, by: caller.by });
  await wakeWaiting(service, ports);
  return { service, lifted };
}

async function isPaused(service: string, { table }: Ports): Promise<boolean> {
  const lock = await getLock(table, service);
  return lock !== undefined && pauses(await getDeployment(table, lock.deploymentId));
}
