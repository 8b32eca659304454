/** Writing weights: read, compare with the recorded intent, write only what is missing. */
import type { Elbv2, ListenerPlace } from '../aws/elbv2.ts';
import { judgeDrift, placesToTakeBack, withWeights } from '../decisions/weights.ts';
import type { ListenerWeights, ListenerWrite, Weights } from './deployment.ts';
import { ListenerChangedByOthers, RulesNotSwapped } from './errors.ts';
import { weightsIn } from './places.ts';
import { messageOf } from './step.ts';

/**
 * Brings every place of a recorded write from `from` to `to`. Places that are there already are left alone, so a
 * write whose answer was lost is made once. All places are compared before the first is written, and one that cannot be
 * written does not keep the others from it.
 * @throws ListenerChangedByOthers if any place is neither: then nothing is written
 */
export async function writeWeights(elbv2: Elbv2, write: ListenerWrite): Promise<void> {
  const failures: unknown[] = [];
  for (const place of await placesToWrite(elbv2, write))
    await elbv2.modifyPlace(place).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/**
 * The same as one act, in the order of the places: if one cannot be written, those that were go back to `from` at once.
 * @throws ListenerChangedByOthers
 * @throws RulesNotSwapped if some had been written; what came in the way of the very first write is thrown as it is
 */
export async function writeAllOrNone(elbv2: Elbv2, write: ListenerWrite): Promise<void> {
  for (const place of await placesToWrite(elbv2, write)) {
    try {
      await elbv2.modifyPlace(place);
    } catch (cause) {
      if (await hasArrived(elbv2, place, write)) continue;
      const restored = await takeBack(elbv2, write);
      if (restored.length === 0) throw cause;
      const reason = `${place.arn} could not be written: ${messageOf(cause)}; ${restored.join(', ')} had been, and went back`;
      throw new RulesNotSwapped(reason, { cause });
    }
  }
}

/** All places are compared first, so that drift at the last one finds the first untouched. */
async function placesToWrite(elbv2: Elbv2, write: ListenerWrite): Promise<ListenerPlace[]> {
  const places = await readPlaces(elbv2, write);
  const verdict = judgeDrift(weightsIn(places), write);
  if (!verdict.ours) throw new ListenerChangedByOthers(verdict.reason);
  return verdict.toWrite.map((intended) => withWeightsOf(places, intended));
}

/** Whether only the answer was lost: the place has the weights that it was to get. */
async function hasArrived(elbv2: Elbv2, { arn }: ListenerPlace, write: ListenerWrite): Promise<boolean> {
  const verdict = judgeDrift(weightsIn(await readPlaces(elbv2, write)), write);
  return verdict.ours && !verdict.toWrite.some((place) => place.arn === arn);
}

/** Read anew: an earlier attempt that died may have written too. */
async function takeBack(elbv2: Elbv2, write: ListenerWrite): Promise<string[]> {
  const places = await readPlaces(elbv2, write);
  const written = placesToTakeBack(weightsIn(places), write);
  for (const place of written) await elbv2.modifyPlace(withWeightsOf(places, place));
  return written.map(({ arn }) => arn);
}

const readPlaces = (elbv2: Elbv2, { to }: ListenerWrite): Promise<ListenerPlace[]> =>
  elbv2.describePlaces(to.map(({ arn }) => arn));

function withWeightsOf(places: readonly ListenerPlace[], { arn, weights }: ListenerWeights): ListenerPlace {
  const actions = places.find((place) => place.arn === arn)?.actions ?? [];
  return { arn, actions: withWeights(actions, weights) };
}

/** The same weights for every place. */
export function everywhere(
  places: readonly ListenerWeights[],
  weights: (live: Weights) => Weights,
): ListenerWeights[] {
  return places.map(({ arn, weights: live }) => ({ arn, weights: weights(live) }));
}
