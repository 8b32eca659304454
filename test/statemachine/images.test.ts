/** Which pushes deploy, and what must be known of an image before it runs: whole deployments, from the event on. */
import { createHash } from 'node:crypto';
import {
  BatchDeleteImageCommand,
  CreateRepositoryCommand,
  PutImageCommand,
  PutImageScanningConfigurationCommand,
  PutSigningConfigurationCommand,
} from '@aws-sdk/client-ecr';
import {
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { globPolicy } from '../../lambdas/common/configuration/glob.ts';
import type { ImageSource, TagPolicy } from '../../lambdas/common/service.ts';
import { comparePushes } from '../../lambdas/decisions/push-order.ts';
import { SCAN_ANNOTATION } from '../../local/simulators.ts';
import { pushImage } from '../../local/world/index.ts';
import { type Bed, type Execution, makeBed } from './bed.ts';

const IMAGE: ImageSource = {
  repository: 'orders',
  containers: ['app'],
  tags: globPolicy('v*'),
  base: 'running',
  minimumAgeSeconds: 0,
  sidecars: [],
};
const QUICK = { bakeSeconds: 5, propagationSeconds: 1 };

let bed: Bed;
afterEach(() => bed.close());

const following = (tags: TagPolicy, more: Partial<ImageSource> = {}) => ({
  ...QUICK,
  image: { ...IMAGE, tags, ...more },
});

/** What ended since: outcome and reason of each execution, in order. */
async function ended(count: number): Promise<{ outcome?: string; reason: string }[]> {
  const executions = await bed.untilEnded(count);
  return executions.map(({ error, output, cause }: Execution) => {
    const { outcome, reason } = (output ?? {}) as { outcome?: string; reason?: string };
    return { outcome: error ?? outcome, reason: reason ?? cause ?? '' };
  });
}

async function serving(): Promise<string | undefined> {
  return (await bed.sides()).find(({ percent }) => percent === 100)?.service;
}

/** The version that the serving side runs. */
async function servingDigest(): Promise<string | undefined> {
  const { taskDefinition } = await bed.service((await serving()) ?? '');
  return imagesOf(taskDefinition ?? '').then((images) => images.app?.split('@')[1]);
}

async function imagesOf(taskDefinition: string): Promise<Record<string, string>> {
  const described = await bed.clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  const containers = described.taskDefinition?.containerDefinitions ?? [];
  return Object.fromEntries(containers.map(({ name = '', image = '' }) => [name, image]));
}

describe('a service that follows versions', () => {
  beforeEach(async () => {
    bed = await makeBed({ configuration: following({ semver: '>=1.0.0' }) });
  });

  it('is never downgraded by a hotfix of an older line, but by a person, and then follows that line', async () => {
    const newer = await bed.push('1.4.0');
    await bed.untilEnded(1);
    await bed.push('1.5.0-rc.1');
    const hotfix = await bed.push('1.3.9');
    expect(await ended(2)).toEqual([
      expect.objectContaining({ outcome: 'SUCCESSFUL' }),
      { outcome: 'NOTHING_TO_DEPLOY', reason: '1.4.0 serves: an older one never overtakes it' },
    ]);
    expect(await servingDigest()).toBe(newer.digest);

    await bed.start({ service: 'orders', tag: '1.3.9' });
    expect((await ended(3))[2]).toMatchObject({ outcome: 'SUCCESSFUL' });
    expect(await servingDigest()).toBe(hotfix.digest);
    const fix = await bed.push('1.3.10');
    expect((await ended(4))[3]).toMatchObject({ outcome: 'SUCCESSFUL' });
    expect(await servingDigest()).toBe(fix.digest);

    // A person who names none means the newest that the range asks for, and that is no prerelease.
    await bed.start({ service: 'orders' });
    expect((await ended(5))[4]).toMatchObject({ outcome: 'SUCCESSFUL' });
    expect((await bed.deployments()).at(-1)).toMatchObject({
      image: { tag: '1.4.0' },
      order: { version: '1.4.0' },
    });
  });

  it('takes the newest of versions that come in the wrong order while one is deployed', async () => {
    const first = await bed.push('1.1.0');
    await bed.untilState('Bake');
    const last = await bed.push('1.3.0');
    await bed.pass(2);
    await bed.push('1.2.0');
    await bed.push('1.0.9');
    await bed.until(async () => (await servingDigest()) === last.digest, '1.3.0 to serve');
    await bed.untilEnded(5);
    const tags = (await bed.deployments()).filter(({ outcome }) => outcome === 'SUCCESSFUL');
    expect(tags.map(({ image }) => image.digest)).toEqual([first.digest, last.digest]);
  });
});

describe('a push that reaches the machine', () => {
  const push = (tag: string, digest: string, pushedAtMs = bed.cloud.clock.now()) => ({
    service: 'orders',
    push: { repository: 'orders', registryId: '000000000000', tag, digest, pushedAtMs },
  });

  it('and does not qualify ends with the reason, and leaves nothing behind', async () => {
    bed = await makeBed({ configuration: following({ exact: 'nothing' }) });
    const { ecr } = bed.clients;
    const moved = await bed.push('v2', { LOG: 'a' });
    await bed.push('v2', { LOG: 'b' });
    const gone = await bed.push('v3');
    await ecr.send(new BatchDeleteImageCommand({ repositoryName: 'orders', imageIds: [{ imageTag: 'v3' }] }));
    const sbom = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/spdx+json',
      config: { mediaType: 'application/vnd.oci.empty.v1+json' },
      subject: { digest: moved.digest },
    });
    await ecr.send(new PutImageCommand({ repositoryName: 'orders', imageTag: 'v4', imageManifest: sbom }));
    const artifact = `sha256:${createHash('sha256').update(sbom).digest('hex')}`;
    const young = await bed.push('v5');

    await bed.configure(following({ newest: true }, { minimumAgeSeconds: 3600 }));
    await bed.start(push('v2', moved.digest));
    await bed.start(push('v3', gone.digest));
    await bed.start(push('v4', artifact));
    await bed.start(push('v5', young.digest));
    await bed.start(push(`sha256-${'a'.repeat(64)}`, young.digest));
    await bed.start({
      ...push('v5', young.digest),
      push: { ...push('v5', young.digest).push, repository: 'x' },
    });
    const ends = await ended(6);
    expect(new Set(ends.map(({ outcome }) => outcome))).toEqual(new Set(['NOTHING_TO_DEPLOY']));
    const reasons = [
      /points to sha256:\w+ now/,
      /no more in ECR/,
      /is about sha256/,
      /old enough from 20/,
      /referrers/,
      /takes no images of x/,
    ];
    for (const reason of reasons) expect(ends.filter((end) => reason.test(end.reason))).toHaveLength(1);
    expect(await bed.deployments()).toEqual([]);
    expect(await bed.items('locks')).toEqual([]);
  });

  it('of one exact tag means what the tag points to now, however late, reordered or doubled it comes', async () => {
    bed = await makeBed({ configuration: following({ exact: 'live' }) });
    const first = await bed.push('live', { LOG: 'a' });
    await bed.untilState('Bake');
    const second = await bed.push('live', { LOG: 'b' });
    await bed.pass(1);
    // The first push's event again, with an hour's delay: what it resolves to is what waits already.
    await bed.start(push('live', first.digest, bed.cloud.clock.now() - 3_600_000));
    await bed.until(async () => (await servingDigest()) === second.digest, 'the second to serve');
    await bed.untilEnded(4);
    await bed.start(push('live', first.digest));
    expect((await ended(5))[4]).toMatchObject({
      outcome: 'NOTHING_TO_DEPLOY',
      reason: expect.stringContaining('already serves'),
    });
    const done = (await bed.deployments()).filter(({ outcome }) => outcome === 'SUCCESSFUL');
    expect(done.map(({ image }) => image.digest)).toEqual([first.digest, second.digest]);
  });

  it('under a glob is ordered by its time: of two of one millisecond the same one wins, and a late one never overtakes', async () => {
    bed = await makeBed({ configuration: following({ exact: 'nothing' }) });
    const [a, b, late] = [await bed.push('v2'), await bed.push('v3'), await bed.push('v4')];
    await bed.pass(1);
    await bed.configure(following(globPolicy('v*')));
    const nowMs = bed.cloud.clock.now();
    await Promise.all([bed.start(push('v2', a.digest, nowMs)), bed.start(push('v3', b.digest, nowMs))]);
    await bed.untilEnded(2);
    await bed.until(async () => (await bed.items('locks')).length === 0, 'both to end');
    await bed.start(push('v4', late.digest, nowMs - 1));
    const last = (await ended(3)).at(-1);
    expect(last).toMatchObject({
      outcome: 'NOTHING_TO_DEPLOY',
      reason: expect.stringContaining('an older one never overtakes it'),
    });
    const orders = (await bed.deployments()).slice(0, 2).map(({ order }) => order);
    expect(await servingDigest()).toBe(orders.sort(comparePushes).at(-1)?.digest);
  });
});

