/** Scenarios in which a changed configuration ships with the image: the newest revision of the family is the base. */
import { type Scenario, V1_SERVES } from './scenario.ts';

const common = {
  ...V1_SERVES,
  strategy: 'all-at-once',
  service: { image: { base: 'family-latest' } },
} as const;

export const BASES: readonly Scenario[] = [
  {
    ...common,
    name: 'family-latest',
    expectedOutcome: 'SUCCESSFUL',
    says: "v2 ships with the variables of the family's newest revision, which nobody ran before",
    world: { newerEnvironment: { RESPONSE_MS: '5' } },
  },
  {
    ...common,
    name: 'bad-family-latest',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: "v2 is good, the family's newest variables are not: it never becomes healthy, and v1 serves on as it was",
    world: { newerEnvironment: { HEALTH_STATUS: '503' } },
  },
];
