/** The analysis of a bake, from the metrics in the local cloud to the verdict. */
import { describe, expect, it } from 'vitest';
import { analyse } from '../../../lambdas/common/analysis.ts';
import type { Deployment, ListenerWeights } from '../../../lambdas/common/deployment.ts';
import type { Analysis } from '../../../lambdas/common/service.ts';
import { targetGroupArn } from '../../../local/arns.ts';
import { NETWORK_PRODUCTION_LISTENER_ARN, PRODUCTION_RULE_ARN } from '../../../local/world/names.ts';
import { type Carried, MINUTE_MS, makeMetricsBed, START_MS } from '../aws/metrics-bed.ts';

const [BLUE, GREEN] = [targetGroupArn('orders-a'), targetGroupArn('orders-b')] as const;
/** Noon, and twenty seconds: the first whole minute of the bake begins at 12:21. */
const BAKE_STARTED_MS = START_MS + 20 * MINUTE_MS + 20_000;
const BAKE_MINUTES = 13;
const FIRST_MINUTE_MS = START_MS + 21 * MINUTE_MS;
const END_MS = BAKE_STARTED_MS + BAKE_MINUTES * MINUTE_MS;
/** Those that CloudWatch has when the bake ends, two minutes behind. */
const WHOLE_MINUTES = 10;

const ANALYSIS: Analysis = {
  minimumRequests: 1000,
  tolerance: 1.5,
  periodSeconds: 60,
  lagSeconds: 120,
  otherwise: 'pause',
};

interface Change {
  readonly greenWeight?: number;
  readonly analysis?: Analysis | undefined;
  readonly blueServes?: boolean;
  readonly place?: string;
}

/** As much of a record as the analysis reads. */
function deployment({ greenWeight = 50, blueServes = true, place, ...change }: Change = {}): Deployment {
  const to: ListenerWeights = {
    arn: place ?? PRODUCTION_RULE_ARN,
    weights: { [BLUE]: 100 - greenWeight, [GREEN]: greenWeight },
  };
  return {
    configuration: { analysis: 'analysis' in change ? change.analysis : ANALYSIS },
    blue: { targetGroup: BLUE },
    green: { targetGroup: GREEN },
    blueServes,
    trafficStep: 0,
    trafficSteps: [{ percent: greenWeight, bakeSeconds: BAKE_MINUTES * 60 }],
    bakeStartedAtMs: BAKE_STARTED_MS,
    shift: { from: [], to: [to], intendedAtMs: BAKE_STARTED_MS - 30_000 },
  } as unknown as Deployment;
}

const minutes = (count: number, carried: Carried): Carried[] => Array.from({ length: count }, () => carried);
const spread = (seconds: number): number[] => [1, 1.1, 1.2, 1.3, 1.5, 2].map((factor) => factor * seconds);

