/** The arithmetic of linear and canary deployments. */
import { describe, expect, it } from 'vitest';
import { productionSteps, weightsFor } from '../../../local/ecs/native/steps.ts';

const percents = (configuration: Parameters<typeof productionSteps>[0]): number[] =>
  productionSteps(configuration).map(({ percent }) => percent);

describe('the production steps', () => {
  it.each([
    [{ strategy: 'BLUE_GREEN' as const }, [100]],
    [{ strategy: 'LINEAR' as const }, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]],
    [{ strategy: 'LINEAR' as const, linearConfiguration: { stepPercent: 33.3 } }, [33.3, 66.6, 99.9, 100]],
    [{ strategy: 'LINEAR' as const, linearConfiguration: { stepPercent: 100 } }, [100]],
    [{ strategy: 'CANARY' as const }, [5, 100]],
    [{ strategy: 'CANARY' as const, canaryConfiguration: { canaryPercent: 100 } }, [100]],
  ])('of %j are %j', (configuration, expected) => {
    expect(percents(configuration)).toEqual(expected);
  });

  it('bake after each but the last, by default 6 minutes when linear and 10 as a canary', () => {
    expect(productionSteps({ strategy: 'LINEAR' }).map(({ bakeMs }) => bakeMs / 60_000)).toEqual([
      6, 6, 6, 6, 6, 6, 6, 6, 6, 0,
    ]);
    expect(productionSteps({ strategy: 'CANARY' }).map(({ bakeMs }) => bakeMs / 60_000)).toEqual([10, 0]);
  });

  it('always become integer weights that ELB takes, in the exact proportion', () => {
    for (let tenths = 0; tenths <= 1000; tenths += 1) {
      const { green, blue } = weightsFor(tenths / 10);
      expect([green, blue].every((weight) => Number.isInteger(weight) && weight >= 0 && weight <= 999)).toBe(
        true,
      );
      expect(green / (green + blue)).toBeCloseTo(tenths / 1000, 12);
    }
  });
});
