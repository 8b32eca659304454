/** The demo's scenarios, as data: which world, which new version, and how it must end. */
import type { Outcome } from '../../lambdas/common/deployment.ts';
import type { WorldOptions } from './options.ts';

export interface Scenario {
  readonly name: string;
  readonly strategy: 'all-at-once';
  readonly expectedOutcome: Outcome;
  /** What happens, in a sentence. */
  readonly says: string;
  /** What v2's image sets beside VERSION: the sample application's faults. */
  readonly green: Readonly<Record<string, string>>;
  readonly world: WorldOptions;
  /** Changes to the service of the example configuration, as sidestep.yaml writes them; none if absent. */
  readonly service?: Readonly<Record<string, unknown>>;
  /** Whether v1 serves before the push. */
  readonly blueServes: boolean;
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'blue-green',
    strategy: 'all-at-once',
    expectedOutcome: 'SUCCESSFUL',
    says: 'v2 is good: it takes all the traffic from v1, and v1 drains and stops',
    green: {},
    world: {},
    blueServes: true,
  },
  {
    name: 'bad-health',
    strategy: 'all-at-once',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'v2 runs but never becomes healthy: it gets no traffic and is stopped',
    green: { HEALTH_STATUS: '503' },
    world: {},
    blueServes: true,
  },
  {
    name: 'bad-start',
    strategy: 'all-at-once',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: "v2's process exits as soon as it starts: it gets no traffic and is stopped",
    green: { EXIT_CODE: '1', EXIT_AFTER_MS: '50' },
    world: {},
    blueServes: true,
  },
  {
    name: 'bad-after-shift',
    strategy: 'all-at-once',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'v2 answers one request in four with 500 once it has traffic: an alarm fires and v1 takes over again',
    green: { REQUEST_STATUS: '500', REQUEST_FAILURE_RATE: '0.25' },
    world: {},
    blueServes: true,
  },
  {
    name: 'first',
    strategy: 'all-at-once',
    expectedOutcome: 'SUCCESSFUL',
    says: 'nothing serves yet: v2 is the first version to take traffic',
    green: {},
    world: { blueCount: 0 },
    blueServes: false,
  },
];

export const DEFAULT_SCENARIO = 'blue-green';

/** @throws UnknownScenario */
export function findScenario(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found) return found;
  throw new UnknownScenario(name);
}

export class UnknownScenario extends Error {
  constructor(name: string) {
    super(`scenario is '${name}'; known are ${SCENARIOS.map((scenario) => scenario.name).join(', ')}`);
    this.name = 'UnknownScenario';
  }
}
