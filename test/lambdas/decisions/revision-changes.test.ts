/** What differs between two task definitions, field by field. */
import { describe, expect, it } from 'vitest';
import { changesBetween, isReconfigured } from '../../../lambdas/decisions/revision-changes.ts';

const app = {
  name: 'app',
  image: 'orders@sha256:1',
  command: ['serve', '--port', '80'],
  environment: [
    { name: 'LOG_LEVEL', value: 'info' },
    { name: 'REGION', value: 'eu' },
  ],
  ulimits: [],
};
const sidecar = { name: 'sidecar', image: 'envoy:1' };
const running = {
  family: 'orders',
  revision: 7,
  taskDefinitionArn: 'arn:…:orders:7',
  registeredAt: new Date(0),
  cpu: '256',
  containerDefinitions: [app, sidecar],
};
const withApp = (change: object) => ({
  ...running,
  containerDefinitions: [{ ...app, ...change }, sidecar],
});

describe('changesBetween', () => {
  it('names each field with both values, and variables by their names', () => {
    const after = {
      ...withApp({
        image: 'orders@sha256:2',
        environment: [
          { name: 'REGION', value: 'eu' },
          { name: 'LOG_LEVEL', value: 'debug' },
          { name: 'FLAG', value: 'on' },
        ],
      }),
      cpu: '512',
    };
    expect(changesBetween(running, after)).toEqual([
      { path: 'cpu', before: '256', after: '512' },
      { path: 'containerDefinitions[app].image', before: 'orders@sha256:1', after: 'orders@sha256:2' },
      { path: 'containerDefinitions[app].environment[LOG_LEVEL].value', before: 'info', after: 'debug' },
      {
        path: 'containerDefinitions[app].environment[FLAG]',
        before: undefined,
        after: { name: 'FLAG', value: 'on' },
      },
    ]);
  });

  it.each([
    ['what AWS adds', { ...running, revision: 8, taskDefinitionArn: 'arn:…:orders:8', status: 'ACTIVE' }],
    ['tags', { ...running, tags: [{ key: 'team', value: 'shop' }] }],
    ['an empty list that was absent', withApp({ secrets: [] })],
    [
      'another order of containers and variables',
      {
        ...running,
        containerDefinitions: [sidecar, { ...app, environment: [...app.environment].reverse() }],
      },
    ],
  ])('counts %s as no change', (_, after) => {
    expect(changesBetween(running, after as typeof running)).toEqual([]);
  });

  it('gives a list whose order has a meaning as a whole', () => {
    expect(
      changesBetween(running, withApp({ command: ['serve', '80', '--port'] }) as typeof running),
    ).toEqual([
      {
        path: 'containerDefinitions[app].command',
        before: ['serve', '--port', '80'],
        after: ['serve', '80', '--port'],
      },
    ]);
  });
});

describe('isReconfigured', () => {
  it.each([
    ['the image of the container', withApp({ image: 'orders@sha256:2' }), false],
    ['the family', { ...running, family: 'orders-b' }, false],
    [
      'the image of another container',
      {
        ...running,
        containerDefinitions: [app, { name: 'sidecar', image: 'envoy:2' }],
      },
      true,
    ],
    ['a variable', withApp({ environment: [{ name: 'LOG_LEVEL', value: 'info' }] }), true],
  ])('judges a change of %s', (_, after, expected) => {
    expect(isReconfigured(running, after as typeof running, ['app'])).toBe(expected);
  });
});
