/** Which side is blue, and what share of the traffic each has and should have. Pure. */
import type { Deployment, ListenerWeights } from '../../lambdas/common/deployment.ts';
import type { ServiceConfiguration, Side } from '../../lambdas/common/service.ts';
import { judgeSides } from '../../lambdas/decisions/sides.ts';
import { percentOf } from '../../lambdas/decisions/weights.ts';
import type { PlaceStatus } from './facts.ts';

type Writes = Pick<Deployment, 'attach' | 'shift' | 'restore'>;

/** The weights that Sidestep last meant: of the newest record that came as far as meaning any. */
export function weightsMeant(newestFirst: readonly Writes[]): readonly ListenerWeights[] | undefined {
  const record = newestFirst.find(({ attach, shift, restore }) => attach ?? shift ?? restore);
  return (record?.restore ?? record?.shift ?? record?.attach)?.to;
}

/** Every place as it is, beside what was last meant for it. */
export function placesOf(
  live: readonly ListenerWeights[],
  meant: readonly ListenerWeights[] | undefined,
): PlaceStatus[] {
  return live.map(({ arn, weights }) => ({
    arn,
    weights,
    wanted: meant?.find((place) => place.arn === arn)?.weights,
  }));
}

/** A target group's shares over all places: the mean, to a tenth. */
export function sharesOf(
  targetGroupArn: string,
  places: readonly PlaceStatus[],
): { readonly percent?: number; readonly wantedPercent?: number } {
  const wanted = places.flatMap((place) => (place.wanted ? [percentOf(place.wanted, targetGroupArn)] : []));
  return {
    percent: mean(places.map(({ weights }) => percentOf(weights, targetGroupArn))),
    wantedPercent: wanted.length === places.length ? mean(wanted) : undefined,
  };
}

const mean = (numbers: readonly number[]): number | undefined =>
  numbers.length === 0
    ? undefined
    : Math.round((10 * numbers.reduce((sum, one) => sum + one, 0)) / numbers.length) / 10;

/** The deployment under way keeps its roles to its end; between deployments the live weights name blue. */
export function roleOf(
  side: Side,
  { sides }: Pick<ServiceConfiguration, 'sides'>,
  deployment: Pick<Deployment, 'blue' | 'green'> | undefined,
  live: readonly ListenerWeights[],
): 'blue' | 'green' | undefined {
  const [first, second] = sides;
  if (second === undefined) return undefined;
  const isSame = (other: Side): boolean =>
    other.targetGroup === side.targetGroup && other.service === side.service;
  if (deployment && isSame(deployment.blue)) return 'blue';
  if (deployment && isSame(deployment.green)) return 'green';
  if (live.length === 0) return undefined;
  const judged = judgeSides(live, [first, second]);
  if (!judged.clear) return undefined;
  return isSame(judged.blue) ? 'blue' : 'green';
}
