/** DORA: the four figures, from records as the history keeps them. */
import { describe, expect, it } from 'vitest';
import type { Deployment, Outcome } from '../../../lambdas/common/deployment.ts';
import { doraOf } from '../../../lambdas/decisions/dora.ts';

const HOUR_MS = 3_600_000;
const DAY = { fromMs: 0, toMs: 24 * HOUR_MS };

interface Told {
  atHour: number;
  outcome?: Outcome;
  digest?: string;
  /** Minutes from the start until green met users, served, and blue had the traffic back. */
  met?: number;
  served?: number;
  restored?: number;
  isRollback?: boolean;
}

function record({ atHour, outcome, digest = `${atHour}`, met, served, restored, isRollback }: Told) {
  const startedAtMs = atHour * HOUR_MS;
  const at = (minutes: number | undefined) =>
    minutes === undefined ? undefined : startedAtMs + minutes * 60_000;
  const write = (kind: 'shift' | 'restore', atMs: number) => ({
    kind,
    weights: [],
    intendedAtMs: atMs,
    doneAtMs: atMs,
  });
  const metAtMs = at(met);
  const restoredAtMs = at(restored);
  return {
    deploymentId: `orders-${atHour}`,
    startedAtMs,
    startedBy: {
      kind: 'push',
      executionArn: '',
      input: isRollback ? { service: 'orders', rollback: true } : {},
    },
    image: { uri: '', digest: `sha256:${digest}` },
    order: { pushedAtMs: startedAtMs, imagePushedAtMs: startedAtMs - 10 * 60_000, digest: '' },
    configuration: { strategy: { type: 'all-at-once' } },
    stages: {},
    outcome,
    endedAtMs: outcome === undefined ? undefined : (at((restored ?? served ?? 1) + 1) as number),
    succeededAtMs: at(served),
    trafficWrites: metAtMs === undefined ? [] : [write('shift', metAtMs)],
    restore:
      restoredAtMs === undefined
        ? undefined
        : { from: [], to: [], intendedAtMs: restoredAtMs, doneAtMs: restoredAtMs },
  } as unknown as Deployment;
}

const good = (atHour: number, more: Partial<Told> = {}): Told => ({
  atHour,
  outcome: 'SUCCESSFUL',
  met: 5,
  served: 20,
  ...more,
});
const bad = (atHour: number, more: Partial<Told> = {}): Told => ({
  atHour,
  outcome: 'ROLLBACK_SUCCESSFUL',
  met: 5,
  restored: 8,
  ...more,
});

describe('the DORA figures', () => {
  it.each<[string, Told[], object]>([
    [
      'of nothing are counts of 0, and no rates',
      [],
      { deployments: 0, deploymentsPerDay: 0, changes: 0, failedChanges: 0 },
    ],
    [
      'count what served, and time it from the push of its image',
      [good(1), good(2, { served: 40 })],
      { deployments: 2, deploymentsPerDay: 2, leadTimeSeconds: 40 * 60, changes: 2, changeFailureRate: 0 },
    ],
    [
      'count a change that users met and that was taken back, and how long they had it',
      [good(1), bad(2)],
      { deployments: 1, changes: 2, failedChanges: 1, changeFailureRate: 0.5, timeToRestoreSeconds: 180 },
    ],
    [
      'leave out what users never met',
      [
        good(1),
        bad(2, { met: undefined, restored: undefined }),
        { atHour: 3, outcome: 'REFUSED' },
        { atHour: 4, outcome: 'NOTHING_TO_DEPLOY' },
        { atHour: 5, outcome: 'SUPERSEDED' },
      ],
      { deployments: 1, changes: 1, failedChanges: 0 },
    ],
    [
      'take a rollback that a person asked for as the failure of what served before, and as no change of its own',
      [good(1, { digest: 'a' }), good(2, { digest: 'b' }), good(3, { digest: 'a', isRollback: true })],
      // b met users at 2:05 and a served again at 3:20.
      { deployments: 3, changes: 2, failedChanges: 1, timeToRestoreSeconds: 75 * 60, leadTimeSeconds: 1800 },
    ],
    [
      'end the failure of what waits for a person with the next success',
      [bad(1, { outcome: 'HALTED', restored: undefined }), good(3)],
      { changes: 2, failedChanges: 1, timeToRestoreSeconds: 135 * 60 },
    ],
    [
      'do not count a second deployment of an image as lead time',
      [good(1, { digest: 'a' }), good(2, { digest: 'a', served: 50 })],
      { deployments: 2, leadTimeSeconds: 30 * 60 },
    ],
    [
      'count DRAIN_FAILED as served, and what bakes still as nothing',
      [good(1, { outcome: 'DRAIN_FAILED' }), good(2, { outcome: undefined, served: undefined })],
      { deployments: 1, changes: 2, failedChanges: 0 },
    ],
  ])('%s', (_title, told, expected) => {
    expect(doraOf(told.map(record).reverse(), DAY)).toMatchObject(expected);
  });

  it('take what lies before the period as memory only', () => {
    const records = [good(1, { digest: 'a' }), good(30, { digest: 'a' }), good(31)].map(record);

    expect(doraOf(records, { fromMs: 24 * HOUR_MS, toMs: 48 * HOUR_MS })).toMatchObject({
      deployments: 2,
      deploymentsPerDay: 2,
      leadTimeSeconds: 1800,
    });
  });
});
