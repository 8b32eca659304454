/** Which images of a repository count as missed. */
import { describe, expect, it } from 'vitest';
import type { PushOrder } from '../../../lambdas/common/deployment.ts';
import { judgeMissed, type WhatIsKnown } from '../../../lambdas/decisions/missed.ts';

const order = (digest: string, atMs: number, version?: string): PushOrder => ({
  ...(version !== undefined && { version }),
  pushedAtMs: atMs,
  imagePushedAtMs: atMs,
  digest,
});
const NOTHING: WhatIsKnown = {
  suspended: undefined,
  newestPush: undefined,
  lastTry: undefined,
  underWay: [],
  sinceMs: 1000,
};
const tried = (outcome: string) => ({ outcome, deploymentId: 'orders-1' });
const judge = (known: Partial<WhatIsKnown>, { isExact = false, atMs = 5000, version = '' } = {}) =>
  judgeMissed(
    { digest: 'new', order: order('new', atMs, version || undefined), isExact },
    { ...NOTHING, ...known },
  );

describe('an image was missed', () => {
  it.each<[string, Partial<WhatIsKnown>, object]>([
    ['if nothing was ever begun since it came', {}, {}],
    ['if it is newer than all that was begun', { newestPush: order('old', 4000) }, {}],
    ['even if it came before the service was looked after', { newestPush: order('old', 400) }, { atMs: 500 }],
    [
      'if it is a higher version, although an older line was pushed later',
      { newestPush: order('old', 9000, '1.9.9') },
      { version: '2.0.0' },
    ],
    [
      'if a person has deployed an older image since',
      { newestBegun: { ...order('o', 9000), imagePushedAtMs: 4999 } },
      {},
    ],
    [
      'if a tag was moved to an older image since the newest push',
      { newestPush: order('old', 9000), newestBegun: order('old', 9000) },
      { isExact: true },
    ],
    [
      'if the tag that moves points to it again, after it did well before',
      { newestPush: order('old', 9000), lastTry: tried('SUCCESSFUL') },
      { isExact: true },
    ],
  ])('%s', (_when, known, image) => {
    expect(judge(known, image)).toEqual({ missed: true });
  });

  it.each<[string, Partial<WhatIsKnown>, object, RegExp]>([
    ['while the service is suspended', { suspended: { by: 'ada', why: 'x', atMs: 0 } }, {}, /suspended/],
    ['while it is being deployed or waits', { underWay: ['other', 'new'] }, {}, /waits/],
    ['if it was begun', { newestPush: order('new', 5000) }, { isExact: true }, /newest push begun/],
    ['if it was tried in vain', { lastTry: tried('ROLLBACK_SUCCESSFUL') }, { isExact: true }, /tried by/],
    ['if it was deployed before, and is not there again', { lastTry: tried('SUCCESSFUL') }, {}, /tried by/],
    ['if a newer push was begun', { newestPush: order('old', 6000) }, {}, /newer push/],
    [
      'if a higher version was begun',
      { newestPush: order('o', 1, '2.0.0') },
      { version: '1.9.0' },
      /newer push/,
    ],
    [
      'if a person has deployed a newer image',
      { newestBegun: { ...order('o', 9000), imagePushedAtMs: 5001 } },
      {},
      /newer image/,
    ],
    [
      'if that was before any push of a tag that moves',
      { newestBegun: order('o', 5001) },
      { isExact: true },
      /newer image/,
    ],
    ['if it was there before anybody looked', {}, { atMs: 999 }, /arrived before/],
  ])('not %s', (_when, known, image, reason) => {
    expect(judge(known, image)).toEqual({ missed: false, reason: expect.stringMatching(reason) });
  });
});
