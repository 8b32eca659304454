/** What the demo prints: the documented object for programs, lines and a summary for people. */
import { describe, expect, it } from 'vitest';
import { toDocument } from '../../cli/demo-json.ts';
import { linesOf, summary } from '../../cli/demo-text.ts';
import type { DemoResult, StageEvent } from '../../local/demo/result.ts';
import type { ObservedSide } from '../../local/world/observe.ts';
import { findScenario } from '../../local/world/scenarios.ts';

const plain = (_style: string, text: string): string => text;

const side = (service: ObservedSide['service'], given: Partial<ObservedSide> = {}): ObservedSide => ({
  service,
  percent: 0,
  healthyCount: 0,
  targetCount: 0,
  desiredCount: 0,
  runningCount: 0,
  pendingCount: 0,
  ...given,
});

const result = (given: Partial<DemoResult> = {}): DemoResult => ({
  scenario: findScenario('blue-green'),
  outcome: 'SUCCESSFUL',
  deploymentId: 'orders-20261121t034211z-1f2e3d',
  reason: 'green serves all the traffic',
  problems: [],
  requests: {
    sent: 3000,
    failed: 0,
    failedByApplication: 0,
    byVersion: { v1: 1000, v2: 2000 },
    latencyMs: { p50: 2, p90: 4, p99: 9, max: 30 },
  },
  failures: [],
  preparation: [{ name: 'start local cloud', wallSeconds: 0.5 }],
  stages: [
    { name: 'Bake', wallSeconds: 6.0014, cloudSeconds: 60.014 },
    { name: 'Bake', wallSeconds: 1, cloudSeconds: 10 },
  ],
  deployment: { name: 'deployment', wallSeconds: 12.5, cloudSeconds: 125 },
  totalWallSeconds: 21,
  apiCalls: { 'ecs:UpdateService': 2, 'ecs:ListTasks': 3, 'ssm:GetParametersByPath': 1 },
  transitions: 20,
  sides: [side('orders-a'), side('orders-b', { percent: 100 })],
  faults: [],
  ...given,
});

const stage = (given: Partial<StageEvent> = {}): StageEvent => ({
  kind: 'stage',
  name: 'WaitForSteadyState',
  atWallSeconds: 12.34,
  atCloudSeconds: 83.9,
  duration: { name: 'WaitForSteadyState', wallSeconds: 1.25, cloudSeconds: 12.5 },
  retryCount: 0,
  sides: [
    side('orders-a', { percent: 100, healthyCount: 2, targetCount: 2, desiredCount: 2 }),
    side('orders-b', { healthyCount: 0, targetCount: 1, desiredCount: 2 }),
  ],
  requests: { sent: 1234, failed: 0, failedByApplication: 0 },
  ...given,
});

describe('the object of --json', () => {
  it('has exactly the documented keys', () => {
    const document = toDocument(result());
    expect(Object.keys(document)).toEqual([
      'outcome',
      'deploymentId',
      'requests',
      'durationsSeconds',
      'apiCalls',
      'transitions',
    ]);
    expect(Object.keys(document.requests)).toEqual(['sent', 'failed', 'failedByApplication', 'byVersion']);
  });

  it('gives wall seconds, the runs of one stage added up', () => {
    expect(toDocument(result()).durationsSeconds).toEqual({
      total: 21,
      startLocalCloud: 0.5,
      Bake: 7.001,
      deployment: 12.5,
    });
  });
});

describe('the line of a stage', () => {
  it('shows times, weights, healthy targets and requests', () => {
    const [line, ...more] = linesOf(stage(), plain);
    expect(line?.trim().split(/\s{2,}/)).toEqual([
      '12.3 s',
      '+1:23',
      'WaitForSteadyState',
      '1.3 s',
      '100 %',
      '2/2',
      '0 %',
      '0/2',
      '1234',
      '0',
    ]);
    expect(more).toEqual([]);
  });

  it('says why it failed, and how often it was tried again', () => {
    const failure = { error: 'TasksKeepFailing', cause: 'exit code 1' };
    const [line, why] = linesOf(stage({ failure, retryCount: 2 }), plain);
    expect(line).toContain('(2 retries)');
    expect(why?.trim()).toBe('TasksKeepFailing: exit code 1');
  });

  it('counts wrong answers of the new version apart', () => {
    const requests = { sent: 10, failed: 1, failedByApplication: 3 };
    expect(linesOf(stage({ requests }), plain)[0]).toMatch(/ 1 \+3 by v2$/);
  });
});

describe('the summary', () => {
  it('says that all is as it should be, and counts calls by service', () => {
    const text = summary(result(), plain).join('\n');
    expect(text).toContain('SUCCESSFUL: green serves all the traffic');
    expect(text).toContain('3000 sent, 0 failed');
    expect(text).toContain('6 by the functions: ecs 5, ssm 1');
    expect(text).toContain('As it should be: v2 serves all the traffic, v1 is stopped');
  });

  it('says so of a rollback, too', () => {
    const scenario = findScenario('bad-start');
    const text = summary(result({ scenario, outcome: 'ROLLBACK_SUCCESSFUL' }), plain).join('\n');
    expect(text).toContain('As it should be: v1 serves all the traffic, v2 is stopped');
  });

  it('lists what is not as it should be, with the first failures', () => {
    const failures = Array.from({ length: 9 }, (_, index) => ({
      atMs: 1000 + index,
      by: 'load balancer' as const,
      reason: '502 from the load balancer',
    }));
    const text = summary(result({ problems: ['9 of 10 requests were lost'], failures }), plain).join('\n');
    expect(text).toContain('NOT as it should be:\n- 9 of 10 requests were lost');
    expect(text.match(/502 from/g)).toHaveLength(5);
    expect(text).not.toContain('As it should be');
  });
});

describe('a deployment in place', () => {
  it('shows the counts as they change, under the line of the stage before', () => {
    const waitingFor = 'orders-a: 1 of 2 tasks run orders:2, 1 pending';
    expect(
      linesOf({ kind: 'waits', name: 'WaitForSteadyState', waitingFor, atCloudSeconds: 71 }, plain),
    ).toEqual([
      expect.stringMatching(
        /^ +\+1:11 {2}WaitForSteadyState waits {2}orders-a: 1 of 2 tasks run orders:2, 1 pending$/,
      ),
    ]);
  });

  it('tells the downtime to people and to programs, and asks nobody to call a consumer', () => {
    const recreated = result({ scenario: findScenario('recreate'), downtimeSeconds: 7.6 });
    const text = summary(recreated, plain).join('\n');
    expect(text).toContain('7.6 s of cloud time');
    expect(text).toContain('nobody calls a consumer');
    expect(text).toContain('two never ran at once');
    expect(toDocument(recreated).downtimeSeconds).toBe(7.6);
  });

  it('shows running tasks where there are no targets to show', () => {
    const consumer = side('orders-a', { isBalanced: false, desiredCount: 1, runningCount: 1 });
    const [line] = linesOf(stage({ sides: [consumer, side('orders-b', { isBalanced: false })] }), plain);
    expect(line).toMatch(/ runs 1\/1 +runs 0\/0 /);
  });
});
