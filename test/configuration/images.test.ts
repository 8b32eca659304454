/** The images of a service: which tags, which containers, and which gates. */
import { describe, expect, it } from 'vitest';
import { globPolicy } from '../../lambdas/common/configuration/glob.ts';
import { complaintsAbout, orders, parsed } from './documents.ts';

const image = (otherwise: object = {}) => ({
  image: { repository: 'orders', container: 'app', tags: { glob: 'v*' }, ...otherwise },
});
const router = { repository: 'router', container: 'log-router', tags: { semver: '*' } };

describe('the images of a service', () => {
  it.each([{ semver: '>=1.0.0 <3' }, { newest: true }, { exact: '1.0' }])('are followed by %j', (tags) => {
    expect(parsed(image({ tags })).image.tags).toEqual(tags);
  });

  it('are followed by a glob, with the regular expression that it means', () => {
    const { tags } = parsed(image({ tags: { glob: 'release-{a,b}-*' } })).image;

    expect(tags).toEqual({ glob: 'release-{a,b}-*', pattern: expect.any(String) });
    const matches = (tag: string) => new RegExp('pattern' in tags ? tags.pattern : '').test(tag);
    expect(['release-a-1', 'release-b-', 'release-c-1', 'x-release-a-1'].map(matches)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('go into several containers, and come from several repositories', () => {
    const written = { container: ['app', 'worker'], sidecars: [router], keepTag: 'in-use' };
    expect(parsed(image(written)).image).toEqual({
      repository: 'orders',
      containers: ['app', 'worker'],
      tags: globPolicy('v*'),
      base: 'running',
      minimumAgeSeconds: 0,
      keepTag: 'in-use',
      sidecars: [{ repository: 'router', containers: ['log-router'], tags: { semver: '*' } }],
    });
  });

  it('pass gates within their times, and have an age', () => {
    const written = { minimumAge: '1h', scan: { atMost: 'MEDIUM' }, signature: {} };
    expect(parsed(image(written)).image).toMatchObject({
      minimumAgeSeconds: 3600,
      scan: { atMost: 'MEDIUM', timeoutSeconds: 1800 },
      signature: { timeoutSeconds: 600 },
    });
  });

  it('make the first of several containers the one that migrates', () => {
    const { migration } = parsed({ ...image({ container: ['web', 'app'] }), migration: { command: ['x'] } });
    expect(migration?.container).toBe('web');
  });

  it.each([
    [{ tags: { semver: 'one' } }, "image.tags.semver: found 'one', allowed: a range of versions"],
    [{ tags: { newest: false } }, 'image.tags.newest: found false (a boolean), allowed: true'],
    [{ tags: { semver: '*', newest: true } }, 'image.tags: found semver and newest'],
    [{ container: [] }, 'image.container: found a list of 0, allowed: one to ten names'],
    [{ container: ['app', 'app'] }, "image.container[1]: found 'app' a second time"],
    [{ scan: {} }, 'image.scan.atMost: found nothing, allowed: INFORMATIONAL, LOW, MEDIUM, HIGH or CRITICAL'],
    [{ scan: { atMost: 'UNDEFINED' } }, "image.scan.atMost: found 'UNDEFINED'"],
    [{ minimumAge: '91d' }, "image.minimumAge: found '91d', allowed: a duration from 0s to 90d"],
    [{ sidecars: [{ ...router, tags: {} }] }, 'image.sidecars[0].tags: found none of them'],
    [
      { sidecars: [{ ...router, container: 'app' }] },
      "image.sidecars[0].container: found 'app' a second time",
    ],
    [
      { sidecars: [{ ...router, repository: 'orders' }] },
      "image.sidecars[0].repository: found 'orders' a second time",
    ],
  ])('are refused if they are %j', (otherwise, complaint) => {
    expect(complaintsAbout(orders(image(otherwise))).join('\n')).toContain(complaint);
  });
});
