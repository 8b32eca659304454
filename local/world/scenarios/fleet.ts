/** Scenarios of a service that a fleet of VMs serves: to ECS, and back. */
import { CLUSTER, moduleRuleArnOf, targetGroupOf } from '../names.ts';
import { type Scenario, V1_SERVES } from './scenario.ts';

const MODULES = ['eu-1/billing', 'eu-1/search'];

const common = {
  ...V1_SERVES,
  strategy: 'all-at-once',
  world: { fleet: { modules: MODULES, count: 2 } },
  green: { MODULES: MODULES.join(',') },
  service: {
    traffic: {
      rules: undefined,
      modules: MODULES.map((address, index) => ({
        name: address.slice(address.indexOf('/') + 1),
        rule: moduleRuleArnOf(index),
        address,
      })),
    },
    sides: [
      { fleet: 'orders-vm', targetGroup: targetGroupOf('orders-a') },
      { cluster: CLUSTER, service: 'orders-b', targetGroup: targetGroupOf('orders-b') },
    ],
    initialCount: 2,
    deadline: '30m',
    bake: '30s',
  },
} as const;

export const FLEETS: readonly Scenario[] = [
  {
    ...common,
    name: 'fleet',
    expectedOutcome: 'SUCCESSFUL',
    says: "two machines serve two modules: each module's address is checked on ECS, then both rules are swapped",
  },
  {
    ...common,
    name: 'bad-fleet',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'v2 has only one of the two modules: the other one is named, and the machines serve on',
    green: { MODULES: 'eu-1/billing' },
    service: { ...common.service, steadyState: { timeout: '90s' } },
  },
  {
    ...common,
    name: 'fleet-back',
    expectedOutcome: 'SUCCESSFUL',
    says: 'ECS serves, and a person gives the traffic back to the machines',
    world: { fleet: { ...common.world.fleet, serves: false } },
    request: { service: 'orders', to: 'orders-vm' },
  },
];
