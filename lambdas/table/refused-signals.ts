/** Words that were refused, beside those that count: the newest few of a deployment, and how many there were. */
import type { Table } from '../aws/dynamodb.ts';
import type { Deployment, Signal } from '../common/deployment.ts';
import { deploymentKey, getDeployment } from './deployments.ts';

/** An item has an end (400 KB), and whoever may speak may speak often. */
export const REFUSED_KEPT_MAX = 20;

/** Two at the same moment: the second looks again. */
const ROUNDS_MAX = 5;

/** Whether the deployment has ended makes no difference: a late word is worth knowing of too. */
export async function recordRefusal(
  table: Table,
  { deploymentId }: Pick<Deployment, 'deploymentId'>,
  signal: Signal,
  refused: string,
): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { refusedSignals = [], refusedCount = 0 } = await getDeployment(table, deploymentId);
    const written = await table.write({
      update: deploymentKey(deploymentId),
      set: {
        refusedSignals: [...refusedSignals, { ...signal, refused }].slice(-REFUSED_KEPT_MAX),
        refusedCount: refusedCount + 1,
      },
      condition:
        refusedCount === 0
          ? { expression: 'attribute_exists(#pk) AND attribute_not_exists(#refusedCount)' }
          : { expression: '#refusedCount = :was', values: { was: refusedCount } },
    });
    if (written) return;
  }
}
