/** Which pushes deploy: tags by each policy, kinds of images by what ECR says of them, age, and the order among pushes. */
import { describe, expect, it } from 'vitest';
import { globPolicy } from '../../../lambdas/common/configuration/glob.ts';
import type { ServiceConfiguration, TagPolicy } from '../../../lambdas/common/service.ts';
import { judgeAge, judgeImage } from '../../../lambdas/decisions/images.ts';
import { comparePushes } from '../../../lambdas/decisions/push-order.ts';
import { judgeFeed, type Push } from '../../../lambdas/decisions/pushes.ts';
import { judgeTag, newestVersion } from '../../../lambdas/decisions/tags.ts';

describe('a tag', () => {
  it.each<[TagPolicy, string, boolean]>([
    [globPolicy('v*'), 'v2', true],
    [globPolicy('v*'), 'latest', false],
    [globPolicy('*-arm64'), 'v2-arm64', true],
    [{ exact: 'live' }, 'live', true],
    [{ exact: 'live' }, 'live2', false],
    [{ newest: true }, 'anything', true],
    [{ newest: true }, 'v2-arm64', false],
    [{ semver: '>=1.0.0' }, '1.4.0', true],
    [{ semver: '>=1.0.0' }, 'v1.4.0', true],
    [{ semver: '>=1.0.0' }, '0.9.9', false],
    [{ semver: '>=1.0.0' }, '1.4', false],
    [{ semver: '>=1.0.0' }, 'latest', false],
    [{ semver: '>=1.0.0' }, '1.4.0-rc.1', false],
    [{ semver: '>=1.4.0-rc.0' }, '1.4.0-rc.1', true],
    [{ semver: '>=1.4.0-rc.0' }, '1.5.0-rc.1', false],
    [{ semver: '>=1.4.0-0' }, '1.4.0-amd64', false],
    [{ semver: '^1.2.0' }, '2.0.0', false],
  ])('under %j: %s is followed: %s', (policy, tag, follows) => {
    expect(judgeTag(policy, tag).follows).toBe(follows);
  });

  it.each<TagPolicy>([globPolicy('*'), { newest: true }, { semver: '*' }])(
    'of the referrers scheme is no image under %j',
    (policy) => {
      const tag = `sha256-${'a'.repeat(64)}`;
      for (const ending of ['', '.sig', '.att'])
        expect(judgeTag(policy, tag + ending)).toMatchObject({
          follows: false,
          reason: expect.stringContaining('referrers'),
        });
    },
  );

  it('among several is the highest version that the policy follows', () => {
    expect(newestVersion({ semver: '^1.0.0' }, ['v1.9.0', '1.10.0', 'latest', '2.0.0'])).toBe('1.10.0');
    expect(newestVersion(globPolicy('*'), ['1.0.0'])).toBeUndefined();
  });
});

describe('what ECR has under a digest', () => {
  const image = {
    digest: 'sha256:a',
    pushedAtMs: 0,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactMediaType: 'application/vnd.oci.image.config.v1+json',
  };
  const index = {
    ...image,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    artifactMediaType: undefined,
  };

  it.each([
    ['an image', image],
    ['a list for several architectures', index],
    ['an image of Docker', { ...image, artifactMediaType: 'application/vnd.docker.container.image.v1+json' }],
  ])('is deployed if it is %s', (_, facts) => {
    expect(judgeImage(facts)).toEqual({ qualifies: true });
  });

  it.each([
    ['a referrer', { ...image, subjectDigest: 'sha256:b' }, /is about sha256:b/],
    ['a signature', { ...image, artifactMediaType: 'application/vnd.cncf.notary.signature' }, /notary/],
    ['a chart', { ...image, artifactMediaType: 'application/vnd.cncf.helm.config.v1+json' }, /helm/],
    [
      'another manifest',
      { ...image, mediaType: 'application/vnd.oci.artifact.manifest.v1+json' },
      /artifact/,
    ],
    ['archived', { ...image, status: 'ARCHIVED' }, /ARCHIVED in ECR; restore/],
  ])('is not deployed if it is %s', (_, facts, reason) => {
    expect(judgeImage(facts)).toEqual({ qualifies: false, reason: expect.stringMatching(reason) });
  });

  it('is old enough from a moment on that is told', () => {
    expect(judgeAge(image, 3600, 3_599_999)).toEqual({
      qualifies: false,
      reason: 'sha256:a is too young: it is old enough from 1970-01-01T01:00:00.000Z',
    });
    expect(judgeAge(image, 3600, 3_600_000)).toEqual({ qualifies: true });
    expect(judgeAge(image, 0, 0)).toEqual({ qualifies: true });
  });
});

