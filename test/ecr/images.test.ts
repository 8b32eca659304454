/** Images: pushed, tagged again, found, deleted, and what each of it tells the world. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createEcr } from '../../local/ecr/index.ts';
import { COMMAND_ANNOTATION, ENVIRONMENT_ANNOTATION } from '../../local/simulators.ts';
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
