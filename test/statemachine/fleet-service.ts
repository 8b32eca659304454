/** The example's service as one whose old side is a fleet of VMs: a rule and an address for each module. */
import * as names from '../../local/world/names.ts';

export const MODULES = ['eu-1/billing', 'eu-1/search'];
/** What the image of a version that answers for all modules has in its environment. */
export const ALL_MODULES = { MODULES: MODULES.join(',') };
export const FLEET_WORLD = { fleet: { modules: MODULES, count: 2 } };

export const FLEET_SERVICE = {
  traffic: {
    rules: undefined,
    modules: MODULES.map((address, index) => ({
      name: address.split('/')[1],
      rule: names.moduleRuleArnOf(index),
      address,
    })),
    testRule: names.TEST_RULE_ARN,
  },
  sides: [
    { fleet: 'orders-vm', targetGroup: names.targetGroupOf('orders-a') },
    { cluster: names.CLUSTER, service: 'orders-b', targetGroup: names.targetGroupOf('orders-b') },
  ],
};