describe('a push', () => {
  const push: Push = {
    repository: 'orders',
    registryId: '000000000000',
    digest: 'sha256:a',
    tag: 'v2',
    pushedAtMs: 1,
  };
  const router = {
    repository: 'router',
    registryId: '111111111111',
    containers: ['log'],
    tags: { semver: '*' },
  };
  const service = {
    name: 'orders',
    image: { repository: 'orders', containers: ['app'], tags: globPolicy('v*'), sidecars: [router] },
  } as unknown as ServiceConfiguration;

  it('feeds the containers of its repository and registry', () => {
    expect(judgeFeed(push, service, '000000000000')).toMatchObject({
      feeds: true,
      source: { containers: ['app'] },
    });
    const ofRouter = { ...push, repository: 'router', registryId: '111111111111', tag: '2.0.0' };
    expect(judgeFeed(ofRouter, service, '000000000000')).toEqual({ feeds: true, source: router });
  });

  it.each([
    [{ repository: 'users' }, /takes no images of users/],
    [{ registryId: '111111111111' }, /in registry 111111111111/],
    [{ tag: 'latest' }, /latest does not match v\*/],
  ])('with %j feeds nothing, and the reason is told', (change, reason) => {
    expect(judgeFeed({ ...push, ...change }, service, '000000000000')).toEqual({
      feeds: false,
      reason: expect.stringMatching(reason),
    });
  });
});

describe('the order of pushes', () => {
  const at = (pushedAtMs: number, more: object = {}) => ({
    pushedAtMs,
    imagePushedAtMs: pushedAtMs,
    digest: 'sha256:a',
    ...more,
  });
  const signs = (a: ReturnType<typeof at>, b: ReturnType<typeof at>) => [
    Math.sign(comparePushes(a, b)),
    Math.sign(comparePushes(b, a)),
  ];

  it.each([
    ['by event time', at(1), at(2)],
    ['of one moment by the arrival of the image', at(1, { imagePushedAtMs: 0 }), at(1)],
    ['of one moment and one arrival by digest', at(1), at(1, { digest: 'sha256:b' })],
    ['by version, however late a hotfix comes', at(9, { version: '1.3.9' }), at(1, { version: '1.4.0' })],
    ['by number, not by letter', at(9, { version: '1.9.0' }), at(1, { version: '1.10.0' })],
    ['a prerelease before its release', at(9, { version: '1.4.0-rc.2' }), at(1, { version: '1.4.0' })],
    ['of one version by time', at(1, { version: '1.4.0' }), at(2, { version: '1.4.0' })],
    ['without a version by time', at(1, { version: '9.0.0' }), at(2)],
    [
      'of two repositories by time',
      at(1, { version: '9.0.0' }),
      at(2, { version: '1.0.0', sidecar: 'router' }),
    ],
  ])('is %s', (_, older, newer) => {
    expect(signs(older, newer)).toEqual([-1, 1]);
  });

  it('is nothing between a push and its duplicate', () => {
    expect(comparePushes(at(1, { version: '1.0.0' }), at(1, { version: '1.0.0' }))).toBe(0);
  });
});
