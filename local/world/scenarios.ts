/** The demo's scenarios, by the strategy that they show. */
import { ALL_AT_ONCE } from './scenarios/all-at-once.ts';
import { ANALYSED } from './scenarios/analysis.ts';
import { SCALED } from './scenarios/autoscaling.ts';
import { BASES } from './scenarios/base.ts';
import { AT_THEIR_TIME } from './scenarios/calendar.ts';
import { CHECKED_FIRST } from './scenarios/checks.ts';
import { FLEETS } from './scenarios/fleet.ts';
import { IMAGES } from './scenarios/images.ts';
import { IN_PLACE } from './scenarios/in-place.ts';
import { NATIVE } from './scenarios/native.ts';
import { BEHIND_NETWORK } from './scenarios/network.ts';
import { WITH_OPERATOR } from './scenarios/operator.ts';
import { ORDERED } from './scenarios/order.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { TRAFFIC_STEPS } from './scenarios/traffic-steps.ts';
import { TWO_CLUSTERS } from './scenarios/two-clusters.ts';

export type { Scenario } from './scenarios/scenario.ts';

export const SCENARIOS: readonly Scenario[] = [
  ...ALL_AT_ONCE,
  ...TRAFFIC_STEPS,
  ...TWO_CLUSTERS,
  ...BASES,
  ...IMAGES,
  ...CHECKED_FIRST,
  ...WITH_OPERATOR,
  ...ORDERED,
  ...AT_THEIR_TIME,
  ...ANALYSED,
  ...SCALED,
  ...IN_PLACE,
  ...FLEETS,
  ...BEHIND_NETWORK,
  ...NATIVE,
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
