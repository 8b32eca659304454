/** Turns: who gets the waiting place, whose deployment is worth it, and when a lock's holder counts as dead. */
import { describe, expect, it } from 'vitest';
import { judgePlace, needsRecovery, RECOVERIES_MAX } from '../../../lambdas/decisions/turns.ts';
import { judgeWorth } from '../../../lambdas/decisions/worth.ts';

const order = (pushedAtMs: number, digest = 'sha256:a') => ({
  pushedAtMs,
  imagePushedAtMs: pushedAtMs,
  digest,
});
const contender = (pushedAtMs: number, digest: string, byPerson = false) => ({
  digest,
  order: order(pushedAtMs, digest),
  byPerson,
});
const deploying = { digest: 'sha256:0', deploymentId: 'orders-running' };

describe('judgePlace', () => {
  const waiting = { ...contender(10, 'sha256:1'), deploymentId: 'orders-waiting' };

  it('gives the empty place to whoever comes', () => {
    expect(judgePlace(contender(5, 'sha256:2'), undefined, deploying)).toEqual({ takes: true });
  });
  it('lets the newest push have the place', () => {
    expect(judgePlace(contender(11, 'sha256:2'), waiting, deploying)).toEqual({ takes: true });
    expect(judgePlace(contender(9, 'sha256:2'), waiting, deploying)).toMatchObject({ takes: false });
  });
  it('drops the digest that is being deployed, and the one that waits already', () => {
    expect(judgePlace(contender(20, 'sha256:0'), undefined, deploying)).toMatchObject({ takes: false });
    expect(judgePlace(contender(20, 'sha256:1'), waiting, deploying)).toMatchObject({ takes: false });
  });
  it('lets a person overtake a push, and no push overtake a person', () => {
    expect(judgePlace(contender(1, 'sha256:2', true), waiting, deploying)).toEqual({ takes: true });
    const person = { ...waiting, byPerson: true };
    expect(judgePlace(contender(99, 'sha256:2'), person, deploying)).toMatchObject({ takes: false });
  });
});

describe('judgeWorth', () => {
  const history = {
    serves: false,
    isReconfigured: false,
    newest: { order: order(10), told: 'a newer push was begun by orders-10' },
    lastTry: undefined,
  };
  const candidate = { digest: 'sha256:1', order: order(11), byPerson: false };

  it('deploys the digest that serves with another configuration, and not with the same', () => {
    const serving = { ...history, serves: true };
    expect(judgeWorth(candidate, serving)).toMatchObject({ deploy: false });
    expect(judgeWorth(candidate, { ...serving, isReconfigured: true })).toEqual({ deploy: true });
  });

  it('deploys what is newer than everything begun', () => {
    expect(judgeWorth(candidate, history)).toEqual({ deploy: true });
  });
  it('has nothing to do for the digest that serves, not even for a person', () => {
    expect(judgeWorth({ ...candidate, byPerson: true }, { ...history, serves: true })).toMatchObject({
      deploy: false,
    });
  });
  it('lets no older push overtake, unless a person asks', () => {
    const older = { ...candidate, order: order(9) };
    expect(judgeWorth(older, history)).toMatchObject({
      deploy: false,
      reason: expect.stringContaining('orders-10'),
    });
    expect(judgeWorth({ ...older, byPerson: true }, history)).toEqual({ deploy: true });
  });
  it('takes any push where none can be late', () => {
    expect(judgeWorth({ ...candidate, order: order(9) }, { ...history, newest: undefined })).toEqual({
      deploy: true,
    });
  });
  it('never tries a digest again that failed, unless a person asks', () => {
    const failed = { ...history, lastTry: { outcome: 'ROLLBACK_SUCCESSFUL', deploymentId: 'orders-9' } };
    expect(judgeWorth(candidate, failed)).toMatchObject({
      deploy: false,
      reason: expect.stringContaining('orders-9'),
    });
    expect(judgeWorth({ ...candidate, byPerson: true }, failed)).toEqual({ deploy: true });
  });
});

describe('needsRecovery', () => {
  const holder = { status: 'ABORTED', heldForMs: 1_000, recoveryCount: 0 };

  it('recovers after a death, not while the execution runs', () => {
    expect(needsRecovery(holder)).toBe(true);
    expect(needsRecovery({ ...holder, status: 'RUNNING' })).toBe(false);
  });
  it('takes an execution that cannot be found for young, until it is too old for that', () => {
    expect(needsRecovery({ ...holder, status: undefined })).toBe(false);
    expect(needsRecovery({ ...holder, status: undefined, heldForMs: 600_000 })).toBe(true);
  });
  it('leaves a lock that waits for a person alone, and gives up after so many tries', () => {
    expect(needsRecovery({ ...holder, heldBecause: 'drift' })).toBe(false);
    expect(needsRecovery({ ...holder, recoveryCount: RECOVERIES_MAX })).toBe(false);
  });
});
