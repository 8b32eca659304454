/** The word `rollback`: to the deployment that is under way or stands by, or else as a deployment of its own. */
import type { Sfn } from '../aws/sfn.ts';
import type { Deployment } from '../common/deployment.ts';
import { SignalRefused } from '../common/errors.ts';
import type { Ground } from '../common/step.ts';
import type { WakePorts } from '../common/wake.ts';
import type { Identity } from '../decisions/identity.ts';
import { getDeployment } from '../table/deployments.ts';
import { getLock, type Lock } from '../table/locks.ts';
import { noteWord } from '../table/restraints.ts';
import { type DeploymentWord, tellDeployment } from './deployment-word.ts';

type Ports = WakePorts & Ground & { readonly sfn: Sfn };

export type RolledBack =
  /** The deployment that steps back. */
  | { readonly deploymentId: string }
  /** The name of the execution that brings the earlier version back. */
  | { readonly execution: string };

/**
 * While blue is whole it is one write to the listener; otherwise a deployment of the last version that was good, or of
 * the named one, begins. Either way the service is suspended. @throws SignalRefused
 */
export async function rollBack(asked: DeploymentWord, caller: Identity, ports: Ports): Promise<RolledBack> {
  const lock = await getLock(ports.table, asked.service);
  if (asked.deploymentId !== undefined) return tellDeployment(asked, caller, ports);
  if (!lock) return startRollback(asked, caller, ports);
  const deployment = await getDeployment(ports.table, lock.deploymentId);
  requireFree(lock, deployment, asked);
  const isBlueWhole = !deployment.pointOfNoReturn;
  return isBlueWhole && asked.to === undefined
    ? tellDeployment(asked, caller, ports)
    : startRollback(asked, caller, ports);
}

/** @throws SignalRefused if the deployment that has the lock would not let go of it */
function requireFree(
  { heldBecause }: Lock,
  { deploymentId, succeededAtMs }: Deployment,
  { to }: DeploymentWord,
): void {
  if (heldBecause) {
    throw new SignalRefused(
      `the lock of ${deploymentId} waits for a person: ${heldBecause}; start the machine with {"recover": "${deploymentId}"} first`,
    );
  }
  if (to !== undefined && !succeededAtMs)
    throw new SignalRefused(`${deploymentId} is under way: abort it, and then roll back to ${to}`);
}

/** The execution finds who asked in the table, where only this function writes: its own input is anybody's to write. */
async function startRollback(
  { service, to, reason }: DeploymentWord,
  { by, session }: Identity,
  { table, sfn, now, log }: Ports,
): Promise<RolledBack> {
  const atMs = now();
  const said = await noteWord(table, {
    service,
    word: 'rollback',
    by,
    session,
    atMs,
    why: reason,
    deploymentId: to,
  });
  const execution = `rollback-${service}-${Math.floor(atMs)}`.slice(0, 80);
  const isStarted = await sfn.startExecution(execution, { service, rollback: to ?? true, said });
  if (!isStarted) throw new SignalRefused(`another rollback of ${service} was asked for at the same moment`);
  log.info('rollback started', { service, by, execution });
  return { execution };
}
