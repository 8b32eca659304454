/** Where a service's production weights are written. */
import type { Elbv2, ListenerPlace } from '../aws/elbv2.ts';
import { weightsOf } from '../decisions/weights.ts';
import type { ListenerWeights } from './deployment.ts';
import type { Traffic } from './service.ts';

/** ARNs of the rules, or of the listener whose default action forwards; none if Sidestep moves no traffic. */
export function productionPlaces(traffic: Traffic | undefined): readonly string[] {
  if (!traffic) return [];
  return 'rules' in traffic ? traffic.rules : [traffic.listener];
}

/** The weights in the actions of places that were read. */
export const weightsIn = (places: readonly ListenerPlace[]): ListenerWeights[] =>
  places.map(({ arn, actions }) => ({ arn, weights: weightsOf(actions) }));

/** The live weights of places, read now. */
export async function readWeights(elbv2: Elbv2, arns: readonly string[]): Promise<ListenerWeights[]> {
  return weightsIn(await elbv2.describePlaces(arns));
}
