/** What seeds have found, each as its own small scenario. */
import { expect, it } from 'vitest';
import { ConnectionLost } from '../../local/wire/connection-lost.ts';
import { assemblyOf } from '../assembly.ts';
import { type Scenario, scenario } from './scenarios.ts';
import { simulate } from './simulate.ts';

const play = async (seed: string, played: Scenario) =>
  simulate(seed, { assembly: await assemblyOf(), change: scenario(played) });

it('a lost answer of RegisterTaskDefinition makes no second revision', async () => {
  let lostCount = 0;
  const { violations, outcomes } = await simulate('lost answer', {
    assembly: await assemblyOf(),
    change: scenario({ pushes: [{ kind: 'good', atMs: 1_000 }] }),
    disturb: ({ cloud }) => {
      cloud.endpoint.intercept({
        after({ operation }) {
          if (operation !== 'RegisterTaskDefinition' || lostCount > 0) return;
          lostCount += 1;
          throw new ConnectionLost();
        },
      });
    },
  });
  expect(lostCount).toBe(1);
  expect(violations).toEqual([]);
  expect(outcomes).toEqual(['v2 SUCCESSFUL']);
});

it('green that got weight by hand before the shift is not stopped, however bad it is', async () => {
  const { violations, outcomes } = await play('weight by hand', {
    pushes: [{ kind: 'unhealthy', atMs: 1_000 }],
    meddling: [{ kind: 'edit', state: 'WaitForSteadyState', skip: 0, delayMs: 1_000, weights: [40, 60] }],
  });
  expect(violations).toEqual([]);
  expect(outcomes).toEqual(['v2 HALTED']);
});

it('a push that waited, and is refused when its turn comes, has an outcome', async () => {
  const { violations } = await play('refused turn', {
    pushes: [
      { kind: 'failing', atMs: 1_000 },
      { kind: 'good', atMs: 20_000 },
    ],
  });
  expect(violations).toEqual([]);
});

it('a turn that was cut off while it was resolved, and has nothing left to do, has an outcome (seed 439)', async () => {
  const { violations, outcomes } = await simulate('439', { assembly: await assemblyOf() });
  expect(violations).toEqual([]);
  expect(outcomes.filter((outcome) => outcome.endsWith('OPEN'))).toEqual([]);
});
