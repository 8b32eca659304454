/** Transitions: what each change of an item tells, and in which words people hear of it. */
import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../../lambdas/common/deployment.ts';
import { deploymentEvent, serviceEvent } from '../../../lambdas/common/event-schema.ts';
import { metricsOf } from '../../../lambdas/decisions/metrics.ts';
import { notificationOf } from '../../../lambdas/decisions/notification.ts';
import { transitionsOf } from '../../../lambdas/decisions/transitions.ts';

const GREEN = 'arn:green';
const BASE = {
  deploymentId: 'orders-20260101t000000z-1f2e3d',
  service: 'orders',
  startedBy: { kind: 'push', executionArn: 'arn:execution', input: {} },
  startedAtMs: 1000,
  image: { uri: 'registry/orders@sha256:ab', digest: 'sha256:ab', tag: 'v2' },
  order: { pushedAtMs: 0, imagePushedAtMs: 500, digest: 'sha256:ab' },
  configuration: { strategy: { type: 'canary' }, keepBlueSeconds: 0 },
  green: { targetGroup: GREEN, service: 'orders-b' },
  stages: {},
  signals: {},
} as unknown as Deployment;

function told(before: Partial<Deployment> | undefined, after: Partial<Deployment>) {
  return transitionsOf({
    pk: 'service#orders',
    sk: `deployment#${BASE.deploymentId}`,
    ...(before && { before: { ...BASE, ...before } }),
    after: { ...BASE, ...after },
    sequence: '42',
    atMs: 9000,
  });
}
const wordsOf = (before: Partial<Deployment> | undefined, after: Partial<Deployment>) =>
  told(before, after).map(({ event }) => {
    const { transition, stage } = event as { transition: string; stage?: string };
    return stage ? `${transition} ${stage}` : transition;
  });

const stage = (intendedAtMs: number, doneAtMs?: number) => ({
  intendedAtMs,
  ...(doneAtMs !== undefined && { doneAtMs }),
});
const shift = (trafficStep: number, green: number) => ({
  kind: 'shift' as const,
  weights: [{ arn: 'arn:rule', weights: { 'arn:blue': 100 - green, [GREEN]: green } }],
  trafficStep,
  intendedAtMs: 2000 + trafficStep,
  doneAtMs: 3000 + trafficStep,
});
const word = (name: 'pause' | 'approve', atMs: number) => ({ name, by: 'arn:ada', atMs });

describe('a change of a deployment', () => {
  it.each<[string, Partial<Deployment> | undefined, Partial<Deployment>, string[]]>([
    ['that makes its record', undefined, {}, ['REQUESTED']],
    [
      'that makes it with nothing to do',
      undefined,
      { outcome: 'NOTHING_TO_DEPLOY', endedAtMs: 1, reason: 'x' },
      ['NOTHING_TO_DEPLOY'],
    ],
    [
      'that notes its first stage',
      {},
      { stages: { RegisterRevision: stage(1) } },
      ['STARTED', 'STAGE_STARTED RegisterRevision'],
    ],
    [
      'that ends a stage',
      { stages: { RegisterRevision: stage(1) } },
      { stages: { RegisterRevision: stage(1, 2) } },
      ['STAGE_COMPLETED RegisterRevision'],
    ],
    [
      'that begins a stage again for the next step',
      { stages: { ModifyListener: stage(1, 2) } },
      { stages: { ModifyListener: stage(1) } },
      ['STAGE_STARTED ModifyListener'],
    ],
    [
      'that begins another bake',
      { stages: { Bake: stage(1) }, bakeStartedAtMs: 1 },
      { stages: { Bake: stage(1) }, bakeStartedAtMs: 5 },
      ['STAGE_STARTED Bake'],
    ],
    [
      'that a step which is run again makes',
      { stages: { Bake: stage(1) }, bakeStartedAtMs: 1 },
      { stages: { Bake: stage(1) }, bakeStartedAtMs: 1 },
      [],
    ],
    [
      'that notes two writes of weights',
      { trafficWrites: [shift(0, 10)] },
      { trafficWrites: [shift(0, 10), shift(1, 50), shift(2, 100)] },
      ['WEIGHTS_CHANGED', 'WEIGHTS_CHANGED'],
    ],
    ['that attaches green at weight 0', {}, { trafficWrites: [{ ...shift(0, 0), kind: 'attach' }] }, []],
    [
      'that asks for an approval',
      {},
      {
        openGate: {
          gate: 'before-traffic',
          trafficStep: 0,
          digest: 'sha256:ab',
          openedAtMs: 1,
          expiresAtMs: 2,
        },
      },
      ['WAITING_FOR_APPROVAL'],
    ],
    [
      'that pauses, after a word',
      { stages: { Bake: stage(1) } },
      { stages: { Bake: stage(1), Pause: stage(7) }, signals: { pause_6: word('pause', 6) } },
      ['STAGE_STARTED Pause', 'PAUSED', 'SIGNAL_RECEIVED'],
    ],
    [
      'that pauses once more, at the next step',
      { stages: { Pause: stage(1) }, nextTrafficStep: 1 },
      { stages: { Pause: stage(1) }, nextTrafficStep: 2 },
      ['PAUSED'],
    ],
    ['that succeeds with blue kept', {}, { succeededAtMs: 5 }, ['SUCCEEDED']],
    ['that begins to drain blue', {}, { pointOfNoReturn: true }, ['POINT_OF_NO_RETURN']],
    [
      'that begins the way back, once',
      { stages: { Bake: stage(1), RestoreListener: stage(3) } },
      { stages: { Bake: stage(1), RestoreListener: stage(3), StopGreen: stage(4) } },
      ['STAGE_STARTED StopGreen'],
    ],
    [
      'that ends it',
      { stages: { Bake: stage(1) } },
      { stages: { Bake: stage(1) }, outcome: 'HALTED', reason: 'drift', endedAtMs: 8 },
      ['HALTED'],
    ],
    [
      'that only lets it expire',
      { outcome: 'STOPPED', endedAtMs: 8 },
      { outcome: 'STOPPED', endedAtMs: 8, reason: 'x' },
      [],
    ],
  ])('%s', (_title, before, after, expected) => {
    expect(wordsOf(before, after)).toEqual(expected);
  });

  it('gives the same transitions, with the same sequences, whenever it is told', () => {
    const once = told({}, { stages: { RegisterRevision: stage(1, 2) } });

    expect(told({}, { stages: { RegisterRevision: stage(1, 2) } })).toEqual(once);
    expect(once.map(({ event }) => event.sequence)).toEqual(
      ['00', '01', '02'].map((index) => `${'42'.padStart(40, '0')}-${index}`),
    );
    for (const { event } of once) expect(deploymentEvent.safeParse(event).error).toBe(undefined);
  });

  it('tells green’s share, and nothing of the record that is not in the published shape', () => {
    const [one] = told({}, { trafficWrites: [shift(0, 25)], taskToken: 'secret' } as Partial<Deployment>);

    expect(one?.event).toMatchObject({ greenPercent: 25, trafficStep: 0 });
    expect(deploymentEvent.safeParse(one?.event).error).toBe(undefined);
  });
});

