/** When a run is not as its scenario promises. */
import { describe, expect, it } from 'vitest';
import { countCalls } from '../../local/demo/calls.ts';
import { findProblems } from '../../local/demo/problems.ts';
import type { ObservedSide } from '../../local/world/observe.ts';
import { findScenario } from '../../local/world/scenarios.ts';

const serving = {
  percent: 100,
  healthyCount: 2,
  targetCount: 2,
  desiredCount: 2,
  runningCount: 2,
  pendingCount: 0,
};
const resting = {
  percent: 0,
  healthyCount: 0,
  targetCount: 0,
  desiredCount: 0,
  runningCount: 0,
  pendingCount: 0,
};

type Seen = Parameters<typeof findProblems>[1];

const seen = (
  given: { outcome?: Seen['outcome']; a?: Partial<ObservedSide>; b?: Partial<ObservedSide> } & Partial<
    Seen['requests']
  > = {},
): Seen => {
  const { outcome = 'SUCCESSFUL', a = {}, b = {}, ...requests } = given;
  const [first, second] = outcome === 'SUCCESSFUL' ? [resting, serving] : [serving, resting];
  return {
    outcome,
    requests: {
      sent: 100,
      failed: 0,
      failedByApplication: 0,
      byVersion: {},
      latencyMs: { p50: 1, p90: 1, p99: 1, max: 1 },
      ...requests,
    },
    sides: [
      { service: 'orders-a', ...first, ...a },
      { service: 'orders-b', ...second, ...b },
    ],
  };
};

describe('a run', () => {
  it('has no problem if it is as promised', () => {
    expect(findProblems(findScenario('blue-green'), seen())).toEqual([]);
    expect(findProblems(findScenario('bad-start'), seen({ outcome: 'ROLLBACK_SUCCESSFUL' }))).toEqual([]);
  });

  it.each([
    ['a lost request', { failed: 1 }, /1 of 100 requests were lost/],
    ['no request at all', { sent: 0 }, /no request was sent/],
    ['a wrong answer of a good version', { failedByApplication: 1 }, /answered with 5xx by a task/],
    [
      'another outcome',
      { outcome: 'ROLLBACK_SUCCESSFUL' as const },
      /the outcome is ROLLBACK_SUCCESSFUL; blue-green ends SUCCESSFUL/,
    ],
    ['green without all the traffic', { b: { percent: 90 } }, /orders-b has 90 % of the traffic/],
    ['green with an unhealthy target', { b: { healthyCount: 1 } }, /orders-b has 1 healthy targets of 2/],
    [
      'a task of blue that still runs',
      { a: { runningCount: 1 } },
      /orders-a should be stopped; it has 1 tasks/,
    ],
  ])('has a problem with %s', (_what, given, problem) => {
    expect(findProblems(findScenario('blue-green'), seen(given))).toEqual([expect.stringMatching(problem)]);
  });

  it('may have wrong answers by a version that is meant to give them', () => {
    const rolledBack = seen({ outcome: 'ROLLBACK_SUCCESSFUL', failedByApplication: 9 });
    expect(findProblems(findScenario('bad-after-shift'), rolledBack)).toEqual([]);
    expect(findProblems(findScenario('bad-start'), rolledBack)).toHaveLength(1);
  });
});

describe('the calls of a deployment', () => {
  it('are those of the functions, between push and end', () => {
    const call = (atMs: number, caller: string, operation = 'UpdateService') => ({
      atMs,
      caller,
      service: 'ecs',
      operation,
      input: {},
    });
    const calls = [
      call(1, 'start-green'),
      call(10, 'start-green'),
      call(11, 'demo'),
      call(20, 'drain-blue'),
      call(21, 'sweep'),
    ];
    expect(
      countCalls([...calls, call(15, 'bake', 'DescribeServices')], { startedAtMs: 10, endedAtMs: 20 }),
    ).toEqual({
      'ecs:DescribeServices': 1,
      'ecs:UpdateService': 2,
    });
  });
});

describe('a run in place', () => {
  const inPlace = (given: Partial<Seen> = {}): Seen => ({
    ...seen({ a: { ...serving, taskDefinitionArn: 'orders:2' }, b: resting }),
    wantedRevisionArn: 'orders:2',
    ...given,
  });
  const consumer = (side: Partial<ObservedSide> = {}, given: Partial<Seen> = {}): Seen => {
    const counts = { ...resting, isBalanced: false, desiredCount: 1, runningCount: 1 };
    const [, b] = inPlace().sides;
    return inPlace({
      requests: { ...inPlace().requests, sent: 0 },
      sides: [{ service: 'orders-a', ...counts, taskDefinitionArn: 'orders:2', ...side }, b],
      downtimeSeconds: 7.5,
      violations: [],
      ...given,
    });
  };

  it('has no problem if the one service serves with the version that it should have', () => {
    expect(findProblems(findScenario('rolling'), inPlace())).toEqual([]);
    expect(findProblems(findScenario('bad-rolling'), inPlace({ outcome: 'ROLLBACK_SUCCESSFUL' }))).toEqual(
      [],
    );
    expect(findProblems(findScenario('recreate'), consumer())).toEqual([]);
  });

  it.each([
    ['the other version', { wantedRevisionArn: 'orders:1' }, /to run orders:2; it should be orders:1/],
    ['no record of what should run', { wantedRevisionArn: undefined }, /should be undefined/],
    ['a lost request', { requests: { ...inPlace().requests, failed: 1 } }, /1 of 100 requests were lost/],
  ])('has a problem with %s', (_what, given, problem) => {
    expect(findProblems(findScenario('rolling'), inPlace(given))).toEqual([expect.stringMatching(problem)]);
  });

  it.each([
    ['two consumers at once', {}, { violations: ['VIOLATION: v2 found v1'] }, /two ran at once: VIOLATION/],
    ['a downtime that nobody measured', {}, { downtimeSeconds: undefined }, /no downtime was reported/],
    ['a consumer that does not run', { runningCount: 0 }, {}, /orders-a has 0 running tasks of 1 wanted/],
  ])('has a problem with %s', (_what, side, given, problem) => {
    expect(findProblems(findScenario('recreate'), consumer(side, given))).toEqual([
      expect.stringMatching(problem),
    ]);
  });
});

describe('with a fleet', () => {
  const machines = {
    ...resting,
    healthyCount: 2,
    targetCount: 2,
    desiredCount: 2,
    runningCount: 2,
    isFleet: true,
  };

  it('its machines rest registered and healthy, and anything less is a problem', () => {
    const scenario = findScenario('fleet');
    expect(findProblems(scenario, seen({ a: machines }))).toEqual([]);
    expect(findProblems(scenario, seen({ a: { ...machines, healthyCount: 1 } }))).toEqual([
      'orders-a has 1 of its 2 machines registered and healthy; a fleet stays as it is',
    ]);
  });

  it('that takes the traffic back, the ECS service rests', () => {
    const scenario = findScenario('fleet-back');
    const back = seen({ a: { ...machines, percent: 100 }, b: resting });
    expect(findProblems(scenario, back)).toEqual([]);
    expect(findProblems(scenario, seen({ a: machines, b: serving }))).not.toEqual([]);
  });
});
