/** What is written for which facts: strategies, tags, rules and what cannot be deployed at all. */
import { describe, expect, it } from 'vitest';
import { draftService } from '../../../cli/init/draft.ts';
import type { InitFacts, RunningService } from '../../../cli/init/facts.ts';
import { chooseContainer, ecrImageOf, guessTags } from '../../../cli/init/image.ts';
import { nameFor } from '../../../cli/init/pairs.ts';
import { chooseTraffic } from '../../../cli/init/traffic.ts';
import type { Service } from '../../../lambdas/aws/ecs.ts';
import type { ForwardingPlace } from '../../../lambdas/aws/load-balancers.ts';
import { parseConfiguration } from '../../../lambdas/common/configuration.ts';
import { definitionWith, forwardTo, GROUP_A, GROUP_B, groupWith } from '../verify/facts.ts';

const ACCOUNT = '123456789012';
const URI = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/orders`;
const LISTENER = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/01';
const ruleOf = (listener: string, id: string) =>
  `${LISTENER.replace(':listener/', ':listener-rule/')}/${listener}/${id}`;

const place = (
  port: number,
  arn: string,
  conditions: ForwardingPlace['conditions'] = [],
): ForwardingPlace => ({
  arn,
  listenerArn: `${LISTENER}/0${port % 10}`,
  port,
  actions: [forwardTo({ [GROUP_A]: 1, [GROUP_B]: 0 })],
  conditions,
});
const HEADER = [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'x-test', Values: ['1'] } }];

function running(
  name: string,
  service: Partial<Service> = {},
  image = `${URI}:v1`,
  group?: string,
): RunningService {
  return {
    cluster: 'prod',
    name,
    service: {
      desiredCount: 1,
      loadBalancers: group ? [{ targetGroupArn: group, containerName: 'app' }] : [],
      ...service,
    },
    definition: definitionWith({ containerDefinitions: [{ name: 'app', image }] }),
    targetGroups: group ? [groupWith(group)] : [],
  };
}

const facts = (sides: RunningService[], more: Partial<InitFacts> = {}): InitFacts => ({
  sides,
  places: [],
  tags: ['v1'],
  isInternal: false,
  ...more,
});

/** The service as the configuration has it once it is read. */
function drafted(given: InitFacts) {
  const draft = draftService(given, ACCOUNT);
  if (!draft.possible) throw new Error(draft.reason);
  const [service] = parseConfiguration({ services: { orders: draft.service } }).services;
  return { service, notes: draft.notes.map(({ text }) => text).join('\n') };
}

describe('a service that is written', () => {
  const pair = [
    running('orders-a', {}, undefined, GROUP_A),
    running('orders-b', { desiredCount: 0 }, undefined, GROUP_B),
  ];
  const production = place(443, ruleOf('02', '03'));

  it.each<[string, InitFacts, object, RegExp]>([
    [
      'two sides',
      facts(pair, { places: [production] }),
      { strategy: { type: 'all-at-once' }, traffic: { rules: [production.arn] } },
      /no test rule was found/,
    ],
    [
      'one balanced service',
      facts([running('orders', {}, undefined, GROUP_A)]),
      { strategy: { type: 'rolling' }, sides: [{ service: 'orders', targetGroup: GROUP_A }] },
      /with a second service/,
    ],
    [
      'a consumer',
      facts([running('orders')]),
      { strategy: { type: 'rolling' }, sides: [{ service: 'orders', targetGroup: '' }] },
      /FIFO.* needs recreate/,
    ],
    [
      "ECS's own blue/green",
      facts([running('orders', { deploymentConfiguration: { strategy: 'CANARY' } }, undefined, GROUP_A)]),
      { strategy: { type: 'native' } },
      /docs\/native.md/,
    ],
    [
      'alarms',
      facts([
        running('orders', {
          deploymentConfiguration: { alarms: { alarmNames: ['5xx'], enable: true, rollback: true } },
        }),
      ]),
      { checks: { alarms: { service: ['5xx'] } } },
      /those of the service's own/,
    ],
    [
      'another account’s image',
      facts([running('orders', {}, `${URI.replace(ACCOUNT, '999999999999')}:v1`)]),
      { image: { registryId: '999999999999' } },
      /a guess/,
    ],
    [
      'an internal load balancer',
      facts(pair, { isInternal: true, places: [production, place(8443, ruleOf('04', '05'))] }),
      { checks: { http: [] } },
      /need checks.network/,
    ],
  ])('fits %s', (_, given, service, note) => {
    const written = drafted(given);
    expect(written.service).toMatchObject(service);
    expect(written.notes).toMatch(note);
  });

  it('is given the time that a long drain takes', () => {
    const slow = {
      ...running('orders', {}, undefined, GROUP_A),
      targetGroups: [groupWith(GROUP_A, { deregistrationDelaySeconds: 3600 })],
    };
    expect(drafted(facts([slow])).service?.drainTimeoutSeconds).toBeGreaterThan(3630);
  });

  it.each<[string, InitFacts, RegExp]>([
    [
      'CodeDeploy',
      facts([running('orders', { deploymentController: { type: 'CODE_DEPLOY' } })]),
      /deployment controller CODE_DEPLOY/,
    ],
    ['a daemon', facts([running('orders', { schedulingStrategy: 'DAEMON' })]), /DAEMON/],
    [
      'an image from elsewhere',
      facts([running('orders', {}, 'docker.io/library/nginx:1')]),
      /runs no image of ECR/,
    ],
    ['two sides that nothing forwards to', facts(pair), /nothing forwards to either/],
  ])('leaves out %s', (_, given, reason) => {
    expect(draftService(given, ACCOUNT)).toEqual({ possible: false, reason: expect.stringMatching(reason) });
  });
});

describe('tags', () => {
  it.each([
    [['v1.4.0', 'latest'], { semver: '>=1.4.0' }],
    [['live', 'a1b2c3d'], { exact: 'live' }],
    [['a1b2c3d4'], { newest: true }],
    [['v42'], { glob: 'v*' }],
    [['release-2026-11-21'], { glob: 'release-*' }],
    [['in-use.serves.orders', 'v42'], { glob: 'v*' }],
    [['something'], { newest: true }],
    [[], { newest: true }],
  ])('%j let %j deploy', (tags, policy) => {
    expect(guessTags(tags).tags).toEqual(policy);
  });
});

describe('containers', () => {
  it('are those of the repository behind the load balancer; others are told', () => {
    const container = (name: string, image: string, essential = true) => ({ name, image, essential });
    const containerDefinitions = [
      container('router', `${URI}-router:v1`),
      container('worker', `${URI}:v1`),
      container('app', `${URI}:v1`),
      container('envoy', 'public.ecr.aws/envoy:1'),
    ];
    expect(chooseContainer({ containerDefinitions }, 'app')).toMatchObject({
      containers: ['app', 'worker'],
      sidecars: [{ container: 'router', repository: 'orders-router' }],
    });
  });

  it('have images of ECR if their names say so', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(ecrImageOf(`${URI}@${digest}`)).toEqual({ registryId: ACCOUNT, repository: 'orders', digest });
    expect(ecrImageOf('public.ecr.aws/nginx:1')).toBeUndefined();
  });
});

describe('rules', () => {
  const rule = place(443, ruleOf('02', '03'));

  it.each<[string, ForwardingPlace[], object]>([
    [
      'a rule on 443 and one on another port',
      [place(8443, ruleOf('04', '05')), rule],
      { rules: [rule.arn], testRule: ruleOf('04', '05') },
    ],
    [
      'one that asks for a header',
      [rule, place(443, ruleOf('02', '09'), HEADER)],
      { rules: [rule.arn], testRule: ruleOf('02', '09') },
    ],
    ['a default action', [place(80, `${LISTENER}/02`)], { listener: `${LISTENER}/02` }],
    [
      'two rules of one listener',
      [rule, place(443, ruleOf('02', '07'))],
      { rules: [rule.arn, ruleOf('02', '07')] },
    ],
  ])('for users and for tests are told apart: %s', (_, places, traffic) => {
    expect(chooseTraffic(places)?.traffic).toEqual(traffic);
  });

  it('that are left over are told, because a deployment would be refused', () => {
    const tests = [place(8443, ruleOf('04', '05')), place(9443, ruleOf('06', '07'))];
    expect(chooseTraffic([rule, ...tests])?.notes.filter((note) => note.includes('refused'))).toHaveLength(2);
    expect(chooseTraffic([])).toBeUndefined();
  });
});

it.each([
  [['orders-a', 'orders-b'], 'orders'],
  [['orders-blue', 'orders-b'], 'orders'],
  [['shop_api-1', 'shop_api-2'], 'shop-api'],
  [['My.Service_42'], 'my-service-42'],
  [['42'], 'service'],
  [['alpha', 'beta'], 'alpha'],
])('%j are called %s', (found, name) => {
  expect(nameFor(found.map((each) => ({ name: each })))).toBe(name);
});
