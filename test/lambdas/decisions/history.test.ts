/** Memory: which writes it lists, how long records stay, what marks images, and what stands still. */
import { describe, expect, it } from 'vitest';
import { globPolicy } from '../../../lambdas/common/configuration/glob.ts';
import type { ListenerWrite, Outcome } from '../../../lambdas/common/deployment.ts';
import { expiryOf } from '../../../lambdas/decisions/expiry.ts';
import { isKeepTag, keepTagsFor } from '../../../lambdas/decisions/keep-tags.ts';
import { standingOf } from '../../../lambdas/decisions/standing.ts';
import { judgeTag } from '../../../lambdas/decisions/tags.ts';
import { withTrafficWrites } from '../../../lambdas/decisions/traffic-writes.ts';

describe('the list of writes of weights', () => {
  const write = (intendedAtMs: number, doneAtMs?: number): ListenerWrite => ({
    from: [],
    to: [{ arn: 'r', weights: { g: 1 } }],
    intendedAtMs,
    ...(doneAtMs !== undefined && { doneAtMs }),
  });

  it('grows with each write that is done, and with none twice', () => {
    const intended = withTrafficWrites({}, { shift: write(1), trafficStep: 0 });
    expect(intended).not.toHaveProperty('trafficWrites');
    const done = withTrafficWrites({ trafficStep: 0 }, { shift: write(1, 2) });
    expect(done.trafficWrites).toMatchObject([{ kind: 'shift', trafficStep: 0, doneAtMs: 2 }]);
    const again = withTrafficWrites({ trafficStep: 0, ...done }, { shift: write(1, 3) });
    expect(again).not.toHaveProperty('trafficWrites');
    const back = withTrafficWrites({ trafficStep: 0, ...done }, { restore: write(4, 5) });
    expect(back.trafficWrites?.map(({ kind }) => kind)).toEqual(['shift', 'restore']);
  });
});

describe('a record', () => {
  it.each<[string, Outcome | undefined, string | undefined, number | undefined]>([
    ['goes some time after its end', 'ROLLBACK_SUCCESSFUL', 'other', 110],
    ['stays while it is under way', undefined, 'other', undefined],
    ['stays while what it deployed serves', 'SUCCESSFUL', 'd', undefined],
    ['goes if another serves', 'SUCCESSFUL', 'other', 110],
    ['stays until a person has looked', 'HALTED', 'other', undefined],
    [
      'stays until a person has looked, if it could not be rolled back',
      'ROLLBACK_FAILED',
      'other',
      undefined,
    ],
  ])('%s', (_title, outcome, lastGood, expected) => {
    expect(expiryOf({ deploymentId: 'd', outcome, endedAtMs: 10_000 }, lastGood, 100)).toBe(expected);
  });
});

describe('a keep tag', () => {
  const uri = (repository: string, digit: string) =>
    `000000000000.dkr.ecr.us-east-1.amazonaws.com/${repository}@sha256:${digit.repeat(64)}`;
  const image = (repository: string, digit: string) => ({
    uri: uri(repository, digit),
    digest: `sha256:${digit.repeat(64)}`,
  });
  const tagged = (tags: ReturnType<typeof keepTagsFor>) =>
    tags.map(({ image: { repository, digest }, tag }) => `${repository} ${digest.at(-1)} ${tag}`);

  it.each<[string, Parameters<typeof keepTagsFor>[2], Parameters<typeof keepTagsFor>[3], string[]]>([
    [
      'marks what serves and what served before',
      { image: image('orders', '2') },
      { image: image('orders', '1') },
      ['orders 2 in-use.serves.orders', 'orders 1 in-use.served.orders'],
    ],
    [
      'leaves what served before where the same is deployed again',
      { image: image('orders', '2') },
      { image: image('orders', '2') },
      ['orders 2 in-use.serves.orders'],
    ],
    [
      'marks one image of each repository, and nothing of a fleet',
      { image: image('orders', '2'), images: { app: image('orders', '2'), router: image('router', '3') } },
      { image: { uri: '', digest: 'fleet:vms' } },
      ['orders 2 in-use.serves.orders', 'router 3 in-use.serves.orders'],
    ],
  ])('%s', (_title, now, before, expected) => {
    expect(tagged(keepTagsFor('orders', 'in-use', now, before))).toEqual(expected);
  });

  it.each(['in-use.serves.orders', 'live.served.a-b'])(
    '%s deploys nothing, whatever a policy follows',
    (tag) => {
      expect(isKeepTag(tag)).toBe(true);
      expect(judgeTag({ newest: true }, tag).follows).toBe(false);
      expect(judgeTag(globPolicy('*'), tag).follows).toBe(false);
    },
  );

  it.each(['v1.serves', 'serves.orders', '1.2.3'])('%s is none', (tag) => {
    expect(isKeepTag(tag)).toBe(false);
  });
});

describe('what stands still', () => {
  const HOUR_MS = 3_600_000;
  const lock = (more: { recoveryCount?: number; heldBecause?: string }) => ({ recoveryCount: 0, ...more });
  const waits = (sinceMs: number, notBeforeMs?: number) => ({
    sinceMs,
    ...(notBeforeMs !== undefined && { notBeforeMs }),
  });

  it('is counted by kind, and nothing is said where there is none', () => {
    const nowMs = 10 * HOUR_MS;
    const held = lock({ heldBecause: 'drift' });
    const givenUp = lock({ recoveryCount: 5 });
    const waiting = [
      waits(8 * HOUR_MS),
      waits(9.5 * HOUR_MS),
      waits(0, 9.5 * HOUR_MS),
      waits(0, 20 * HOUR_MS),
    ];

    expect(standingOf({ locks: [held, givenUp, lock({})], givenUp: [givenUp], waiting }, nowMs)).toEqual([
      ['DeploymentsHeld', 'Count', 1],
      ['RecoveriesGivenUp', 'Count', 1],
      ['DeploymentsWaitingLong', 'Count', 1],
    ]);
    expect(standingOf({ locks: [lock({})], givenUp: [], waiting: [] }, nowMs)).toEqual([]);
  });
});
