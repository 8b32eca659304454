/** What an execution can be started with: words that are refused say what was found and what is allowed. */
import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../../lambdas/common/request.ts';

const parse = (members: object) => parseRequest({ service: 'orders', ...members });

describe('startedAt', () => {
  it.each([
    ['2026-11-21T13:00:00Z', '2026-11-21T13:00:00.000Z'],
    ['2026-11-21T13:00Z', '2026-11-21T13:00:00.000Z'],
    ['2026-11-21T13:00:00.250+01:00', '2026-11-21T12:00:00.250Z'],
  ])('%s is a moment', (startedAt, moment) => {
    expect(parse({ startedAt })).toMatchObject({ startedAtMs: Date.parse(moment) });
  });

  it.each([
    ['2026-13-45T00:00:00Z'],
    ['yesterday'],
    ['2026-11-21T13:00:00'],
    ['2026-11-21'],
    [1_795_000_000],
    [''],
  ])('%j is refused', (startedAt) => {
    expect(() => parse({ startedAt })).toThrow('startedAt is ');
    expect(() => parse({ startedAt })).toThrow(/it must be a (time such as 2026-11-21T13:00:00Z|text)/);
  });
});

describe('to', () => {
  it('names a fleet in the place of an image', () => {
    expect(parse({ to: 'orders-vm' })).toMatchObject({
      kind: 'person',
      to: 'orders-vm',
      asked: { text: '' },
    });
  });

  it.each([['image'], ['tag'], ['digest'], ['taskDefinition']])('is refused beside %s', (member) => {
    expect(() => parse({ to: 'orders-vm', [member]: 'v1' })).toThrow();
  });
});

describe('a schedule', () => {
  it('asks for what is newest, and says for which of its times', () => {
    const scheduledAt = '2026-11-22T03:00:00Z';
    expect(parse({ schedule: 'nightly', force: true, scheduledAt })).toMatchObject({
      kind: 'schedule',
      schedule: 'nightly',
      force: true,
      scheduledAt,
    });
    expect(parse({ schedule: 'nightly' })).toMatchObject({ kind: 'schedule', force: false });
  });

  it.each([[{ schedule: '' }], [{ schedule: 7 }], [{ schedule: 'nightly', force: 'yes' }]])(
    '%j is refused',
    (members) => {
      expect(() => parse(members)).toThrow(/it must be/);
    },
  );
});

it('a push that the sweep found is a push', () => {
  const push = { repository: 'orders', registryId: '1', digest: 'sha256:1', tag: 'v2', pushedAtMs: 0 };
  expect(parse({ push, found: 'sweep' })).toMatchObject({ kind: 'push', push, input: { found: 'sweep' } });
});
