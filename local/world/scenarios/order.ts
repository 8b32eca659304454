/** Scenarios of order: a push that takes another's place, and two services that shift and step back as one. */
import { NEIGHBOUR_SERVICE } from '../neighbour.ts';
import { BAD_ANSWERS, type Scenario, V1_SERVES } from './scenario.ts';

const common = { ...V1_SERVES, strategy: 'all-at-once' } as const;

const shop = {
  ...common,
  world: { neighbour: true },
  service: { group: { name: 'shop' }, bake: '30s' },
  others: { users: { ...NEIGHBOUR_SERVICE, group: { name: 'shop' }, bake: '30s' } },
} as const;

export const ORDERED: readonly Scenario[] = [
  {
    ...common,
    name: 'supersede',
    expectedOutcome: 'SUCCESSFUL',
    says: 'v3 is pushed while v2 starts: v2, which has had no traffic yet, is stopped, and v3 takes over',
    service: { whenBusy: 'supersede', bake: '30s' },
    meanwhile: { in: 'WaitForSteadyState', tag: 'v3' },
  },
  {
    ...shop,
    name: 'together',
    expectedOutcome: 'SUCCESSFUL',
    says: 'one push feeds two services: both shift when both are ready, and succeed when both have baked',
  },
  {
    ...shop,
    name: 'bad-together',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'one push feeds two services, and one of them answers with errors: both take their traffic back',
    green: BAD_ANSWERS,
  },
];
