/** What becomes of autoscaling as sides change roles, as verdicts. */
import { describe, expect, it } from 'vitest';
import type { CapturedScaling } from '../../../lambdas/common/deployment.ts';
import {
  changeOf,
  greenScaling,
  heldScaling,
  isParked,
  isWithin,
  parkedScaling,
  restoredScaling,
  type SideScaling,
  scalingDifferences,
  startingCount,
} from '../../../lambdas/decisions/scaling.ts';

const NONE = { dynamicIn: false, dynamicOut: false, scheduled: false };
const ALL = { dynamicIn: true, dynamicOut: true, scheduled: true };
const target = (change: Partial<CapturedScaling> = {}): CapturedScaling => ({
  min: 2,
  max: 6,
  suspended: NONE,
  ...change,
});

describe('a side that goes to 0', () => {
  it('has minimum 0 and nothing that could lift it, and keeps its maximum', () => {
    expect(parkedScaling(target())).toEqual({ min: 0, max: 6, suspended: ALL });
    expect(isParked(parkedScaling(target()))).toBe(true);
  });

  it.each([
    [{ min: 1, suspended: ALL }],
    [{ min: 0, suspended: { ...ALL, dynamicIn: false } }],
    [{ min: 0, suspended: { ...ALL, dynamicOut: false } }],
    [{ min: 0, suspended: { ...ALL, scheduled: false } }],
  ])('is not parked with %o', (change) => {
    expect(isParked(target(change))).toBe(false);
  });
});

describe('green', () => {
  it('takes blue’s bounds and what blue has suspended, and does not scale in while it idles', () => {
    expect(greenScaling(target({ suspended: { ...NONE, scheduled: true } }), 3)).toEqual({
      min: 2,
      max: 6,
      suspended: { dynamicIn: true, dynamicOut: false, scheduled: true },
    });
  });

  it('is not cut below blue’s live count, though that be above the maximum', () => {
    expect(greenScaling(target(), 9)).toMatchObject({ min: 2, max: 9 });
  });

  it('starts with at least the minimum', () => {
    expect(startingCount(1, target())).toBe(2);
    expect(startingCount(4, target())).toBe(4);
    expect(startingCount(1, undefined)).toBe(1);
  });
});

describe('blue, while green is tried', () => {
  it('keeps its tasks, and whatever else was suspended or not', () => {
    expect(heldScaling(target({ suspended: { ...NONE, scheduled: true } }))).toEqual({
      suspended: { dynamicIn: true, dynamicOut: false, scheduled: true },
    });
  });

  it('is left alone if its count is outside its bounds', () => {
    expect([1, 2, 6, 7].map((count) => isWithin(count, target()))).toEqual([false, true, true, false]);
  });
});

describe('what is restored', () => {
  it('is all that was found, if the side is parked', () => {
    expect(restoredScaling(target(), parkedScaling(target()))).toEqual(target());
  });

  it('is only what was suspended, if it is not: its bounds may have been moved since', () => {
    const live = target({ min: 4, suspended: { ...NONE, dynamicIn: true } });
    expect(restoredScaling(target(), live)).toEqual({ suspended: NONE });
  });

  it('is nothing if all is as it was', () => {
    expect(restoredScaling(target(), target())).toBeUndefined();
    expect(restoredScaling(target(), target({ min: 4 }))).toBeUndefined();
  });

  it('is registered only if it differs', () => {
    expect(changeOf(target(), { min: 2 })).toBeUndefined();
    expect(changeOf(target(), { min: 3 })).toEqual({ min: 3 });
    expect(changeOf(undefined, target())).toEqual(target());
  });
});

const side = (service: string, change: Partial<SideScaling> = {}): SideScaling => ({
  service,
  cluster: 'prod',
  targetGroup: `arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/${service}-tg/0123${service}`,
  target: target(),
  policies: [],
  scheduledActions: [],
  ...change,
});

const requests = (label: string, TargetValue = 100) => ({
  name: `requests on ${label}`,
  type: 'TargetTrackingScaling',
  configuration: {
    TargetValue,
    PredefinedMetricSpecification: {
      PredefinedMetricType: 'ALBRequestCountPerTarget',
      ResourceLabel: label,
    },
  },
});

describe('differences between the sides', () => {
  it('are none between sides that scale alike, each by metrics of its own', () => {
    const blue = side('orders-a', {
      policies: [requests('app/web/01/targetgroup/orders-a-tg/0123orders-a')],
      scheduledActions: [{ name: 'a-day', schedule: 'cron(0 8 * * ? *)', min: 4 }],
    });
    const green = side('orders-b', {
      policies: [requests('app/web/01/targetgroup/orders-b-tg/0123orders-b')],
      scheduledActions: [{ name: 'b-day', schedule: 'cron(0 8 * * ? *)', min: 4 }],
      target: parkedScaling(target({ max: 3 })),
    });
    expect(scalingDifferences(blue, green)).toEqual([]);
  });

  it('are none between sides in different clusters whose policies name their own', () => {
    const policy = (ClusterName: string, ServiceName: string) => ({
      name: 'queue',
      type: 'TargetTrackingScaling',
      configuration: { TargetValue: 10, Dimensions: [{ ClusterName, ServiceName }] },
    });
    const blue = side('orders', { cluster: 'prod-a', policies: [policy('prod-a', 'orders')] });
    const green = side('orders', { cluster: 'prod-b', policies: [policy('prod-b', 'orders')] });
    expect(scalingDifferences(blue, green)).toEqual([]);
  });

  it('are a policy whose value differs, told from both sides', () => {
    const blue = side('orders-a', { policies: [requests('x', 100)] });
    const green = side('orders-b', { policies: [requests('x', 50)] });
    expect(scalingDifferences(blue, green)).toEqual([
      expect.stringMatching(/^policy requests on x of orders-a .*100.* has no equal on orders-b$/),
      expect.stringMatching(/^policy requests on x of orders-b .*50.* has no equal on orders-a$/),
    ]);
  });

  it('are a policy that watches the other side’s metric', () => {
    const label = 'app/web/01/targetgroup/orders-a-tg/0123orders-a';
    const blue = side('orders-a', { policies: [requests(label)] });
    const green = side('orders-b', { policies: [requests(label)] });
    expect(scalingDifferences(blue, green)).toHaveLength(2);
  });

  it('are a scheduled action that only one side has, and the second of two equal ones', () => {
    const action = { name: 'day', schedule: 'cron(0 8 * * ? *)', min: 4 };
    expect(scalingDifferences(side('a', { scheduledActions: [action] }), side('b'))).toEqual([
      'scheduled action day of a ({"schedule":"cron(0 8 * * ? *)","min":4}) has no equal on b',
    ]);
    const twice = side('a', { scheduledActions: [action, { ...action, name: 'day again' }] });
    expect(scalingDifferences(twice, side('b', { scheduledActions: [action] }))).toEqual([
      expect.stringContaining('day again of a'),
    ]);
  });

  it('are a target that only one side has', () => {
    const none = side('b', { target: undefined });
    expect(scalingDifferences(side('a'), none)).toEqual(['a has a scalable target, b has none']);
    expect(scalingDifferences(none, side('a'))).toEqual(['a has a scalable target, b has none']);
  });

  it('are told if the side that serves is parked, since green takes that over', () => {
    expect(scalingDifferences(side('a', { target: parkedScaling(target()) }), side('b'))).toEqual([
      'a serves though its scaling is suspended and its minimum is 0: b takes that over',
    ]);
  });
});
