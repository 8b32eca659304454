/** A person's word to a deployment that is under way: recorded with who said it, then every open wait looks again. */
import { type Deployment, isAnswer, type Signal } from './common/deployment.ts';
import { SignalRefused } from './common/errors.ts';
import { parseSignal } from './common/signal-input.ts';
import { type Ground, onLambda, type Reaction, reaction } from './common/step.ts';
import { judgeSignal } from './decisions/signals.ts';
import { getDeployment, recordSignal } from './table/deployments.ts';
import { getLock } from './table/locks.ts';
import { queryOpenWaits } from './table/open-waits.ts';
import { LOOK_PORTS, type LookPorts, lookAgain } from './waits/looks.ts';

const signalDeployment: Reaction<Omit<LookPorts, 'table' | 'log' | 'now'>> = async (event, ports) => {
  const asked = parseSignal(event);
  const deployment = await deploymentOf(asked, ports);
  const { trafficStep, openGate } = deployment;
  const signal: Signal = {
    name: asked.signal,
    by: asked.by,
    atMs: ports.now(),
    reason: asked.reason,
    digest: asked.digest ?? openGate?.digest,
    trafficStep: openGate && isAnswer({ name: asked.signal }) ? openGate.trafficStep : trafficStep,
    all: asked.all,
    force: asked.force,
  };
  const verdict = judgeSignal(signal, deployment);
  if (!verdict.accepted) throw new SignalRefused(verdict.reason);
  if (!(await recordSignal(ports.table, deployment, signal)))
    throw new SignalRefused(`${deployment.deploymentId} has ended, or another answered at the same moment`);
  ports.log.info('signal recorded', {
    deploymentId: deployment.deploymentId,
    signal: signal.name,
    by: signal.by,
  });
  const waits = await queryOpenWaits(ports.table);
  await lookAgain(
    waits.filter(({ deploymentId }) => deploymentId === deployment.deploymentId),
    ports,
  );
  return { deploymentId: deployment.deploymentId, signal: signal.name };
};

export const create = reaction('SignalDeployment', signalDeployment, LOOK_PORTS);
export const handler = onLambda(create);

/** By its id, or the one that holds the service's lock. @throws SignalRefused if none is under way */
async function deploymentOf(
  { service, deploymentId }: { service?: string; deploymentId?: string },
  { table }: Ground,
): Promise<Deployment> {
  if (deploymentId !== undefined) return getDeployment(table, deploymentId);
  const lock = service === undefined ? undefined : await getLock(table, service);
  if (!lock) throw new SignalRefused(`no deployment of ${service} is under way`);
  return getDeployment(table, lock.deploymentId);
}
