/** The next revision: everything that runs now, with one image changed. */
import { describe, expect, it } from 'vitest';
import { isSameRevision, nextRevision, unlistedRoles } from '../../../lambdas/decisions/revision.ts';

const running = {
  taskDefinitionArn: 'arn:orders:1',
  revision: 1,
  status: 'ACTIVE',
  requiresAttributes: [{ name: 'x' }],
  compatibilities: ['EC2'],
  registeredAt: new Date(0),
  registeredBy: 'arn:someone',
  family: 'orders',
  taskRoleArn: 'arn:task',
  executionRoleArn: 'arn:execution',
  networkMode: 'bridge',
  volumes: [{ name: 'data', host: {} }],
  runtimePlatform: { cpuArchitecture: 'ARM64' },
  pidMode: undefined,
  containerDefinitions: [
    { name: 'app', image: 'orders:v1', secrets: [{ name: 'KEY', valueFrom: 'arn:secret' }], ulimits: [] },
    { name: 'sidecar', image: 'envoy:1', essential: false },
  ],
};

describe('nextRevision', () => {
  it('carries everything that Register accepts, tags included, and changes that image only', () => {
    const next = nextRevision(running, [{ key: 'team', value: 'shop' }], {
      images: { app: 'orders@sha256:2' },
    });
    expect(next).toEqual({
      possible: true,
      input: {
        family: 'orders',
        taskRoleArn: 'arn:task',
        executionRoleArn: 'arn:execution',
        networkMode: 'bridge',
        volumes: [{ name: 'data', host: {} }],
        runtimePlatform: { cpuArchitecture: 'ARM64' },
        containerDefinitions: [
          { ...running.containerDefinitions[0], image: 'orders@sha256:2' },
          running.containerDefinitions[1],
        ],
        tags: [{ key: 'team', value: 'shop' }],
      },
    });
  });

  it('moves several containers at once, and leaves one alone that is not named', () => {
    const images = { app: 'orders@sha256:2', sidecar: 'envoy@sha256:9' };
    const next = nextRevision(running, [], { images });
    const moved = next.possible ? next.input.containerDefinitions : [];
    expect(moved.map(({ name, image }) => [name, image])).toEqual(Object.entries(images));
  });

  it('belongs to the family that green runs, if that is another', () => {
    const next = nextRevision(running, [], { images: { app: 'x' }, family: 'orders-b' });
    expect(next).toMatchObject({ possible: true, input: { family: 'orders-b', networkMode: 'bridge' } });
  });

  it('says which containers there are when the configured one is missing', () => {
    expect(nextRevision(running, [], { images: { web: 'x' } })).toEqual({
      possible: false,
      container: 'web',
      found: ['app', 'sidecar'],
    });
  });
});

describe('isSameRevision', () => {
  const wanted = nextRevision(running, [], { images: { app: 'orders:v1' } });

  it('recognises a registered revision whatever AWS added to it', () => {
    expect(
      wanted.possible &&
        isSameRevision({ ...running, inferenceAccelerators: [] } as typeof running, wanted.input),
    ).toBe(true);
  });
  it('does not reuse one that is inactive or differs deep inside', () => {
    if (!wanted.possible) throw new Error('prepared wrongly');
    expect(isSameRevision({ ...running, status: 'INACTIVE' }, wanted.input)).toBe(false);
    const [app, sidecar] = running.containerDefinitions;
    const changed = {
      ...running,
      containerDefinitions: [{ ...app, secrets: [] }, sidecar],
    } as typeof running;
    expect(isSameRevision(changed, wanted.input)).toBe(false);
  });
});

describe('unlistedRoles', () => {
  it('names the roles that the configuration does not list', () => {
    expect(unlistedRoles(running, ['arn:task'])).toEqual(['arn:execution']);
    expect(unlistedRoles({}, [])).toEqual([]);
  });
});
