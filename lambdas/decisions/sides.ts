/** Which side is blue: the one that the live weights name, or a refusal that shows them. */
import type { ListenerWeights } from '../common/deployment.ts';
import type { Side } from '../common/service.ts';
import { describeWeights, percentOf } from './weights.ts';

export type SidesVerdict =
  | { readonly clear: true; readonly blue: Side; readonly green: Side }
  | { readonly clear: false; readonly reason: string };

/** Every place must send all its production traffic to one and the same side. */
export function judgeSides(live: readonly ListenerWeights[], sides: readonly [Side, Side]): SidesVerdict {
  const [first, second] = sides;
  for (const blue of sides) {
    if (live.every(({ weights }) => percentOf(weights, blue.targetGroup) === 100)) {
      return { clear: true, blue, green: blue === first ? second : first };
    }
  }
  const found = live.map(({ arn, weights }) => `${arn}: ${describeWeights(weights)}`).join('; ');
  const allowed = sides
    .map(({ service, targetGroup }) => `${service} (${targetGroup.split('/')[1]})`)
    .join(' or ');
  return { clear: false, reason: `live weights are ${found}; one side must have all of them: ${allowed}` };
}
