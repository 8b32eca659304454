/** Order among deployments: who supersedes whom, what comes first, and what a group waits for. */
import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../../lambdas/common/deployment.ts';
import { type BusyNewcomer, hasShifted, judgeBusy, shiftMarks } from '../../../lambdas/decisions/busy.ts';
import { onwards } from '../../../lambdas/decisions/next-act.ts';
import { mayGoOn } from '../../../lambdas/decisions/orders.ts';
import { inOrder, judgePrecedence, type PredecessorFacts } from '../../../lambdas/decisions/precedence.ts';
import {
  allBaked,
  inState,
  joined,
  judgeGathering,
  type MemberFacts,
  type Round,
  without,
} from '../../../lambdas/decisions/round.ts';

const configurationOf = (type: string) => ({ strategy: { type } }) as unknown as Deployment['configuration'];

const deployment = (more: object = {}): Deployment =>
  ({
    service: 'orders',
    deploymentId: 'orders-1',
    configuration: configurationOf('canary'),
    startedBy: { kind: 'push', executionArn: 'arn', input: {} },
    stages: {},
    signals: {},
    trafficSteps: [{ percent: 100, bakeSeconds: 60 }],
    ...more,
  }) as unknown as Deployment;

describe('judgeBusy', () => {
  const push: BusyNewcomer = {
    kind: 'push',
    whenBusy: 'supersede',
    isItsTurn: false,
    isRollback: false,
    isNewer: true,
  };
  const person = { kind: 'person', executionArn: 'arn', input: {} };

  it.each([
    ['a newer push one that has not shifted', push, {}, 'supersede'],
    ['no older push one that has not shifted', { ...push, isNewer: false }, {}, 'wait'],
    [
      'a person one of a push, whatever their order',
      { ...push, kind: 'person', isNewer: false },
      {},
      'supersede',
    ],
    ['no push one of a person', push, { startedBy: person }, 'wait'],
    ['a person one of a person', { ...push, kind: 'person' }, { startedBy: person }, 'supersede'],
    ['nobody one that is superseded already', push, { supersededBy: { deploymentId: 'x' } }, 'wait'],
    ['nobody one that writes its first traffic step', push, { shift: {} }, 'wait'],
    ['nobody one whose group has closed its round', push, { round: { id: 'x', closedAtMs: 1 } }, 'wait'],
    ['a push one whose group still gathers', push, { round: { id: 'x' } }, 'supersede'],
    ['nobody one that steps back', push, { stages: { RestoreListener: { intendedAtMs: 1 } } }, 'wait'],
    ['nobody one that waits for a person', push, { outcome: 'HALTED' }, 'wait'],
    ['nobody where deployments queue', { ...push, whenBusy: 'queue' }, {}, 'wait'],
  ])('lets %s', (_, newcomer, holder, must) => {
    expect(judgeBusy(newcomer as BusyNewcomer, deployment(holder))).toMatchObject({ must });
  });

  it('refuses whoever comes meanwhile, but not whose turn it is, and no rollback', () => {
    const reject = { ...push, whenBusy: 'reject' } as const;
    expect(judgeBusy(reject, deployment())).toMatchObject({
      must: 'refuse',
      reason: expect.stringContaining('orders-1'),
    });
    expect(judgeBusy({ ...reject, kind: 'person' }, deployment())).toMatchObject({ must: 'refuse' });
    expect(judgeBusy({ ...reject, isItsTurn: true }, deployment())).toEqual({ must: 'wait' });
    expect(judgeBusy({ ...reject, kind: 'person', isRollback: true }, deployment())).toEqual({
      must: 'wait',
    });
  });

  it.each([
    ['rolling', { ecsDeploymentBefore: 'none' }, true],
    ['recreate', { stoppedAtMs: 1 }, true],
    ['native', { serviceDeploymentBefore: 'none' }, true],
    ['canary', { ecsDeploymentBefore: 'none', attach: {} }, false],
  ])('takes a %s deployment with %o for shifted: %s', (type, progress, expected) => {
    const one = deployment({ configuration: configurationOf(type), ...progress });
    expect(hasShifted(one)).toBe(expected);
    expect(shiftMarks(one.configuration).some((mark) => mark in progress)).toBe(expected);
  });
});