describe('analyse', () => {
  it('passes a green like blue once the bake is over, and not before', async () => {
    const { put, cloudwatch } = await makeMetricsBed();
    for (const side of ['orders-a', 'orders-b'] as const)
      await put(side, FIRST_MINUTE_MS, 60, minutes(20, { requests: 500, errors: 5, times: spread(0.1) }));
    expect(await analyse(deployment(), { cloudwatch }, END_MS)).toMatchObject({
      verdict: 'pass',
      reason: expect.stringContaining('1.00 % (50 of 5000)'),
    });
    expect(await analyse(deployment(), { cloudwatch }, END_MS - MINUTE_MS)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('the bake goes on'),
    });
  });

  it('fails a green with twice the errors, with the figures in words', async () => {
    const { put, cloudwatch } = await makeMetricsBed();
    await put('orders-a', FIRST_MINUTE_MS, 60, minutes(WHOLE_MINUTES, { requests: 500, errors: 10 }));
    await put('orders-b', FIRST_MINUTE_MS, 60, minutes(WHOLE_MINUTES, { requests: 500, errors: 20 }));
    const { verdict, reason } = await analyse(deployment(), { cloudwatch }, END_MS);
    expect(verdict).toBe('fail');
    expect(reason).toMatch(
      /^green's 5xx ratio is 4\.00 % \(\d+ of \d+\), blue's 2\.00 % .* at look \d+ of 10$/,
    );
  });

  it('fails a green that answers too slowly', async () => {
    const { put, cloudwatch } = await makeMetricsBed();
    await put('orders-a', FIRST_MINUTE_MS, 60, minutes(WHOLE_MINUTES, { requests: 500, times: spread(0.1) }));
    await put('orders-b', FIRST_MINUTE_MS, 60, minutes(WHOLE_MINUTES, { requests: 500, times: spread(0.2) }));
    const { verdict, reason } = await analyse(deployment(), { cloudwatch }, END_MS);
    expect({ verdict, reason }).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining("green's p50 response time is 2.00 times blue's"),
    });
  });

  it('leaves out the minute of the shift, and minutes that CloudWatch has not finished', async () => {
    const { put, cloudwatch } = await makeMetricsBed();
    const good = minutes(WHOLE_MINUTES, { requests: 500, errors: 5 });
    const terrible = { requests: 500, errors: 500 };
    await put('orders-a', FIRST_MINUTE_MS, 60, good);
    await put('orders-b', FIRST_MINUTE_MS - MINUTE_MS, 60, [terrible, ...good, terrible, terrible]);
    expect(await analyse(deployment(), { cloudwatch }, END_MS)).toMatchObject({ verdict: 'pass' });
  });

  it('asks CloudWatch for nothing before its first minute is complete', async () => {
    const { cloud, cloudwatch } = await makeMetricsBed();
    const early = FIRST_MINUTE_MS + 3 * MINUTE_MS - 1;
    expect(await analyse(deployment(), { cloudwatch }, early)).toMatchObject({ verdict: 'inconclusive' });
    expect(cloud.endpoint.calls).toEqual([]);
  });

  it('compares a green that has all the traffic with blue before the shift', async () => {
    const { put, cloudwatch } = await makeMetricsBed();
    const before = FIRST_MINUTE_MS - (WHOLE_MINUTES + 2) * MINUTE_MS;
    await put('orders-a', before, 60, minutes(WHOLE_MINUTES + 1, { requests: 500, errors: 5 }));
    await put('orders-b', FIRST_MINUTE_MS, 60, minutes(WHOLE_MINUTES, { requests: 500, errors: 50 }));
    const whole = deployment({ greenWeight: 100 });
    expect(await analyse(whole, { cloudwatch }, END_MS)).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining("blue's before the shift 1.00 %"),
    });
  });

  it('needs enough requests', async () => {
    const { put, cloudwatch } = await makeMetricsBed();
    for (const side of ['orders-a', 'orders-b'] as const)
      await put(side, FIRST_MINUTE_MS, 60, minutes(WHOLE_MINUTES, { requests: 99 }));
    expect(await analyse(deployment(), { cloudwatch }, END_MS)).toEqual({
      verdict: 'inconclusive',
      reason: 'blue had 990 requests; at least 1000 are needed',
    });
  });

  it.each<[string, Change, string, RegExp]>([
    ['without a configuration', { analysis: undefined }, 'pass', /no analysis is configured/],
    ['if blue did not serve', { blueServes: false }, 'pass', /nothing to compare/],
    [
      'on a Network Load Balancer',
      { place: NETWORK_PRODUCTION_LISTENER_ARN },
      'inconclusive',
      /listener\/net/,
    ],
    [
      'if the bake ends before CloudWatch has figures',
      { analysis: { ...ANALYSIS, lagSeconds: 3600 } },
      'inconclusive',
      /before CloudWatch has one whole period/,
    ],
  ])('compares nothing %s', async (_, change, verdict, reason) => {
    const { cloud, cloudwatch } = await makeMetricsBed();
    const found = await analyse(deployment(change), { cloudwatch }, END_MS);
    expect(found).toEqual({ verdict, reason: expect.stringMatching(reason) });
    expect(cloud.endpoint.calls).toEqual([]);
  });
});
