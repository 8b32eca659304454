/** Scenarios in which one ECS service runs both versions: one after the other task by task, or the new one after the old. */
import { CLUSTER, targetGroupOf } from '../names.ts';
import { type Scenario, V1_SERVES } from './scenario.ts';

const rolling: Omit<Scenario, 'name' | 'expectedOutcome' | 'says'> = {
  ...V1_SERVES,
  strategy: 'rolling',
  world: { rollout: { deploymentCircuitBreaker: { enable: true, rollback: true } } },
  service: {
    strategy: { type: 'rolling' },
    traffic: undefined,
    sides: [{ cluster: CLUSTER, service: 'orders-a', targetGroup: targetGroupOf('orders-a') }],
    checks: { http: undefined },
  },
};

/** Every version holds it: of two at once the second one says so and ends. */
const ALONE = { EXCLUSIVE: 'ledger' };

const recreate: Omit<Scenario, 'name' | 'expectedOutcome' | 'says'> = {
  ...V1_SERVES,
  strategy: 'recreate',
  green: ALONE,
  world: { balanced: false, blueCount: 1, blueEnvironment: ALONE },
  service: {
    ...rolling.service,
    strategy: { type: 'recreate' },
    sides: [{ cluster: CLUSTER, service: 'orders-a' }],
  },
};

const EXITS_AT_ONCE = { EXIT_CODE: '1', EXIT_AFTER_MS: '50' };

export const IN_PLACE: readonly Scenario[] = [
  {
    ...rolling,
    name: 'rolling',
    expectedOutcome: 'SUCCESSFUL',
    says: "ECS replaces v1's tasks by v2's in place, a few at a time",
  },
  {
    ...rolling,
    name: 'bad-rolling',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: "v2's process exits as soon as it starts: ECS's circuit breaker goes back to v1, which is no success",
    green: EXITS_AT_ONCE,
  },
  {
    ...recreate,
    name: 'recreate',
    expectedOutcome: 'SUCCESSFUL',
    says: 'a consumer of which two must never run: v1 stops, then v2 starts, and the downtime is measured',
  },
  {
    ...recreate,
    name: 'bad-recreate',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'v1 stops and v2 does not start: v2 is stopped, then v1 starts again, never two at once',
    green: { ...ALONE, ...EXITS_AT_ONCE },
  },
];
