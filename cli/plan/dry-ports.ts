/** Ports that answer as if what is asked of them had been done, and count it: nothing is changed. */
import type { ApplicationAutoScaling } from '../../lambdas/aws/application-autoscaling.ts';
import type { Table } from '../../lambdas/aws/dynamodb.ts';
import type { CapturedScaling } from '../../lambdas/common/deployment.ts';

/** The real table to read from; writes are only said to have succeeded. */
export function dryTable(table: Table): Table {
  return { ...table, write: async () => true };
}

export interface DryAutoScaling extends ApplicationAutoScaling {
  /** How many changes were asked for so far. */
  readonly count: () => number;
}

/** Later descriptions show what earlier calls would have changed. */
export function dryAutoScaling(live: ApplicationAutoScaling): DryAutoScaling {
  const changed = new Map<string, Partial<CapturedScaling>>();
  let count = 0;
  const keyOf = (cluster: string, service: string): string => `${cluster}/${service}`;
  return {
    ...live,
    count: () => count,
    async describeScalableTarget(cluster, service) {
      const found = await live.describeScalableTarget(cluster, service);
      return found && { ...found, ...changed.get(keyOf(cluster, service)) };
    },
    async registerScalableTarget(cluster, service, change) {
      count += 1;
      const key = keyOf(cluster, service);
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      changed.set(key, { ...changed.get(key), ...given });
    },
  };
}
