/** Which ECS services are the two sides of one: those that stand on the same rule. */
import type { ForwardingPlace } from '../../lambdas/aws/load-balancers.ts';
import { weightsOf } from '../../lambdas/decisions/weights.ts';
import type { RunningService } from './facts.ts';

/** Each service once, in the order in which they came. */
export function pairUp(
  services: readonly RunningService[],
  places: readonly ForwardingPlace[],
): RunningService[][] {
  const groupOf = ({ targetGroups }: RunningService): string => targetGroups[0]?.arn ?? '';
  const shares = (one: RunningService, other: RunningService): boolean =>
    places.some(({ actions }) => {
      const groups = Object.keys(weightsOf(actions));
      return groups.includes(groupOf(one)) && groups.includes(groupOf(other));
    });
  const pairs: RunningService[][] = [];
  const taken = new Set<RunningService>();
  for (const [index, service] of services.entries()) {
    if (taken.has(service)) continue;
    const other = services.slice(index + 1).find((one) => !taken.has(one) && shares(service, one));
    for (const one of [service, ...(other ? [other] : [])]) taken.add(one);
    pairs.push(other ? [service, other] : [service]);
  }
  return pairs;
}

/** What they have in common, or the one's own name, as a service name of the configuration. */
export function nameFor(sides: readonly { readonly name: string }[]): string {
  const [first = '', second] = sides.map(({ name }) => name);
  const common = second === undefined ? first : commonStart(first, second);
  const name = (common || first)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 32)
    .replace(/-+$/, '');
  return name || 'service';
}

/** Only whole words: `orders-blue` and `orders-b` have `orders`. */
function commonStart(one: string, other: string): string {
  const [words, others] = [one, other].map((name) => name.split(/(?=[-_.])/));
  const length = words?.findIndex((word, index) => word !== others?.[index]) ?? 0;
  return (words ?? []).slice(0, length < 0 ? undefined : length).join('');
}
