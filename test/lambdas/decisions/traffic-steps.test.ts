/** The traffic steps of each strategy. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServiceConfiguration } from '../../../lambdas/common/service.ts';
import { trafficStepsOf } from '../../../lambdas/decisions/traffic-steps.ts';
import { weightsFor } from '../../../lambdas/decisions/weights.ts';

const LIVE = { settleSeconds: 10, blueServes: true };
const RULES = { rules: ['arn:aws:elasticloadbalancing:us-east-1:000000000000:listener-rule/app/web/1/2/3'] };
const NLB = { listener: 'arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/net/web/1/2' };

function stepsOf(
  strategy: ServiceConfiguration['strategy'],
  more: Partial<ServiceConfiguration> = {},
  live = LIVE,
) {
  return trafficStepsOf({ strategy, bakeSeconds: 60, traffic: RULES, ...more }, live);
}

describe('traffic steps', () => {
  it('rise strictly, end at 100 %, and stay at it as long as the last bake and the settling take', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 1000 }), (tenthsOfPercent) => {
        const percent = tenthsOfPercent / 10;
        const percents = stepsOf({ type: 'linear', percent, everySeconds: 30 }).map((step) => step.percent);
        expect(percents.at(-1)).toBe(100);
        expect(percents.every((value, index) => index === 0 || value > (percents[index - 1] ?? 0))).toBe(
          true,
        );
      }),
    );
    expect(stepsOf({ type: 'all-at-once' }, {}, { ...LIVE, settleSeconds: 300 })).toEqual([
      { percent: 100, bakeSeconds: 300 },
    ]);
  });

  it('are all at once where there is nothing to compare with', () => {
    const steps = stepsOf(
      { type: 'canary', percent: 10, bakeSeconds: 300 },
      {},
      { ...LIVE, blueServes: false },
    );
    expect(steps).toEqual([{ percent: 100, bakeSeconds: 60 }]);
  });

  it('are none where Sidestep moves no traffic', () => {
    expect(stepsOf({ type: 'rolling' })).toEqual([]);
    expect(stepsOf({ type: 'recreate' })).toEqual([]);
    expect(stepsOf({ type: 'native' })).toEqual([]);
  });

  it('hold ten minutes each on a network load balancer, whose data plane follows slowly', () => {
    const steps = stepsOf({ type: 'canary', percent: 10, bakeSeconds: 60 }, { traffic: NLB });
    expect(steps.map(({ bakeSeconds }) => bakeSeconds)).toEqual([600, 600]);
  });

  it('have each gate once, and one gate where the first step is also the last', () => {
    const approval = {
      gates: ['before-traffic', 'before-full-traffic'],
      timeoutSeconds: 60,
      otherwise: 'reject',
    } as const;
    const canary = stepsOf({ type: 'canary', percent: 10, bakeSeconds: 60 }, { approval });
    expect(canary.map(({ gate }) => gate)).toEqual(['before-traffic', 'before-full-traffic']);
    expect(stepsOf({ type: 'all-at-once' }, { approval }).map(({ gate }) => gate)).toEqual([
      'before-traffic',
    ]);
    const late = { ...approval, gates: ['before-full-traffic'] as const };
    expect(stepsOf({ type: 'all-at-once' }, { approval: late }).map(({ gate }) => gate)).toEqual([
      'before-full-traffic',
    ]);
  });
});

describe('weights', () => {
  it('are whole numbers from 0 to 999 with exactly the share that was asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (tenthsOfPercent) => {
        const percent = tenthsOfPercent / 10;
        const { blue, green } = weightsFor(percent);
        expect(
          [blue, green].every((weight) => Number.isInteger(weight) && weight >= 0 && weight <= 999),
        ).toBe(true);
        expect((100 * green) / (blue + green)).toBeCloseTo(percent, 9);
      }),
    );
  });
});