describe('a change of another item', () => {
  const waiting = { service: 'orders', deploymentId: BASE.deploymentId, digest: 'sha256:ab', sinceMs: 5 };
  const lock = { service: 'orders', deploymentId: 'd', executionArn: 'arn:1', recoveryCount: 0 };
  const spoken = { service: 'orders', word: 'freeze', by: 'arn:ada', atMs: 5, untilMs: 9, why: 'sale' };
  const change = (pk: string, sk: string, before: object | undefined, after: object) =>
    transitionsOf({ pk, sk, ...(before && { before }), after, sequence: '7', atMs: 9000 });

  it.each<[string, ReturnType<typeof change>, string[]]>([
    ['tells who waits', change('waiting', 'orders', undefined, waiting), ['QUEUED']],
    [
      'tells it once, whatever else the waiting place notes',
      change('waiting', 'orders', waiting, { ...waiting, waitsFor: 'x' }),
      [],
    ],
    ['tells nothing of a lock that is taken', change('locks', 'orders', undefined, lock), []],
    [
      'tells a recovery',
      change('locks', 'orders', lock, { ...lock, executionArn: 'arn:2', recoveryCount: 1 }),
      ['RECOVERY_STARTED'],
    ],
    ['tells of a freeze', change('service#orders', 'word#1', undefined, spoken), ['FROZEN']],
    ['tells nothing of memory', change('service#orders', 'memory', undefined, { fencing: 1 }), []],
  ])('%s', (_title, found, expected) => {
    expect(found.map(({ event }) => event.transition)).toEqual(expected);
    for (const { of, event } of found) {
      const schema = of === 'service' ? serviceEvent : deploymentEvent;
      expect(schema.safeParse(event).error).toBe(undefined);
    }
  });
});

describe('people', () => {
  const heard = (after: Partial<Deployment>) =>
    told({ stages: { Bake: stage(1) } }, after).map(notificationOf);

  it('hear of no stage, and of no version that nobody shifts to', () => {
    expect(heard({ stages: { Bake: stage(1), JudgeBake: stage(2) } })).toEqual([undefined]);
    expect(told(undefined, { outcome: 'NOTHING_TO_DEPLOY' }).map(notificationOf)).toEqual([undefined]);
  });

  it('hear of a halt with what to do, in the form of version 1.0, within its limits', () => {
    const [halted] = heard({
      stages: { Bake: stage(1) },
      outcome: 'HALTED',
      reason: 'x'.repeat(5000),
      endedAtMs: 8,
    });

    expect(halted).toMatchObject({
      version: '1.0',
      source: 'custom',
      content: {
        textType: 'client-markdown',
        title: 'orders: v2 is halted: a person must look',
        nextSteps: [expect.any(String), expect.stringContaining(`{"recover": "${BASE.deploymentId}"}`)],
      },
      metadata: { threadId: BASE.deploymentId, eventType: 'HALTED', relatedResources: [BASE.image.uri] },
    });
    expect(halted?.content.description.length).toBe(1000);
  });
});

describe('metrics', () => {
  it('count an end once, by outcome and for the service, with its times', () => {
    const [ended] = told(
      { stages: { Bake: stage(1) } },
      {
        stages: { Bake: stage(1) },
        outcome: 'SUCCESSFUL',
        succeededAtMs: 61_500,
        endedAtMs: 91_000,
        trafficWrites: [shift(0, 100)],
      },
    ).filter(({ event }) => event.transition === 'SUCCESSFUL');
    const metrics = ended && metricsOf(ended, 'Sidestep/shop');

    expect(metrics).toMatchObject({
      _aws: {
        Timestamp: 91_000,
        CloudWatchMetrics: [
          { Namespace: 'Sidestep/shop', Dimensions: [['Service'], ['Service', 'Outcome']] },
        ],
      },
      Service: 'orders',
      Outcome: 'SUCCESSFUL',
      Deployments: 1,
      DurationSeconds: 90,
      TimeToServeSeconds: 60.5,
      LeadTimeSeconds: 61,
      TrafficSteps: 1,
      Rollbacks: 0,
    });
  });

  it('say nothing of what is no end', () => {
    expect(told(undefined, {}).map((one) => metricsOf(one, 'n'))).toEqual([undefined]);
  });
});
