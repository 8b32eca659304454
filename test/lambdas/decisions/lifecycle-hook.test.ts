/** What a lifecycle hook is called for, and what is left to ECS alone. */
import { describe, expect, it } from 'vitest';
import type { Deployment, Signal } from '../../../lambdas/common/deployment.ts';
import { parseHookEvent } from '../../../lambdas/common/hook-event.ts';
import { isRollingBack, judgeOrders, workAt } from '../../../lambdas/decisions/lifecycle-hook.ts';
import { problemWithNative, testRuleOf } from '../../../lambdas/decisions/native-service.ts';
import { asShifted, bakeSecondsAt } from '../../../lambdas/decisions/native-step.ts';

/** As ECS calls a hook. */
const eventAt = (lifecycleStage: string, executionDetails: object = {}, hookDetails: object = {}) =>
  parseHookEvent({
    executionId: '5d1d3f40-0000-4000-8000-000000000000',
    lifecycleStage,
    resourceArn: 'arn:deployment',
    hookDetails,
    executionDetails: {
      serviceArn: 'arn:service',
      targetServiceRevisionArn: 'arn:green',
      testTrafficWeights: {},
      productionTrafficWeights: {},
      ...executionDetails,
    },
  });

describe('the way back of ECS', () => {
  it.each([
    ['TEST_TRAFFIC_SHIFT', { testTrafficWeights: { 'arn:green': 0, 'arn:blue': 100 } }, true],
    ['TEST_TRAFFIC_SHIFT', { testTrafficWeights: { 'arn:green': 100, 'arn:blue': 0 } }, false],
    ['PRODUCTION_TRAFFIC_SHIFT', { productionTrafficWeights: { 'arn:green': 0, 'arn:blue': 100 } }, true],
    ['PRODUCTION_TRAFFIC_SHIFT', { productionTrafficWeights: { 'arn:blue': 100 } }, true],
    ['PRODUCTION_TRAFFIC_SHIFT', { productionTrafficWeights: { 'arn:green': 10, 'arn:blue': 90 } }, false],
    // Before each step green has none yet, which is no way back.
    [
      'PRE_PRODUCTION_TRAFFIC_SHIFT',
      { productionTrafficWeights: { 'arn:green': 0, 'arn:blue': 100 } },
      false,
    ],
    ['POST_PRODUCTION_TRAFFIC_SHIFT', {}, false],
  ])('is told by a shift to 0 (%s, %j): %s', (stage, details, isBack) => {
    expect(isRollingBack(eventAt(stage, details))).toBe(isBack);
  });
});

describe('a call of ECS', () => {
  it('that lacks a member is refused by its name', () => {
    expect(() => parseHookEvent({ lifecycleStage: 'PRE_SCALE_UP' })).toThrow('resourceArn; found undefined');
    expect(() => parseHookEvent(null)).toThrow('lifecycleStage');
  });

  it('remembers since when it is asked, in its own stage only', () => {
    const details = { stage: 'POST_TEST_TRAFFIC_SHIFT', sinceMs: 5 };
    expect(eventAt('POST_TEST_TRAFFIC_SHIFT', {}, details).sinceMs).toBe(5);
    expect(eventAt('PRE_PRODUCTION_TRAFFIC_SHIFT', {}, details).sinceMs).toBeUndefined();
  });

  it('asks for checks once test requests reach green, and for alarms around each shift', () => {
    expect(workAt('POST_TEST_TRAFFIC_SHIFT')).toMatchObject({ checks: true, alarms: false });
    expect(workAt('PRE_PRODUCTION_TRAFFIC_SHIFT')).toMatchObject({ alarms: true, comparison: true });
    expect(workAt('POST_PRODUCTION_TRAFFIC_SHIFT')).toMatchObject({ alarms: true, comparison: false });
    expect(Object.values(workAt('PRE_SCALE_UP'))).not.toContain(true);
  });
});

describe('orders', () => {
  const deployment = (...signals: Pick<Signal, 'name' | 'atMs'>[]) =>
    ({
      signals: Object.fromEntries(signals.map((signal, index) => [index, { by: 'ada', ...signal }])),
      configuration: { pauseTimeoutSeconds: 60 },
    }) as unknown as Deployment;

  it('hold a shift from pause to resume', () => {
    const pause = { name: 'pause', atMs: 1_000 } as const;
    expect(judgeOrders(deployment(pause), 2_000)).toMatchObject({ go: false, hold: true });
    expect(judgeOrders(deployment(pause, { name: 'resume', atMs: 3_000 }), 4_000)).toEqual({ go: true });
  });

  it('end a pause that nobody ends', () => {
    const verdict = judgeOrders(deployment({ name: 'pause', atMs: 1_000 }), 61_000);
    expect(verdict).toMatchObject({ go: false, hold: false });
  });

  it('abort, whatever else was said', () => {
    const verdict = judgeOrders(deployment({ name: 'abort', atMs: 1 }, { name: 'resume', atMs: 2 }), 3);
    expect(verdict).toMatchObject({ go: false, hold: false, reason: 'abort by ada' });
  });
});

