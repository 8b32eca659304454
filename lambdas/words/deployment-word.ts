/** A word to a deployment that is under way: recorded with who said it, then its open wait looks again. */
import { type Deployment, isAnswer, type Signal, type SignalName } from '../common/deployment.ts';
import { SignalRefused } from '../common/errors.ts';
import type { SignalInput } from '../common/signal-input.ts';
import type { Ground } from '../common/step.ts';
import { type WakePorts, wakeWaitOf } from '../common/wake.ts';
import { type Identity, judgeApprover } from '../decisions/identity.ts';
import { judgeSignal } from '../decisions/signals.ts';
import { getDeployment, queryNewestDeployments, recordSignal } from '../table/deployments.ts';
import { getLock } from '../table/locks.ts';
import { recordRefusal } from '../table/refused-signals.ts';
import { suspensionOf } from '../table/restraints.ts';

/** A word that a deployment understands. */
export type DeploymentWord = SignalInput & { readonly signal: SignalName };

/**
 * @returns the deployment that was told
 * @throws SignalRefused, also if none is under way: then the service's last deployment keeps the word
 */
export async function tellDeployment(
  asked: DeploymentWord,
  caller: Identity,
  ports: WakePorts & Ground,
): Promise<{ readonly deploymentId: string }> {
  const found = await deploymentOf(asked, ports);
  const { deployment } = found;
  const signal = signalOf(asked, caller, deployment, ports.now());
  const problem = found.isUnderWay ? problemWith(signal, deployment) : noneUnderWay(asked.service);
  if (problem !== undefined) return refuse(deployment, signal, problem, ports);
  const alsoSuspends = signal.name === 'rollback' ? suspensionBy(signal, deployment) : [];
  if (!(await recordSignal(ports.table, deployment, signal, ...alsoSuspends))) {
    const reason = `${deployment.deploymentId} has ended, or another answered at the same moment`;
    return refuse(deployment, signal, reason, ports);
  }
  const { deploymentId } = deployment;
  ports.log.info('signal recorded', { deploymentId, signal: signal.name, by: signal.by });
  await wakeWaitOf(deploymentId, ports);
  return { deploymentId };
}

interface Found {
  readonly deployment: Deployment;
  readonly isUnderWay: boolean;
}

const noneUnderWay = (service: string): string => `no deployment of ${service} is under way`;

/** By its id, or the one that holds the service's lock, or else the last one. @throws SignalRefused if there was never any */
async function deploymentOf({ service, deploymentId }: SignalInput, { table }: Ground): Promise<Found> {
  if (deploymentId !== undefined)
    return { deployment: await getDeployment(table, deploymentId), isUnderWay: true };
  const lock = await getLock(table, service);
  if (lock) return { deployment: await getDeployment(table, lock.deploymentId), isUnderWay: true };
  const [last] = await queryNewestDeployments(table, service, { limit: 1 });
  if (!last) throw new SignalRefused(noneUnderWay(service));
  return { deployment: last, isUnderWay: false };
}

function signalOf(
  asked: DeploymentWord,
  { by, session }: Identity,
  { trafficStep, openGate }: Deployment,
  atMs: number,
): Signal {
  return {
    name: asked.signal,
    by,
    session,
    atMs,
    reason: asked.reason,
    digest: asked.digest ?? openGate?.digest,
    trafficStep: openGate && isAnswer({ name: asked.signal }) ? openGate.trafficStep : trafficStep,
    all: asked.all,
    force: asked.force,
  };
}

function problemWith(signal: Signal, deployment: Deployment): string | undefined {
  if (isAnswer(signal)) {
    const verdict = judgeApprover(signal.by, deployment.configuration.approvers);
    if (!verdict.may) return verdict.reason;
  }
  const verdict = judgeSignal(signal, deployment);
  return verdict.accepted ? undefined : verdict.reason;
}

/** A rollback is not undone by the next push. */
const suspensionBy = ({ by, session, atMs, reason }: Signal, { service, deploymentId }: Deployment) =>
  suspensionOf(service, {
    why: reason ?? `${deploymentId} was rolled back`,
    by,
    session,
    atMs,
    deploymentId,
  });

async function refuse(
  deployment: Deployment,
  signal: Signal,
  reason: string,
  { table, log }: Ground,
): Promise<never> {
  await recordRefusal(table, deployment, signal, reason);
  log.info('signal refused', {
    deploymentId: deployment.deploymentId,
    signal: signal.name,
    by: signal.by,
    reason,
  });
  throw new SignalRefused(reason);
}
