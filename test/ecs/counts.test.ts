/** The arithmetic of a rolling deployment, as a table, and as properties that every plan has. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bounds, planRound, type Standing } from '../../local/ecs/counts.ts';
import { missingOf } from '../../local/ecs/judgement.ts';
import type { DeploymentRecord } from '../../local/ecs/records.ts';

const NONE = { healthy: 0, pending: 0, unhealthy: 0 };

function standing(overrides: Partial<Standing>): Standing {
  return {
    desiredCount: 2,
    minimumHealthyPercent: 100,
    maximumPercent: 200,
    primary: NONE,
    old: NONE,
    oldMissing: 0,
    primaryMayStart: true,
    ...overrides,
  };
}

describe('what an old deployment owes', () => {
  it.each([
    ['COMPLETED', 2],
    ['FAILED', 0],
  ] as const)('after it is %s, for two tasks lost, is %i', (rolloutState, owed) => {
    const deployment = { rolloutState, desiredCount: 2 } as DeploymentRecord;

    expect(missingOf(deployment, new Map())).toBe(owed);
  });
});

describe('a round’s plan', () => {
  it.each([
    ['starts all that a new service wants', {}, { startPrimary: 2 }],
    [
      'starts beside the old while the ceiling allows',
      { old: { ...NONE, healthy: 2 } },
      { startPrimary: 2, stopOldHealthy: 0 },
    ],
    [
      'starts no more than the ceiling allows',
      { maximumPercent: 150, old: { ...NONE, healthy: 2 } },
      { startPrimary: 1 },
    ],
    [
      'stops an old task for each new healthy one',
      { primary: { ...NONE, healthy: 1, pending: 1 }, old: { ...NONE, healthy: 2 } },
      { stopOldHealthy: 1 },
    ],
    [
      'stops old tasks down to the floor at once',
      { minimumHealthyPercent: 50, old: { ...NONE, healthy: 2 } },
      { stopOldHealthy: 1 },
    ],
    [
      'stops old tasks that are not healthy whatever the floor',
      { old: { healthy: 0, pending: 1, unhealthy: 1 } },
      { stopOldOther: 2 },
    ],
    [
      'is stuck between 75 and 125 percent of 2',
      { minimumHealthyPercent: 75, maximumPercent: 125, old: { ...NONE, healthy: 2 } },
      { isStuck: true },
    ],
    [
      'replaces an unhealthy task start-first',
      { primary: { ...NONE, healthy: 1, unhealthy: 1 } },
      { startPrimary: 1, stopPrimaryUnhealthy: 0 },
    ],
    [
      'stops an unhealthy task once it is replaced',
      { primary: { ...NONE, healthy: 2, unhealthy: 1 } },
      { startPrimary: 0, stopPrimaryUnhealthy: 1 },
    ],
    [
      'stops unhealthy tasks to make room',
      { maximumPercent: 100, primary: { ...NONE, unhealthy: 2 } },
      { startPrimary: 0, stopPrimaryUnhealthy: 2 },
    ],
    [
      'stops the surplus when scaled in',
      { desiredCount: 1, primary: { ...NONE, healthy: 3 } },
      { stopPrimarySurplus: 2 },
    ],
    [
      'stops everything at 0',
      {
        desiredCount: 0,
        primary: { healthy: 1, pending: 1, unhealthy: 1 },
        old: { healthy: 1, pending: 1, unhealthy: 1 },
      },
      { startPrimary: 0, stopPrimarySurplus: 2, stopPrimaryUnhealthy: 1, stopOldHealthy: 1, stopOldOther: 2 },
    ],
    [
      'starts nothing for a failed deployment, and keeps the old tasks',
      { primaryMayStart: false, primary: { ...NONE, healthy: 1 }, old: { ...NONE, healthy: 2 } },
      { startPrimary: 0, stopOldHealthy: 0 },
    ],
    [
      'replaces a lost old task from its own revision while new ones are not healthy',
      { primary: { ...NONE, pending: 2 }, old: { ...NONE, healthy: 1 }, oldMissing: 1 },
      { startOld: 1 },
    ],
  ])('%s', (_, overrides, expected) => {
    expect(planRound(standing(overrides))).toMatchObject(expected);
  });

  it('never takes healthy tasks below the floor, nor all tasks above the ceiling', () => {
    const count = fc.nat(8);
    const counts = fc.record({ healthy: count, pending: count, unhealthy: count });
    const standings = fc.record({
      desiredCount: fc.nat(10),
      minimumHealthyPercent: fc.nat(100),
      maximumPercent: fc.integer({ min: 100, max: 300 }),
      primary: counts,
      old: counts,
      oldMissing: count,
      primaryMayStart: fc.boolean(),
    });
    fc.assert(
      fc.property(standings, (facts) => {
        const plan = planRound(facts);
        const { floor, ceiling } = bounds(facts);
        const total = Object.values(facts.primary)
          .concat(Object.values(facts.old))
          .reduce((a, b) => a + b);
        const starts = plan.startPrimary + plan.startOld;
        const healthyBefore = facts.primary.healthy + facts.old.healthy;
        expect(starts === 0 || total + starts <= ceiling).toBe(true);
        if (plan.stopOldHealthy > 0 && facts.primaryMayStart) {
          expect(healthyBefore - plan.stopOldHealthy).toBeGreaterThanOrEqual(floor);
        }
        expect(Math.min(...Object.values(plan).map(Number))).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
