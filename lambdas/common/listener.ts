/** Writing weights: read, compare with the recorded intent, write only what is missing. */
import type { Elbv2 } from '../aws/elbv2.ts';
import { judgeDrift, withWeights } from '../decisions/weights.ts';
import type { ListenerWeights, ListenerWrite, Weights } from './deployment.ts';
import { ListenerChangedByOthers } from './errors.ts';
import { weightsIn } from './places.ts';

/**
 * Brings every place of a recorded write from `from` to `to`. Places that are there already are left alone, so a
 * write whose answer was lost is made once. All places are compared before the first is written.
 * @throws ListenerChangedByOthers if any place is neither: then nothing is written
 */
export async function writeWeights(elbv2: Elbv2, write: ListenerWrite): Promise<void> {
  const places = await elbv2.describePlaces(write.to.map(({ arn }) => arn));
  const verdict = judgeDrift(weightsIn(places), write);
  if (!verdict.ours) throw new ListenerChangedByOthers(verdict.reason);
  for (const { arn, weights } of verdict.toWrite) {
    const actions = places.find((place) => place.arn === arn)?.actions ?? [];
    await elbv2.modifyPlace({ arn, actions: withWeights(actions, weights) });
  }
}

/** The same weights for every place. */
export function everywhere(
  places: readonly ListenerWeights[],
  weights: (live: Weights) => Weights,
): ListenerWeights[] {
  return places.map(({ arn, weights: live }) => ({ arn, weights: weights(live) }));
}