describe('an ECS service with strategy native', () => {
  const nothing = {
    checks: { http: [], lambda: [], task: [], alarms: { service: [], sides: {} } },
  };
  const check = { path: '/', method: 'GET', status: 200, inARow: 1, timeoutSeconds: 5 } as const;
  const withHttp = { checks: { ...nothing.checks, http: [check] } };
  const loadBalancers = [{ advancedConfiguration: { testListenerRule: 'arn:test' } }];
  const service = (...lifecycleHooks: { targetType?: string; lifecycleStages: string[] }[]) => ({
    loadBalancers,
    deploymentConfiguration: { strategy: 'BLUE_GREEN', lifecycleHooks },
  });

  it('must not be ROLLING', () => {
    expect(problemWithNative({}, nothing)).toContain('strategy ROLLING');
    expect(problemWithNative(service(), nothing)).toBeUndefined();
  });

  it('needs a test rule and a hook for HTTP checks', () => {
    expect(testRuleOf(loadBalancers)).toBe('arn:test');
    expect(problemWithNative({ ...service(), loadBalancers: [] }, withHttp)).toContain('no testListenerRule');
    expect(problemWithNative(service(), withHttp)).toContain('no lifecycle hook at POST_TEST_TRAFFIC_SHIFT');
    const hooked = service({ lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] });
    expect(problemWithNative(hooked, withHttp)).toBeUndefined();
  });

  it('is not content with a PAUSE hook where a function has to be called', () => {
    const paused = service({ targetType: 'PAUSE', lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] });
    expect(problemWithNative(paused, withHttp)).toContain('no lifecycle hook at POST_TEST_TRAFFIC_SHIFT');
  });

  it('needs hooks before and at each shift for an analysis', () => {
    const analysis = {
      minimumRequests: 1,
      tolerance: 1,
      periodSeconds: 60,
      lagSeconds: 0,
      otherwise: 'pass',
    } as const;
    const before = service({ lifecycleStages: ['PRE_PRODUCTION_TRAFFIC_SHIFT'] });
    expect(problemWithNative(before, { ...nothing, analysis })).toContain('hook at PRODUCTION_TRAFFIC_SHIFT');
  });

  it('needs a PAUSE hook for each gate', () => {
    const approval = { gates: ['before-full-traffic'], timeoutSeconds: 60, otherwise: 'reject' } as const;
    const early = service({ targetType: 'PAUSE', lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] });
    expect(problemWithNative(early, { ...nothing, approval })).toContain('approval before-full-traffic');
    const late = service({ targetType: 'PAUSE', lifecycleStages: ['PRE_PRODUCTION_TRAFFIC_SHIFT'] });
    expect(problemWithNative(late, { ...nothing, approval })).toBeUndefined();
  });

  it('has no checks that its own hooks could be', () => {
    const lambda = [{ functionName: 'mine', timeoutSeconds: 1 }];
    expect(problemWithNative(service(), { checks: { ...nothing.checks, lambda } })).toContain(
      'no checks.lambda',
    );
  });
});

describe('a production step', () => {
  it.each([
    [100, { strategy: 'CANARY', bakeTimeInMinutes: 5 }, 300],
    [100, {}, 0],
    [10, { strategy: 'CANARY' }, 600],
    [10, { strategy: 'CANARY', canaryConfiguration: { canaryBakeTimeInMinutes: 2 } }, 120],
    [25, { strategy: 'LINEAR' }, 360],
    [25, { strategy: 'LINEAR', linearConfiguration: { stepBakeTimeInMinutes: 1 } }, 60],
  ])('to %i %% of %j bakes %i s', (percent, bakes, seconds) => {
    expect(bakeSecondsAt(percent, bakes)).toBe(seconds);
  });

  it('is compared by the groups of its own revisions', () => {
    const deployment = { blue: { targetGroup: '' }, green: { targetGroup: '' } } as unknown as Deployment;
    const step = {
      percent: 10,
      startedAtMs: 7,
      bakeSeconds: 60,
      productionRule: 'arn:rule',
      blueTargetGroup: 'b',
      greenTargetGroup: 'g',
    };
    expect(asShifted(deployment, step)).toMatchObject({
      blue: { targetGroup: 'b' },
      green: { targetGroup: 'g' },
      shift: { to: [{ arn: 'arn:rule', weights: { g: 10, b: 90 } }] },
      bakeStartedAtMs: 7,
      trafficSteps: [{ percent: 10, bakeSeconds: 60 }],
    });
  });
});
