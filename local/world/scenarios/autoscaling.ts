/** Scenarios of services that scale: what rests must stay at 0, whatever a schedule says. */
import { type Scenario, V1_SERVES } from './scenario.ts';

const common = {
  ...V1_SERVES,
  strategy: 'all-at-once',
  world: {
    autoscaling: { min: 2, max: 6, scheduledAction: { schedule: 'rate(1 minute)', min: 2 }, policies: true },
  },
  service: { bake: '30s' },
} as const;

export const SCALED: readonly Scenario[] = [
  {
    ...common,
    name: 'autoscaling',
    expectedOutcome: 'SUCCESSFUL',
    says: "v2 takes over v1's limits; v1 stops and stays stopped, though a schedule lifts it each minute",
  },
  {
    ...common,
    name: 'bad-autoscaling',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: "v2's process exits: it is stopped and stays stopped, and v1 scales as before",
    green: { EXIT_CODE: '1', EXIT_AFTER_MS: '50' },
  },
];