describe('judgePrecedence', () => {
  const idle: PredecessorFacts = { service: 'users' };
  const last = { deploymentId: 'users-1', isOfSamePush: false, isLater: false };

  it.each<[string, Partial<PredecessorFacts>, string]>([
    ['that never deployed', {}, 'clear'],
    ['that is being deployed', { lock: { deploymentId: 'users-2' } }, 'busy'],
    ['that waits for its turn', { waitingId: 'users-2' }, 'busy'],
    ['whose execution of the same push has no lock yet', { samePush: 'RUNNING' }, 'busy'],
    ['whose execution of the same push cannot be found yet', { samePush: 'NOT_FOUND' }, 'busy'],
    [
      'that had nothing to deploy from it',
      { samePush: 'SUCCEEDED', last: { ...last, outcome: 'SUCCESSFUL' } },
      'clear',
    ],
    [
      'that was refused the same push',
      { samePush: 'FAILED', last: { ...last, outcome: 'SUCCESSFUL' } },
      'failed',
    ],
    [
      'that a person has deployed since',
      { samePush: 'FAILED', last: { ...last, outcome: 'SUCCESSFUL', isLater: true } },
      'clear',
    ],
    [
      'whose deployment has ended while its execution ends',
      { samePush: 'RUNNING', last: { ...last, outcome: 'SUCCESSFUL', isOfSamePush: true } },
      'clear',
    ],
    ['whose blue would not drain', { last: { ...last, outcome: 'DRAIN_FAILED' } }, 'clear'],
    ['that was rolled back', { last: { ...last, outcome: 'ROLLBACK_SUCCESSFUL' } }, 'failed'],
    ['that was stopped', { last: { ...last, outcome: 'STOPPED' } }, 'failed'],
    ['whose lock waits for a person', { lock: { deploymentId: 'users-2', heldBecause: 'drift' } }, 'failed'],
  ])('of a service %s', (_, facts, expected) => {
    expect(judgePrecedence([{ ...idle, ...facts }]).is).toBe(expected);
  });

  it('waits for what goes on before it calls another failed', () => {
    const failed = { ...idle, last: { ...last, outcome: 'STOPPED' as const } };
    expect(judgePrecedence([failed, { ...idle, waitingId: 'x' }]).is).toBe('busy');
  });
});

it('starts predecessors first, whatever the order in which they are configured', () => {
  const services = [
    { name: 'web', after: ['api'] },
    { name: 'api', after: ['db', 'other'] },
    { name: 'mail', after: [] },
    { name: 'db', after: [] },
  ];
  expect(inOrder(services).map(({ name }) => name)).toEqual(['db', 'api', 'web', 'mail']);
});

