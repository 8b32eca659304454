/** Open waits that an order has ended are answered by whoever gave the order: at once, and without looking at AWS. */
import type { Deployment } from '../common/deployment.ts';
import { type Ground, messageOf } from '../common/step.ts';
import { getDeployment } from '../table/deployments.ts';
import { type OpenWait, queryOpenWaits } from '../table/open-waits.ts';
import { type Look, stillOpen } from './look.ts';
import { type AnswerPorts, answerWith, lookUnlessStopped } from './wait.ts';

type Ports = Ground & AnswerPorts;

/**
 * The sweep does the same within a minute, so that a failure here is only noted.
 * @param looks state → what else may have been decided there
 */
export async function nudge<P extends Ports>(
  isMeant: (wait: OpenWait) => boolean,
  looks: Readonly<Record<string, (deployment: Deployment, ports: P) => Promise<Look>>>,
  ports: P,
): Promise<void> {
  const waits = await queryOpenWaits(ports.table);
  for (const wait of waits.filter(isMeant)) {
    try {
      const deployment = await getDeployment(ports.table, wait.deploymentId);
      const look = looks[wait.state] ?? (async () => stillOpen(wait.waitingFor ?? ''));
      const seen = await lookUnlessStopped(wait.state, deployment, ports.now(), () =>
        look(deployment, ports),
      );
      if (!seen.open) await answerWith(seen, wait, ports);
    } catch (error) {
      ports.log.warn('a wait could not be told; the sweep will', {
        deploymentId: wait.deploymentId,
        reason: messageOf(error),
      });
    }
  }
}
