/** Images: pushed, tagged again, found, deleted, and what each of it tells the world. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createEcr } from '../../local/ecr/index.ts';
import {
  COMMAND_ANNOTATION,
  ENVIRONMENT_ANNOTATION,
  SCAN_ANNOTATION,
  SIGNING_ANNOTATION,
} from '../../local/simulators.ts';
import { clientOf, testPlatform } from '../local-platform.ts';

const REGISTRY = '000000000000.dkr.ecr.us-east-1.amazonaws.com';
const OCI = 'application/vnd.oci.image.manifest.v1+json';

function manifest(version: string, annotations: Record<string, string> = {}): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', size: 10, digest: 'sha256:0' },
    layers: [{ size: 5 }],
    annotations: { version, ...annotations },
  });
}
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

async function orders(imageTagMutability?: 'IMMUTABLE') {
  const platform = testPlatform();
  const simulator = createEcr(platform);
  const ecr = clientOf(simulator.operations);
  await ecr.CreateRepository({ repositoryName: 'orders', imageTagMutability });
  const push = (imageTag: string | undefined, imageManifest: string) =>
    ecr.PutImage({ repositoryName: 'orders', imageManifest, imageTag });
  const later = async (ms: number) => {
    void platform.clock.sleep(ms);
    await platform.clock.run(() => platform.clock.pendingCount === 0, ms);
  };
  return { ecr, platform, push, later, images: simulator.images };
}

describe('a push', () => {
  it('is known by the digest of its bytes, and told to the bus once', async () => {
    const { push, platform } = await orders();
    const text = manifest('1');
    const { image } = await push('v1', text);
    expect(image).toMatchObject({
      imageId: { imageDigest: digestOf(text), imageTag: 'v1' },
      imageManifest: text,
      imageManifestMediaType: OCI,
    });
    expect(platform.events).toEqual([
      {
        source: 'aws.ecr',
        detailType: 'ECR Image Action',
        resources: [],
        detail: {
          result: 'SUCCESS',
          'repository-name': 'orders',
          'image-digest': digestOf(text),
          'action-type': 'PUSH',
          'image-tag': 'v1',
          'manifest-media-type': OCI,
          'artifact-media-type': 'application/vnd.oci.image.config.v1+json',
        },
      },
    ]);
  });

  it('of the same image and tag again is refused, and told to nobody', async () => {
    const { push, platform } = await orders();
    await push('v1', manifest('1'));
    await expect(push('v1', manifest('1'))).rejects.toMatchObject({ code: 'ImageAlreadyExistsException' });
    await expect(push(undefined, manifest('1'))).rejects.toMatchObject({
      code: 'ImageAlreadyExistsException',
    });
    expect(platform.events).toHaveLength(1);
  });

  it('under a used tag moves the tag, and leaves the former image untagged', async () => {
    const { push, ecr } = await orders();
    await push('v1', manifest('1'));
    await push('v1', manifest('2'));
    const { imageDetails } = await ecr.DescribeImages({ repositoryName: 'orders' });
    expect(imageDetails?.map(({ imageDigest, imageTags }) => [imageDigest, imageTags])).toEqual([
      [digestOf(manifest('1')), undefined],
      [digestOf(manifest('2')), ['v1']],
    ]);
  });

  it('under a used tag is refused where tags are immutable, but another tag is welcome', async () => {
    const { push } = await orders('IMMUTABLE');
    await push('v1', manifest('1'));
    await expect(push('v1', manifest('2'))).rejects.toMatchObject({ code: 'ImageTagAlreadyExistsException' });
    await push('v2', manifest('1'));
  });

  it('of an old image under a new tag does not renew when it was pushed', async () => {
    const { push, ecr, later, platform } = await orders();
    const firstMs = platform.clock.now();
    await push('v1', manifest('1'));
    await later(60_000);
    await push('v2', manifest('1'));
    const { imageDetails } = await ecr.DescribeImages({
      repositoryName: 'orders',
      imageIds: [{ imageTag: 'v2' }],
    });
    expect(imageDetails).toMatchObject([
      { imageTags: ['v1', 'v2'], imagePushedAt: new Date(firstMs), imageSizeInBytes: 15 },
    ]);
    expect(platform.events.map(({ detail }) => detail['image-tag'])).toEqual(['v1', 'v2']);
  });

  it.each<[string, object, string]>([
    ['that is no manifest', { imageManifest: 'x' }, 'InvalidParameterException'],
    ['with another digest', { imageDigest: 'sha256:0' }, 'ImageDigestDoesNotMatchException'],
    ['with a bad tag', { imageTag: '-v1' }, 'InvalidParameterException'],
    ['into no repository', { repositoryName: 'other' }, 'RepositoryNotFoundException'],
    ['into another registry', { registryId: '111111111111' }, 'RepositoryNotFoundException'],
    [
      'with a command that is no list',
      { imageManifest: manifest('1', { [COMMAND_ANNOTATION]: 'node app.js' }) },
      'InvalidParameterException',
    ],
  ])('%s is refused', async (_, input, code) => {
    const { ecr, platform } = await orders();
    const put = ecr.PutImage({
      repositoryName: 'orders',
      imageManifest: manifest('1'),
      imageTag: 'v1',
      ...input,
    });
    await expect(put).rejects.toMatchObject({ code });
    expect(platform.events).toEqual([]);
  });
});

describe('an image', () => {
  it('is resolved by tag or digest to the local command that it stands for', async () => {
    const { push, images } = await orders();
    const text = manifest('1', {
      [COMMAND_ANNOTATION]: '["node","app.js"]',
      [ENVIRONMENT_ANNOTATION]: '{"VERSION":"1"}',
    });
    await push('v1', text);
    const expected = { digest: digestOf(text), command: ['node', 'app.js'], environment: { VERSION: '1' } };
    expect(images.resolve(`${REGISTRY}/orders:v1`)).toEqual(expected);
    expect(images.resolve(`${REGISTRY}/orders@${digestOf(text)}`)).toEqual(expected);
    expect(images.resolve(`${REGISTRY}/orders:gone@${digestOf(text)}`)).toEqual(expected);
    for (const absent of ['orders', 'orders:v2', 'other:v1', 'orders@sha256:0'])
      expect(images.resolve(`${REGISTRY}/${absent}`)).toBeUndefined();
    expect(images.resolve('docker.io/orders:v1')).toBeUndefined();
  });

  it('is read back by tag and digest, and what is not there is named', async () => {
    const { push, ecr } = await orders();
    await push('v1', manifest('1'));
    const { images, failures } = await ecr.BatchGetImage({
      repositoryName: 'orders',
      imageIds: [{ imageTag: 'v1' }, { imageTag: 'v2' }],
    });
    expect(images).toMatchObject([{ imageManifest: manifest('1'), imageId: { imageTag: 'v1' } }]);
    expect(failures).toMatchObject([{ imageId: { imageTag: 'v2' }, failureCode: 'ImageNotFound' }]);
    await expect(
      ecr.DescribeImages({ repositoryName: 'orders', imageIds: [{ imageTag: 'v2' }] }),
    ).rejects.toMatchObject({
      code: 'ImageNotFoundException',
    });
  });

  it('goes with its last tag, or at once by its digest', async () => {
    const { push, ecr, platform } = await orders();
    await push('v1', manifest('1'));
    await push('v2', manifest('1'));
    const remove = (imageIds: object[]) => ecr.BatchDeleteImage({ repositoryName: 'orders', imageIds });
    await remove([{ imageTag: 'v1' }]);
    expect((await ecr.ListImages({ repositoryName: 'orders' })).imageIds).toEqual([
      { imageDigest: digestOf(manifest('1')), imageTag: 'v2' },
    ]);
    expect(await remove([{ imageDigest: digestOf(manifest('1')) }, { imageTag: 'v9' }])).toMatchObject({
      imageIds: [{ imageTag: 'v2' }],
      failures: [{ failureCode: 'ImageNotFound' }],
    });
    expect((await ecr.ListImages({ repositoryName: 'orders' })).imageIds).toEqual([]);
    expect(platform.events.filter(({ detail }) => detail['action-type'] === 'DELETE')).toHaveLength(2);
  });

  it('is listed a page at a time, tagged or not', async () => {
    const { push, ecr } = await orders();
    for (const n of [1, 2, 3]) await push(n === 2 ? undefined : `v${n}`, manifest(String(n)));
    const first = await ecr.DescribeImages({ repositoryName: 'orders', maxResults: 2 });
    const second = await ecr.DescribeImages({
      repositoryName: 'orders',
      maxResults: 2,
      nextToken: first.nextToken,
    });
    expect([first.imageDetails?.length, second.imageDetails?.length, second.nextToken]).toEqual([
      2,
      1,
      undefined,
    ]);
    const tagged = await ecr.ListImages({ repositoryName: 'orders', filter: { tagStatus: 'TAGGED' } });
    expect(tagged.imageIds?.map(({ imageTag }) => imageTag)).toEqual(['v1', 'v3']);
  });
});

describe('a repository', () => {
  it('is made once, described, and deleted only when empty or by force', async () => {
    const { ecr, push } = await orders();
    await expect(ecr.CreateRepository({ repositoryName: 'orders' })).rejects.toMatchObject({
      code: 'RepositoryAlreadyExistsException',
    });
    await expect(ecr.CreateRepository({ repositoryName: 'Orders' })).rejects.toMatchObject({
      code: 'InvalidParameterException',
    });
    expect((await ecr.DescribeRepositories({})).repositories).toMatchObject([
      {
        repositoryUri: `${REGISTRY}/orders`,
        repositoryArn: 'arn:aws:ecr:us-east-1:000000000000:repository/orders',
      },
    ]);
    await push('v1', manifest('1'));
    await expect(ecr.DeleteRepository({ repositoryName: 'orders' })).rejects.toMatchObject({
      code: 'RepositoryNotEmptyException',
    });
    await ecr.DeleteRepository({ repositoryName: 'orders', force: true });
    await expect(ecr.DescribeRepositories({ repositoryNames: ['orders'] })).rejects.toMatchObject({
      code: 'RepositoryNotFoundException',
    });
  });

  it('hands out a token for its registry', async () => {
    const { ecr } = await orders();
    const { authorizationData } = await ecr.GetAuthorizationToken({});
    expect(authorizationData).toMatchObject([
      { proxyEndpoint: `https://${REGISTRY}`, authorizationToken: expect.any(String) },
    ]);
  });
});

describe('a scan', () => {
  const findings = { repositoryName: 'orders', imageId: { imageTag: 'v1' } };
  const bad = manifest('1', { [SCAN_ANNOTATION]: '{"seconds":60,"findings":{"CRITICAL":1,"LOW":2}}' });

  it('begins with the push where that is asked for, and its end is told with the counts', async () => {
    const { ecr, push, later, platform } = await orders();
    await ecr.PutImageScanningConfiguration({
      repositoryName: 'orders',
      imageScanningConfiguration: { scanOnPush: true },
    });
    await push('v1', bad);
    const begun = await ecr.DescribeImageScanFindings(findings);
    expect(begun).toMatchObject({ imageScanStatus: { status: 'IN_PROGRESS' } });
    expect(begun.imageScanFindings).toBeUndefined();
    await later(60_000);
    const first = await ecr.DescribeImageScanFindings({ ...findings, maxResults: 2 });
    expect(first).toMatchObject({
      imageScanStatus: { status: 'COMPLETE' },
      imageScanFindings: { findingSeverityCounts: { CRITICAL: 1, LOW: 2 }, findings: [{}, {}] },
      nextToken: expect.any(String),
    });
    const rest = await ecr.DescribeImageScanFindings({ ...findings, nextToken: first.nextToken });
    expect(rest.imageScanFindings?.findings).toHaveLength(1);
    expect(platform.events.at(-1)).toEqual({
      source: 'aws.ecr',
      detailType: 'ECR Image Scan',
      resources: ['arn:aws:ecr:us-east-1:000000000000:repository/orders'],
      detail: {
        'scan-status': 'COMPLETE',
        'repository-name': 'orders',
        'finding-severity-counts': { CRITICAL: 1, LOW: 2 },
        'image-digest': digestOf(bad),
        'image-tags': ['v1'],
      },
    });
  });

  it('is none unless somebody asks for it, may fail, and is not for lists', async () => {
    const { ecr, push, later } = await orders();
    const failing = manifest('1', { [SCAN_ANNOTATION]: '{"status":"FAILED"}' });
    await push('v1', failing);
    await expect(ecr.DescribeImageScanFindings(findings)).rejects.toMatchObject({
      code: 'ScanNotFoundException',
    });
    await ecr.StartImageScan(findings);
    await later(10_000);
    expect(await ecr.DescribeImageScanFindings(findings)).toMatchObject({
      imageScanStatus: { status: 'FAILED' },
    });
    await push('all', indexOf(digestOf(failing)));
    await expect(
      ecr.StartImageScan({ repositoryName: 'orders', imageId: { imageTag: 'all' } }),
    ).rejects.toMatchObject({ code: 'UnsupportedImageTypeException' });
  });
});

const indexOf = (...digests: string[]) =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: digests.map((digest) => ({ digest, platform: { os: 'linux', architecture: 'amd64' } })),
  });

describe('a list for several architectures', () => {
  it('names images that are there, and runs as the one for this platform', async () => {
    const { push, ecr, images } = await orders();
    const one = manifest('1', { [COMMAND_ANNOTATION]: '["node","app.js"]' });
    await expect(push('all', indexOf(digestOf(one)))).rejects.toMatchObject({
      code: 'ReferencedImagesNotFoundException',
    });
    await push(undefined, one);
    await push('all', indexOf(digestOf(one)));
    const { imageDetails } = await ecr.DescribeImages({
      repositoryName: 'orders',
      filter: { tagStatus: 'TAGGED' },
    });
    expect(imageDetails).toMatchObject([
      { imageTags: ['all'], imageManifestMediaType: 'application/vnd.oci.image.index.v1+json' },
    ]);
    expect(imageDetails?.[0]?.artifactMediaType).toBeUndefined();
    expect(images.resolve(`${REGISTRY}/orders:all`)).toMatchObject({
      digest: digestOf(one),
      command: ['node', 'app.js'],
    });
  });

  it('and what is about an image are told apart from images', async () => {
    const { push, ecr } = await orders();
    await push('v1', manifest('1'));
    const subject = { mediaType: OCI, digest: digestOf(manifest('1')), size: 1 };
    const sbom = { ...JSON.parse(manifest('sbom')), artifactType: 'application/spdx+json', subject };
    await push('sbom', JSON.stringify(sbom));
    const described = await ecr.DescribeImages({
      repositoryName: 'orders',
      imageIds: [{ imageTag: 'sbom' }],
    });
    expect(described.imageDetails).toMatchObject([
      { artifactMediaType: 'application/spdx+json', subjectManifestDigest: subject.digest },
    ]);
  });
});

describe('a signature', () => {
  const profile = 'arn:aws:signer:us-east-1:000000000000:/signing-profiles/shop';
  const status = { repositoryName: 'orders', imageId: { imageTag: 'v1' } };

  it('is made of each image that is pushed where a rule says so', async () => {
    const { ecr, push, later } = await orders();
    await push('v0', manifest('0'));
    const filter = { filter: 'ord*', filterType: 'WILDCARD_MATCH' as const };
    const other = { filter: 'team/*', filterType: 'WILDCARD_MATCH' as const };
    const rules = [
      { signingProfileArn: profile, repositoryFilters: [filter] },
      { signingProfileArn: 'arn:other', repositoryFilters: [other] },
    ];
    await ecr.PutSigningConfiguration({ signingConfiguration: { rules } });
    await push('v1', manifest('1'));
    const begun = await ecr.DescribeImageSigningStatus(status);
    expect(begun.signingStatuses).toEqual([{ signingProfileArn: profile, status: 'IN_PROGRESS' }]);
    await later(10_000);
    const done = await ecr.DescribeImageSigningStatus(status);
    expect(done.signingStatuses).toEqual([{ signingProfileArn: profile, status: 'COMPLETE' }]);
    const before = await ecr.DescribeImageSigningStatus({ ...status, imageId: { imageTag: 'v0' } });
    expect(before.signingStatuses).toEqual([]);
  });

  it('fails where the image says so', async () => {
    const { ecr, push, later } = await orders();
    await ecr.PutSigningConfiguration({ signingConfiguration: { rules: [{ signingProfileArn: profile }] } });
    await push('v1', manifest('1', { [SIGNING_ANNOTATION]: 'FAILED' }));
    await later(10_000);
    expect((await ecr.DescribeImageSigningStatus(status)).signingStatuses).toMatchObject([
      { status: 'FAILED', failureCode: expect.any(String) },
    ]);
    await ecr.DeleteSigningConfiguration({});
    await expect(ecr.GetSigningConfiguration({})).rejects.toMatchObject({
      code: 'SigningConfigurationNotFoundException',
    });
  });
});