describe('a round', () => {
  const orders = { service: 'orders', deploymentId: 'orders-1' };
  const users = { service: 'users', deploymentId: 'users-1' };
  const opened = joined(undefined, 'shop', orders, 'coming') as Round;

  it('is opened by whoever comes first, and joined by the others until it is closed', () => {
    expect(opened).toMatchObject({ id: 'orders-1', version: 1, state: 'gathering' });
    const two = joined(opened, 'shop', users, 'gate') as Round;
    expect(two).toMatchObject({ id: 'orders-1', version: 2 });
    const shifting = inState(two, 'shifting');
    expect(joined(shifting, 'shop', { service: 'mail', deploymentId: 'mail-1' }, 'coming')).toBeUndefined();
    expect(joined(inState(two, 'broken'), 'shop', users, 'coming')).toMatchObject({
      id: 'users-1',
      version: 4,
    });
  });

  it('has come through when every member has baked, and loses who was superseded', () => {
    const two = joined(joined(opened, 'shop', users, 'baked'), 'shop', orders, 'gate') as Round;
    expect(allBaked(two)).toBe(false);
    expect(allBaked(joined(two, 'shop', orders, 'baked') as Round)).toBe(true);
    expect(Object.keys(without(two, 'orders').members)).toEqual(['users']);
  });

  const idle: MemberFacts = { service: 'users', holdsLock: false, waits: false };
  it.each<[string, Partial<MemberFacts>, string]>([
    ['has nothing to deploy', {}, 'complete'],
    ['is at the gate', { at: 'gate', record: deployment(), holdsLock: true }, 'complete'],
    ['is on its way', { at: 'coming', record: deployment(), holdsLock: true }, 'waiting'],
    [
      'is at the gate and paused',
      {
        at: 'gate',
        holdsLock: true,
        record: deployment({ signals: { a: { name: 'pause', atMs: 1, by: 'x' } } }),
      },
      'waiting',
    ],
    [
      'was superseded at the gate',
      { at: 'gate', holdsLock: true, record: deployment({ supersededBy: { deploymentId: 'users-2' } }) },
      'waiting',
    ],
    ['ended without a word', { at: 'coming', record: deployment({ outcome: 'REFUSED' }) }, 'broken'],
    ['is deployed apart', { record: deployment(), holdsLock: true }, 'waiting'],
    [
      'stands by after its success',
      { record: deployment({ succeededAtMs: 1 }), holdsLock: true },
      'complete',
    ],
    ['waits for its turn', { waits: true }, 'waiting'],
    ['is still to come from the same push', { ofSamePush: 'RUNNING' }, 'waiting'],
    ['was refused the same push', { ofSamePush: 'FAILED' }, 'broken'],
    ['found nothing to deploy in the same push', { ofSamePush: 'SUCCEEDED' }, 'complete'],
  ])('judges a member that %s', (_, facts, expected) => {
    expect(judgeGathering([{ ...idle, ...facts }]).is).toBe(expected);
  });
});

describe('a deployment of a group', () => {
  const group = { name: 'shop', together: true, timeoutSeconds: 60 };
  const configuration = {
    strategy: { type: 'canary' },
    bakeSeconds: 60,
    group,
  } as Deployment['configuration'];
  const member = deployment({ configuration });

  it.each([
    ['waits before its first shift', {}, 0, 'waitForGroup'],
    ['shifts when the round is closed', { round: { id: 'x', closedAtMs: 1 } }, 0, 'modifyListener'],
    ['waits after its last bake', { round: { id: 'x', closedAtMs: 1 } }, 1, 'waitForGroup'],
    [
      'is done when all have come through',
      { round: { id: 'x', closedAtMs: 1 }, succeededAtMs: 2 },
      1,
      'done',
    ],
    [
      'shifts alone if its group is one in name only',
      { configuration: { ...configuration, group: { ...group, together: false } } },
      0,
      'modifyListener',
    ],
  ])('%s', (_, more, trafficStep, next) => {
    expect(onwards({ ...member, ...more } as Deployment, trafficStep).next).toBe(next);
  });

  it('steps back with the others in every state, until all have come through', () => {
    const told = {
      ...member,
      steppedBackWith: { service: 'users', deploymentId: 'u', reason: 'bad', atMs: 1 },
    };
    expect(mayGoOn('Bake', told, 2)).toMatchObject({ stop: true, because: 'steppedBack' });
    const late = { ...member, deadlineMs: 1 };
    expect(mayGoOn('WaitForGroup', late, 2)).toMatchObject({ stop: true, because: 'late' });
    expect(mayGoOn('WaitForGroup', { ...late, succeededAtMs: 1 }, 2)).toEqual({ stop: false });
  });
});
