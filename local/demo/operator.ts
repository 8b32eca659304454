/** The scenario's person: says their word as soon as the deployment stands where it is meant for. */
import type { Scenario } from '../world/scenarios.ts';
import { type SaidWord, saySignal } from '../world/signals.ts';
import type { Setting } from './setting.ts';
import { waitUntil } from './wait-until.ts';

/** Cloud seconds for which the state is left alone first, so that a watcher sees it wait. */
const THINKING_SECONDS = 10;
const ACCEPTED_WITHIN_MS = 10_000;

export interface Operator {
  /** Says what the scenario has for this state, once each. @returns what was said, or undefined */
  stateBegan(state: string): Promise<SaidWord | undefined>;
}

export function createOperator(
  scenario: Scenario,
  { cloud, clients, wall }: Pick<Setting, 'cloud' | 'clients' | 'wall'>,
): Operator {
  const left = [...(scenario.operator ?? [])];
  return {
    async stateBegan(state) {
      const index = left.findIndex((word) => word.in === state);
      const [word] = index < 0 ? [] : left.splice(index, 1);
      if (!word) return undefined;
      await cloud.clock.sleep(THINKING_SECONDS * 1000);
      const { in: _, ...said } = word;
      // A state begins a moment before its wait is open.
      await waitUntil(wall, () => saySignal(clients, said), {
        everyMs: 100,
        limitMs: ACCEPTED_WITHIN_MS,
        what: `the word '${word.signal}' in ${state} is accepted`,
      });
      return said;
    },
  };
}