describe('several containers', () => {
  it('are moved in one deployment: by the one image of both, by a push of one of them, or as a person names them', async () => {
    const router = { repository: 'router', container: 'router', tags: { exact: 'nothing' } };
    bed = await makeBed({
      service: { image: { sidecars: [router], base: 'family-latest' }, bake: '5s', propagation: '1s' },
    });
    const { ecs, ecr } = bed.clients;
    await ecr.send(new CreateRepositoryCommand({ repositoryName: 'router' }));
    const pushRouter = (tag: string) => pushImage(bed.clients, { repository: 'router', tag });
    const { uri } = await pushRouter('r1');
    await bed.pass(1);
    const { taskDefinition } = await ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: 'orders' }),
    );
    const [app] = taskDefinition?.containerDefinitions ?? [];
    const others = ['worker', 'router'].map((name) => ({
      ...app,
      name,
      image: name === 'router' ? uri : app?.image,
      portMappings: [],
    }));
    await ecs.send(
      new RegisterTaskDefinitionCommand({
        ...(taskDefinition as RegisterTaskDefinitionCommandInput),
        containerDefinitions: [app ?? {}, ...others],
      }),
    );
    await bed.configure({
      image: {
        ...IMAGE,
        containers: ['app', 'worker'],
        base: 'family-latest',
        sidecars: [{ repository: 'router', containers: ['router'], tags: globPolicy('r*') }],
      },
    });
    const running = async () => {
      const { taskDefinition } = await bed.service((await serving()) ?? '');
      const images = await imagesOf(taskDefinition ?? '');
      return Object.fromEntries(Object.entries(images).map(([name, image]) => [name, image.split('@')[1]]));
    };

    const v2 = await bed.push('v2');
    await bed.untilEnded(1);
    expect(await running()).toMatchObject({ app: v2.digest, worker: v2.digest });

    const r2 = await pushRouter('r2');
    await bed.untilEnded(2);
    expect(await running()).toEqual({ app: v2.digest, worker: v2.digest, router: r2.digest });
    expect((await bed.deployments()).at(-1)).toMatchObject({
      image: { digest: r2.digest },
      order: { sidecar: 'router' },
      outcome: 'SUCCESSFUL',
    });

    const nothing = { exact: 'nothing' };
    await bed.configure({
      image: {
        ...IMAGE,
        containers: ['app', 'worker'],
        tags: nothing,
        base: 'family-latest',
        sidecars: [{ repository: 'router', containers: ['router'], tags: nothing }],
      },
    });
    const [v3, r3] = [await bed.push('v3'), await pushRouter('r3')];
    await bed.pass(1);
    await bed.start({ service: 'orders', tag: 'v3', sidecars: { router: 'r3' } });
    await bed.untilEnded(3);
    expect(await running()).toEqual({ app: v3.digest, worker: v3.digest, router: r3.digest });
    await bed.start({ service: 'orders', sidecars: { router: r3.digest } });
    await bed.start({ service: 'orders', tag: 'v3', sidecars: { envoy: 'e1' } });
    const ends = await ended(5);
    expect(ends.at(-2)).toMatchObject({ outcome: 'NOTHING_TO_DEPLOY' });
    expect(ends.at(-1)).toMatchObject({
      outcome: 'REFUSED',
      reason: expect.stringContaining("'envoy' is no sidecar of orders; they are: router"),
    });
  });
});

