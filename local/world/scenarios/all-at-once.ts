/** Scenarios of the plain shift: all the traffic at once. */
import { BAD_ANSWERS, type Scenario, V1_SERVES } from './scenario.ts';

const common = { ...V1_SERVES, strategy: 'all-at-once' } as const;

export const ALL_AT_ONCE: readonly Scenario[] = [
  {
    ...common,
    name: 'blue-green',
    expectedOutcome: 'SUCCESSFUL',
    says: 'v2 is good: it takes all the traffic from v1, and v1 drains and stops',
  },
  {
    ...common,
    name: 'bad-health',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'v2 runs but never becomes healthy: it gets no traffic and is stopped',
    green: { HEALTH_STATUS: '503' },
  },
  {
    ...common,
    name: 'bad-start',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: "v2's process exits as soon as it starts: it gets no traffic and is stopped",
    green: { EXIT_CODE: '1', EXIT_AFTER_MS: '50' },
  },
  {
    ...common,
    name: 'bad-after-shift',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'v2 answers one request in four with 500 once it has traffic: an alarm fires and v1 takes over again',
    green: BAD_ANSWERS,
  },
  {
    ...common,
    name: 'first',
    expectedOutcome: 'SUCCESSFUL',
    says: 'nothing serves yet: v2 is the first version to take traffic',
    world: { blueCount: 0 },
    blueServes: false,
  },
];
