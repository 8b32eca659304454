/** Weights: what is written, what is left alone, and what counts as drift. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListenerWrite } from '../../../lambdas/common/deployment.ts';
import {
  judgeDrift,
  percentOf,
  sameShares,
  weightsOf,
  withWeights,
} from '../../../lambdas/decisions/weights.ts';

const RULE = 'arn:rule';
const write = (from: Record<string, number>, to: Record<string, number>): ListenerWrite => ({
  from: [{ arn: RULE, weights: from }],
  to: [{ arn: RULE, weights: to }],
  intendedAtMs: 0,
});
const live = (weights: Record<string, number>) => [{ arn: RULE, weights }];

describe('withWeights', () => {
  it('keeps every other action, the order, the stickiness and foreign groups as they were', () => {
    const authenticate = {
      Type: 'authenticate-oidc',
      Order: 1,
      AuthenticateOidcConfig: { Issuer: 'https://issuer.test', ClientId: 'id', Scope: 'openid' },
    };
    const forward = {
      Type: 'forward',
      Order: 2,
      TargetGroupArn: 'a',
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: 'a', Weight: 1 },
          { TargetGroupArn: 'foreign', Weight: 0 },
        ],
        TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
      },
    };

    const written = withWeights([authenticate, forward], { a: 0, b: 100 });

    expect(written).toEqual([
      {
        ...authenticate,
        AuthenticateOidcConfig: { ...authenticate.AuthenticateOidcConfig, UseExistingClientSecret: true },
      },
      {
        Type: 'forward',
        Order: 2,
        ForwardConfig: {
          TargetGroups: [
            { TargetGroupArn: 'a', Weight: 0 },
            { TargetGroupArn: 'foreign', Weight: 0 },
            { TargetGroupArn: 'b', Weight: 100 },
          ],
          TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
        },
      },
    ]);
  });

  it('reads back the weights that it wrote, whatever was there before', () => {
    const weights = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 999 }), {
      minKeys: 1,
    });
    fc.assert(
      fc.property(weights, weights, (before, after) => {
        const [action] = withWeights([{ Type: 'forward' }], before);
        const written = withWeights(action ? [action] : [], after);
        expect(weightsOf(written)).toEqual({ ...before, ...after });
      }),
    );
  });
});

describe('sameShares', () => {
  it('takes weights of another scale for equal', () => {
    expect(sameShares({ a: 1, b: 0 }, { a: 100, b: 0 })).toBe(true);
    expect(sameShares({ a: 1 }, { a: 100, b: 0 })).toBe(true);
    expect(sameShares({ a: 90, b: 10 }, { a: 9, b: 1 })).toBe(true);
  });

  it('tells an other split, or an other group, from ours', () => {
    expect(sameShares({ a: 90, b: 10 }, { a: 91, b: 9 })).toBe(false);
    expect(sameShares({ a: 1 }, { b: 1 })).toBe(false);
    expect(sameShares({ a: 0 }, { a: 1 })).toBe(false);
  });
});

describe('judgeDrift', () => {
  const shift = write({ a: 100, b: 0 }, { a: 0, b: 100 });

  it('writes where the weights are still those from which the shift begins', () => {
    expect(judgeDrift(live({ a: 1, b: 0 }), shift)).toEqual({ ours: true, toWrite: shift.to });
  });

  it('takes a write whose answer was lost for done', () => {
    expect(judgeDrift(live({ a: 0, b: 100 }), shift)).toEqual({ ours: true, toWrite: [] });
  });

  it('shows both values when somebody else wrote', () => {
    const verdict = judgeDrift(live({ a: 50, b: 50 }), shift);
    expect(verdict).toMatchObject({ ours: false });
    expect(verdict).toHaveProperty('reason', expect.stringMatching(/a 50 : b 50.*expected.*b 100.*a 100/));
  });

  it('attaches a group at weight 0 although that changes no share', () => {
    const attach = write({ a: 1 }, { a: 1, b: 0 });
    expect(judgeDrift(live({ a: 1 }), attach)).toEqual({ ours: true, toWrite: attach.to });
  });

  it('goes back from either end of the write that it takes back', () => {
    const back: ListenerWrite = {
      ...write({ a: 50, b: 50 }, { a: 100, b: 0 }),
      orFrom: live({ a: 90, b: 10 }),
    };
    expect(judgeDrift(live({ a: 90, b: 10 }), back)).toEqual({ ours: true, toWrite: back.to });
    expect(judgeDrift(live({ a: 10, b: 90 }), back)).toMatchObject({ ours: false });
  });
});

describe('percentOf', () => {
  it('is 0 for a group that is not there, and for a rule without weight', () => {
    expect(percentOf({ a: 1 }, 'b')).toBe(0);
    expect(percentOf({ a: 0, b: 0 }, 'a')).toBe(0);
    expect(percentOf({ a: 999, b: 1 }, 'b')).toBeCloseTo(0.1);
  });
});
