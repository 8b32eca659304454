/** Before a side is stopped: its weight is 0 on a fresh read, and has been for the propagation time. */
import type { Elbv2 } from '../aws/elbv2.ts';
import { describeWeights, percentOf } from '../decisions/weights.ts';
import type { Deployment, ResolvedSide } from './deployment.ts';
import { ListenerChangedByOthers, ShiftNotSettledYet } from './errors.ts';
import { productionPlaces, readWeights } from './places.ts';

/**
 * A throttled write is not done, and a rule's old weights serve on for a while after a write: neither is guessed at.
 * @param writtenAtMs when the last write that took the side's weight was made
 * @param settleSeconds how long after it the side may still get requests
 * @throws ListenerChangedByOthers if the side has weight
 * @throws ShiftNotSettledYet if it lost it less than the propagation time ago
 */
export async function requireSettled(
  side: ResolvedSide,
  { configuration }: Deployment,
  { writtenAtMs, settleSeconds }: { writtenAtMs: number; settleSeconds: number },
  { elbv2, now }: { elbv2: Elbv2; now: () => number },
): Promise<void> {
  const live = await readWeights(elbv2, productionPlaces(configuration.traffic));
  const serving = live.find(({ weights }) => percentOf(weights, side.targetGroup) > 0);
  if (serving) {
    throw new ListenerChangedByOthers(
      `${serving.arn} has ${describeWeights(serving.weights)}: ${side.service} serves and is not stopped`,
    );
  }
  const settledAtMs = writtenAtMs + settleSeconds * 1000;
  if (now() < settledAtMs) {
    const seconds = Math.ceil((settledAtMs - now()) / 1000);
    throw new ShiftNotSettledYet(`${side.service} lost its traffic just now; it is stopped in ${seconds} s`);
  }
}
