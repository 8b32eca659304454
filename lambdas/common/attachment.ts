/** The writes that let test requests, and health checks, reach green before any user does. */
import type { Elbv2 } from '../aws/elbv2.ts';
import type { Deployment, ListenerWrite } from './deployment.ts';
import { everywhere } from './listener.ts';
import { readWeights } from './places.ts';

/** Green's target group at weight 0 on every production place. */
export function attachmentOf({ green, liveWeights }: Deployment, nowMs: number): ListenerWrite {
  const to = everywhere(liveWeights, (live) => ({ ...live, [green.targetGroup]: 0 }));
  return { from: liveWeights, to, intendedAtMs: nowMs };
}

/** The test rule, if there is one, sends all its requests to green. */
export async function testTrafficOf(
  { configuration, blue, green }: Deployment,
  elbv2: Elbv2,
  nowMs: number,
): Promise<ListenerWrite | undefined> {
  const testRule = configuration.traffic?.testRule;
  if (!testRule) return undefined;
  const from = await readWeights(elbv2, [testRule]);
  const to = everywhere(from, (live) => ({ ...live, [blue.targetGroup]: 0, [green.targetGroup]: 100 }));
  return { from, to, intendedAtMs: nowMs };
}
