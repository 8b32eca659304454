/** Scenarios of services with a cluster and a task definition family of its own on either side. */
import { CLUSTER, SECOND_CLUSTER, targetGroupOf } from '../names.ts';
import type { WorldOptions } from '../options.ts';
import { BAD_ANSWERS, type Scenario, V1_SERVES } from './scenario.ts';

const common = {
  ...V1_SERVES,
  strategy: 'all-at-once',
  world: { clusters: 'two', families: 'two' } satisfies WorldOptions,
  service: {
    sides: [
      { cluster: CLUSTER, service: 'orders-a', targetGroup: targetGroupOf('orders-a') },
      { cluster: SECOND_CLUSTER, service: 'orders-b', targetGroup: targetGroupOf('orders-b') },
    ],
  },
} as const;

export const TWO_CLUSTERS: readonly Scenario[] = [
  {
    ...common,
    name: 'two-clusters',
    expectedOutcome: 'SUCCESSFUL',
    says: "v2 takes over in another cluster, with v1's definition in a family of its own",
  },
  {
    ...common,
    name: 'bad-two-clusters',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'v2 answers one request in four with 500 in the other cluster: an alarm fires and v1 takes over again',
    green: BAD_ANSWERS,
  },
];
