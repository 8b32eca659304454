/** The gates on an image: only what is known to be good passes, and only in time. */
import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../../lambdas/common/deployment.ts';
import { SEVERITIES, type Severity } from '../../../lambdas/common/service.ts';
import { judgeScans, judgeSignatures } from '../../../lambdas/decisions/image-gates.ts';
import { platformOf, runnableManifests } from '../../../lambdas/decisions/image-index.ts';
import { unverifiedDigest } from '../../../lambdas/decisions/verified.ts';

const scanned = (counts: Record<string, number>, status = 'COMPLETE', isCompleted = true) => ({
  name: 'orders@sha256:a',
  scan: { status, isCompleted, counts },
});
const atMost = (severity: Severity) => ({ atMost: severity, timeoutSeconds: 600 });

describe('the scan', () => {
  it.each(SEVERITIES.flatMap((found) => SEVERITIES.map((bound) => [found, bound] as const)))(
    'that found %s passes at most %s by their order',
    (found, bound) => {
      const passes = SEVERITIES.indexOf(found) <= SEVERITIES.indexOf(bound);
      const verdict = judgeScans([scanned({ [found]: 2 })], atMost(bound), 0);
      expect(verdict.gate).toBe(passes ? 'passed' : 'refused');
    },
  );

  it.each(['UNDEFINED', 'CATASTROPHIC'])('that found %s passes nowhere', (severity) => {
    expect(judgeScans([scanned({ [severity]: 1 })], atMost('CRITICAL'), 0)).toEqual({
      gate: 'refused',
      reason: `the scan of orders@sha256:a found 1 ${severity}; at most CRITICAL is allowed`,
    });
  });

  it.each([
    ['nothing', scanned({})],
    ['none of a severity', scanned({ CRITICAL: 0 })],
    ['nothing so far, and goes on', scanned({}, 'ACTIVE')],
  ])('that found %s passes', (_, manifest) => {
    expect(judgeScans([manifest], atMost('INFORMATIONAL'), 0).gate).toBe('passed');
  });

  it.each([
    ['has not begun', { name: 'a', scan: undefined }],
    ['is in progress', scanned({}, 'IN_PROGRESS', false)],
    ['is pending', scanned({}, 'PENDING', false)],
    ['is complete without findings to read', scanned({}, 'COMPLETE', false)],
    ['is active before its first findings', scanned({}, 'ACTIVE', false)],
  ])('that %s is waited for, and refused when the time is up', (_, manifest) => {
    expect(judgeScans([manifest], atMost('HIGH'), 599).gate).toBe('open');
    expect(judgeScans([manifest], atMost('HIGH'), 600)).toMatchObject({
      gate: 'refused',
      reason: expect.stringMatching(/^after 600 s it still waits for /),
    });
  });

  it.each(['FAILED', 'UNSUPPORTED_IMAGE', 'FINDINGS_UNAVAILABLE', 'SCAN_ELIGIBILITY_EXPIRED', 'BRAND_NEW'])(
    'that is %s is refused at once',
    (status) => {
      expect(judgeScans([scanned({}, status)], atMost('CRITICAL'), 0).gate).toBe('refused');
    },
  );

  it('passes only if every image that could run passes', () => {
    const good = scanned({});
    const waits = scanned({}, 'IN_PROGRESS', false);
    expect(judgeScans([good, waits], atMost('HIGH'), 0).gate).toBe('open');
    expect(judgeScans([good, waits, scanned({ CRITICAL: 1 })], atMost('HIGH'), 0).gate).toBe('refused');
    expect(judgeScans([], atMost('HIGH'), 0).gate).toBe('refused');
  });
});

describe('the signature', () => {
  const of = (...statuses: string[]) =>
    statuses.map((status, index) => ({ profileArn: `arn:profile-${index}`, status, reason: undefined }));
  const judged = (statuses: string[], waitedSeconds = 0) =>
    judgeSignatures('orders@sha256:a', of(...statuses), { timeoutSeconds: 60 }, waitedSeconds).gate;

  it.each([
    [['COMPLETE', 'COMPLETE'], 'passed'],
    [['COMPLETE', 'IN_PROGRESS'], 'open'],
    [['IN_PROGRESS', 'FAILED'], 'refused'],
    [['COMPLETE', 'BRAND_NEW'], 'refused'],
    [[], 'open'],
  ])('of profiles that are %j is %s', (statuses, gate) => {
    expect(judged(statuses)).toBe(gate);
  });

  it('that has not come in time is refused, also if no profile signs at all', () => {
    expect(judged(['IN_PROGRESS'], 60)).toBe('refused');
    expect(judged([], 60)).toBe('refused');
    expect(judged(['COMPLETE'], 60)).toBe('passed');
  });
});

describe('a list for several architectures', () => {
  const manifest = (digest: string, os: string, architecture: string, annotations = {}) => ({
    digest,
    platform: { os, architecture },
    annotations,
  });
  const text = JSON.stringify({
    manifests: [
      manifest('sha256:1', 'linux', 'amd64'),
      manifest('sha256:2', 'linux', 'arm64'),
      manifest('sha256:3', 'unknown', 'unknown', { 'vnd.docker.reference.type': 'attestation-manifest' }),
    ],
  });

  it.each([
    ['EC2, where instances decide', { requiresCompatibilities: ['EC2'] }, ['sha256:1', 'sha256:2']],
    ['Fargate, which is X86_64 by default', { requiresCompatibilities: ['FARGATE'] }, ['sha256:1']],
    ['ARM64', { runtimePlatform: { cpuArchitecture: 'ARM64' } }, ['sha256:2']],
    [
      'Windows, for which there is none',
      { runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } },
      [],
    ],
  ])('has these images to run on %s', (_, definition, digests) => {
    const found = runnableManifests(text, platformOf(definition));
    expect(found.map(({ digest }) => digest)).toEqual(digests);
  });

  it('that cannot be read has none', () => {
    expect(runnableManifests('{', undefined)).toEqual([]);
  });
});

describe('a state that runs the image', () => {
  const deployment = {
    configuration: { image: { scan: atMost('HIGH') } },
    green: { kind: 'ecs' },
    image: { digest: 'sha256:a' },
    images: { app: { digest: 'sha256:a' }, router: { digest: 'sha256:b' } },
  } as unknown as Deployment;
  const verified = (...digests: string[]) => ({
    ...deployment,
    imagesVerified: { digests, told: '', atMs: 0 },
  });

  it.each(['RunMigration', 'StopBlue', 'StartGreen', 'StartServiceDeployment', 'ModifyListener'])(
    '%s is not entered before each digest has passed',
    (state) => {
      expect(unverifiedDigest(state, deployment)).toBe('sha256:a');
      expect(unverifiedDigest(state, verified('sha256:a'))).toBe('sha256:b');
      expect(unverifiedDigest(state, verified('sha256:b', 'sha256:a'))).toBeUndefined();
    },
  );

  it('asks for nothing without gates, and a way back for nothing at all', () => {
    const free = { ...deployment, configuration: { image: {} } } as unknown as Deployment;
    expect(unverifiedDigest('StartGreen', free)).toBeUndefined();
    expect(unverifiedDigest('RestoreListener', deployment)).toBeUndefined();
  });
});