describe('the gates on an image', () => {
  const CRITICAL = { findings: { CRITICAL: 1 } };
  const profile = 'arn:aws:signer:us-east-1:000000000000:/signing-profiles/shop';

  /** Pushes a version whose scan ends as told. */
  async function pushScanned(tag: string, scan: object): Promise<string> {
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json' },
      annotations: {
        'dev.sidestep.local.command': '["sidestep:sample-app"]',
        'dev.sidestep.local.environment': JSON.stringify({ VERSION: tag }),
        [SCAN_ANNOTATION]: JSON.stringify(scan),
      },
    });
    const put = { repositoryName: 'orders', imageTag: tag, imageManifest: manifest };
    const { image } = await bed.clients.ecr.send(new PutImageCommand(put));
    return image?.imageId?.imageDigest ?? '';
  }

  async function scanOnPush(scanOnPush: boolean): Promise<void> {
    await bed.clients.ecr.send(
      new PutImageScanningConfigurationCommand({
        repositoryName: 'orders',
        imageScanningConfiguration: { scanOnPush },
      }),
    );
  }

  const waits = async () => (await bed.items('waits')).map(({ state, waitingFor }) => [state, waitingFor]);
  const last = async (count: number) => (await ended(count)).at(-1);

  it('hold it until it is scanned and signed, refuse it for what was found or not in time, and let a person abort', async () => {
    const gates = { scan: { atMost: 'HIGH', timeout: '10m' }, signature: { timeout: '10m' } };
    bed = await makeBed({ service: { image: gates, bake: '5s', propagation: '1s' } });
    const rules = [{ signingProfileArn: profile }];
    await bed.clients.ecr.send(new PutSigningConfigurationCommand({ signingConfiguration: { rules } }));
    await scanOnPush(true);

    // Waits, is woken by the scan's event, and passes: well before the sweep would have looked.
    const good = await pushScanned('v2', { seconds: 20, findings: { HIGH: 2, LOW: 7 } });
    const execution = await bed.untilState('VerifyImage');
    const beganMs = bed.cloud.clock.now();
    await bed.pass(3);
    expect(await waits()).toEqual([
      ['VerifyImage', expect.stringMatching(/^the scan of orders@\S+, which is IN_PROGRESS$/)],
    ]);
    await bed.untilState('AttachGreen');
    expect(bed.cloud.clock.now() - beganMs).toBeLessThan(22_000);
    expect(await last(1)).toMatchObject({ outcome: 'SUCCESSFUL' });
    expect((await bed.statesOf(execution)).slice(4, 9)).toEqual([
      'Deploy',
      'RegisterRevision',
      'HowToStart?',
      'VerifyImage',
      'HowToStart?',
    ]);
    const [record] = await bed.deployments();
    expect(record?.imagesVerified).toMatchObject({
      digests: [good],
      told: expect.stringMatching(/found 2 HIGH, 7 LOW; \S+ is signed with arn/),
    });

    // A finding too bad: refused before anything is touched, and not tried again by automation.
    const bad = await pushScanned('v3', { seconds: 5, ...CRITICAL });
    expect(await last(2)).toEqual({
      outcome: 'REFUSED',
      reason: expect.stringMatching(/^ImageNotVerified: .* found 1 CRITICAL; at most HIGH is allowed$/),
    });
    await bed.start({
      service: 'orders',
      push: {
        repository: 'orders',
        registryId: '000000000000',
        digest: bad,
        tag: 'v3',
        pushedAtMs: bed.cloud.clock.now(),
      },
    });
    expect(await last(3)).toMatchObject({
      outcome: 'NOTHING_TO_DEPLOY',
      reason: expect.stringContaining('ended REFUSED; only a person starts it again'),
    });

    // Never scanned: refused when the time is up; and a person need not wait for that.
    await scanOnPush(false);
    await pushScanned('v4', {});
    const { reason } = (await last(4)) ?? {};
    expect(reason).toMatch(
      /^ImageNotVerified: after 600 s it still waits for the scan of .*, which has not begun$/,
    );
    await pushScanned('v5', {});
    await bed.untilState('VerifyImage');
    await bed.pass(2);
    expect(await bed.signal('approve')).toMatchObject({ errorType: 'SignalRefused' });
    expect(await bed.signal('promote')).toHaveProperty('deploymentId');
    await bed.pass(5);
    expect(await waits()).toEqual([['VerifyImage', expect.stringMatching(/has not begun/)]]);
    await bed.signal('abort', { reason: 'enough' });
    expect(await last(5)).toMatchObject({ outcome: 'STOPPED', reason: expect.stringContaining('enough') });

    // A list for several architectures is as good as the worst of its images that may run.
    await scanOnPush(true);
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [good, bad].map((digest, arm) => ({
        digest,
        platform: { os: 'linux', architecture: arm ? 'arm64' : 'amd64' },
      })),
    });
    await bed.clients.ecr.send(
      new PutImageCommand({ repositoryName: 'orders', imageTag: 'v6', imageManifest: index }),
    );
    expect(await last(6)).toEqual({
      outcome: 'REFUSED',
      reason: expect.stringMatching(/\(linux\/arm64\) found 1 CRITICAL/),
    });

    expect(await servingDigest()).toBe(good);
    expect(await bed.items('locks')).toEqual([]);
    expect(await bed.items('waits')).toEqual([]);
  });
});
