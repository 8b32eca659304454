/** What each check of a preflight says of facts: of good ones, of wrong ones, and of those that nobody may know. */
import { describe, expect, it } from 'vitest';
import { judgeAlarms } from '../../../cli/verify/checks/alarms.ts';
import { judgeController } from '../../../cli/verify/checks/controller.ts';
import { judgeHealth } from '../../../cli/verify/checks/health.ts';
import { judgeImages, platformOf, platformsIn } from '../../../cli/verify/checks/image.ts';
import { judgeLogs, logGroupsIn } from '../../../cli/verify/checks/logs.ts';
import { judgePorts } from '../../../cli/verify/checks/ports.ts';
import { judgeQuotas } from '../../../cli/verify/checks/quotas.ts';
import { judgeRoles, trusts } from '../../../cli/verify/checks/roles.ts';
import { judgeScaling } from '../../../cli/verify/checks/scaling.ts';
import { judgeSecrets, referenceOf, secretsIn } from '../../../cli/verify/checks/secrets.ts';
import { judgeTraffic } from '../../../cli/verify/checks/traffic.ts';
import { checkAll } from '../../../cli/verify/checks.ts';
import { type Fact, known, look, missing, unknown } from '../../../cli/verify/fact.ts';
import type { ImageFacts, Platform, SecretFacts } from '../../../cli/verify/facts.ts';
import { worstOf } from '../../../cli/verify/finding.ts';
import type { Action } from '../../../lambdas/aws/elbv2.ts';
import {
  complaints,
  configurationWith,
  DIGEST,
  definitionWith,
  denied,
  factsWith,
  forwardTo,
  GROUP_A,
  GROUP_B,
  ROLE,
  RULE,
  sideWith,
  skipped,
  TEST_RULE,
  trafficWith,
} from './facts.ts';

const sidesWith = (changes: Parameters<typeof sideWith>[1], configuration = configurationWith()) => ({
  configuration,
  sides: configuration.sides.map((side) => sideWith(side, changes)),
});

describe('a preflight', () => {
  it('has nothing to complain of where everything is as it must be', () => {
    const findings = checkAll(factsWith()).flatMap(({ findings }) => findings);
    expect(complaints(findings)).toEqual([]);
    expect(findings.length).toBeGreaterThan(10);
  });

  it('takes a refusal to look for ignorance, and not for a fault', async () => {
    const fail = (name: string, status: number) => () =>
      Promise.reject(Object.assign(new Error('no'), { name, $metadata: { httpStatusCode: status } }));
    expect(await look(fail('AccessDeniedException', 400))).toMatchObject({ is: 'unknown' });
    expect(await look(fail('NotImplemented', 501))).toEqual({ is: 'unknown', why: 'no' });
    expect(await look(() => Promise.resolve(undefined), { absent: 'gone' })).toEqual({
      is: 'missing',
      why: 'gone',
    });
    await expect(look(fail('ThrottlingException', 400))).rejects.toThrow('no');
  });

  it('is as good as its worst finding; what nobody could tell counts only if it is all', () => {
    expect(worstOf([{ status: 'OK' }, { status: 'SKIP' }])).toBe('OK');
    expect(worstOf([{ status: 'WARN' }, { status: 'NG' }, { status: 'OK' }])).toBe('NG');
    expect(worstOf([{ status: 'SKIP' }])).toBe('SKIP');
  });
});

describe('the image', () => {
  const push = { repository: 'orders', registryId: '', digest: DIGEST, tag: 'v2', pushedAtMs: 0 };
  const imageFor = (
    platforms: Fact<readonly Platform[]>,
    image: ImageFacts['image'] = known(push),
  ): ImageFacts => ({
    wanted: 'orders, tags glob v*',
    containers: ['app'],
    image,
    platforms,
  });
  const [amd, arm] = ['amd64', 'arm64'].map((architecture) => ({ architecture, os: 'linux' }));

  it.each([
    ['an index that has it', known([amd, arm].flatMap((one) => one ?? [])), 'ARM64', []],
    [
      'an index that lacks it',
      known(amd ? [amd] : []),
      'ARM64',
      [`NG platform: ${DIGEST} is for linux/amd64, the task definition asks for linux/arm64`],
    ],
    ['what Fargate takes if nothing is named', known(amd ? [amd] : []), undefined, []],
    ['one manifest, which does not say', unknown<readonly Platform[]>('it does not say'), 'ARM64', []],
  ])('runs where the definition asks: %s', (_, platforms, cpuArchitecture, expected) => {
    const base = known(
      definitionWith({ runtimePlatform: cpuArchitecture ? { cpuArchitecture: 'ARM64' } : undefined }),
    );
    expect(complaints(judgeImages({ images: [imageFor(platforms)], base }))).toEqual(expected);
  });

  it('is not good if ECR has none', () => {
    const gone = imageFor(known([]), missing('no image has such a tag'));
    expect(complaints(judgeImages({ images: [gone], base: known(definitionWith()) }))).toEqual([
      'NG orders, tags glob v*: no image has such a tag',
    ]);
  });

  it('has the platforms of its index, without the attestations', () => {
    const manifests = [
      { platform: { architecture: 'arm64', os: 'linux' } },
      { platform: { architecture: 'unknown', os: 'unknown' } },
    ];
    expect(platformsIn(JSON.stringify({ schemaVersion: 2, manifests }))).toEqual([arm]);
    expect(platformsIn(JSON.stringify({ schemaVersion: 2, config: {} }))).toBeUndefined();
  });

  it('runs on whatever the container instance is, if an EC2 definition names no platform', () => {
    expect(platformOf({ requiresCompatibilities: ['EC2'] })).toBeUndefined();
    expect(platformOf({ runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } })).toEqual({
      architecture: 'amd64',
      os: 'windows',
    });
  });
});

describe('roles', () => {
  const trust = (service: string) =>
    JSON.stringify({
      Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: [service] } },
    });
  const role = {
    arn: ROLE,
    of: 'task role' as const,
    trustPolicy: known(trust('ecs-tasks.amazonaws.com')),
    passable: known(true),
  };

  it.each([
    ['all is well', role, []],
    [
      'ECS tasks may not assume it',
      { ...role, trustPolicy: known(trust('ec2.amazonaws.com')) },
      [`NG ${ROLE} does not trust ecs-tasks.amazonaws.com`],
    ],
    [
      'it is gone',
      { ...role, trustPolicy: missing<string>('there is no such role') },
      [`NG ${ROLE}: there is no such role`],
    ],
    [
      'the stack may not pass it',
      { ...role, passable: known(false) },
      [`NG Sidestep's function may not pass ${ROLE}`],
    ],
    ['nobody may look', { ...role, trustPolicy: denied<string>(), passable: denied<boolean>() }, []],
  ])('are judged one by one: %s', (_, one, expected) => {
    expect(complaints(judgeRoles(factsWith({ roles: [one] })))).toEqual(expected);
  });

  it('must be listed', () => {
    const facts = factsWith({ roles: [role], configuration: configurationWith({ roles: [] }) });
    expect(complaints(judgeRoles(facts))).toEqual([`NG task role ${ROLE} is not in roles`]);
  });

  it('that everybody is denied are trusted by nobody', () => {
    const Statement = [
      { Effect: 'Deny', Action: 'sts:AssumeRole', Principal: { Service: 'ecs-tasks.amazonaws.com' } },
    ];
    expect(trusts(JSON.stringify({ Statement }), 'ecs-tasks.amazonaws.com')).toBe(false);
  });
});

describe('secrets', () => {
  const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf';

  it.each([
    [`${SECRET}:password::`, { store: 'secret', id: SECRET, region: 'us-east-1' }],
    [
      'arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db',
      { store: 'parameter', id: '/shop/db', region: 'eu-west-1' },
    ],
    [
      'arn:aws:ssm:eu-west-1:123456789012:parameter/db',
      { store: 'parameter', id: 'db', region: 'eu-west-1' },
    ],
    ['/shop/db', { store: 'parameter', id: '/shop/db' }],
  ])('%s is found in its store', (valueFrom, reference) => {
    expect(referenceOf(valueFrom)).toMatchObject(reference);
  });

  it('are read for variables, log options and registries', () => {
    const container = {
      name: 'app',
      secrets: [{ name: 'DB', valueFrom: '/shop/db' }],
      repositoryCredentials: { credentialsParameter: SECRET },
      logConfiguration: {
        logDriver: 'splunk' as const,
        secretOptions: [{ name: 'splunk-token', valueFrom: '/splunk' }],
      },
    };
    expect(secretsIn({ containerDefinitions: [container] }).map(({ usedAs }) => usedAs)).toEqual([
      'DB of app',
      'log option splunk-token of app',
      'registry credentials of app',
    ]);
  });

  const secret: SecretFacts = {
    valueFrom: '/shop/db',
    usedAs: 'DB of app',
    exists: known(true),
    readable: known(true),
  };
  it.each([
    ['is there', secret, []],
    ['is gone', { ...secret, exists: known(false) }, ['NG DB of app: /shop/db does not exist']],
    [
      'is not for this role',
      { ...secret, readable: known(false) },
      ['NG the execution role may not ssm:GetParameters /shop/db'],
    ],
    ['is nobody’s business', { ...secret, exists: denied<boolean>() }, []],
  ])('let a task start: one %s', (_, one, expected) => {
    expect(complaints(judgeSecrets({ secrets: [one] }))).toEqual(expected);
  });
});

describe('ports and target groups', () => {
  const portsOf = (changes: Parameters<typeof sideWith>[1], definition = definitionWith()) =>
    complaints(judgePorts({ ...sidesWith(changes), base: known(definition) }));

  it.each([
    [
      { containerName: 'web', containerPort: 8080 },
      /container web; the task definition has no such container, it has app$/,
    ],
    [
      { containerName: 'app', containerPort: 9090 },
      /registers port 9090 of container app; the task definition maps 8080$/,
    ],
  ])('%j is not what the definition has', (place, complaint) => {
    expect(portsOf({ service: { loadBalancers: [place] } })[0]).toMatch(complaint);
  });

  it('take a port of a range', () => {
    const containerDefinitions = [{ name: 'app', portMappings: [{ containerPortRange: '8000-8100' }] }];
    expect(portsOf({}, definitionWith({ containerDefinitions }))).toEqual([]);
  });

  it.each([
    ['awsvpc', 'instance', /has target type instance; tasks of network mode awsvpc need ip$/],
    ['bridge', 'ip', /has target type ip; tasks of network mode bridge need instance$/],
  ] as const)('with network mode %s need other targets than %s', (networkMode, targetType, complaint) => {
    const found = portsOf({ group: { targetType } }, definitionWith({ networkMode }));
    expect(found[0]).toMatch(complaint);
  });

  it('need a group that the load balancer can forward to', () => {
    expect(portsOf({ group: { protocol: 'TCP' } })[0]).toMatch(
      /has protocol TCP, and the listener is of an Application/,
    );
  });

  it('on one host leave no room for green if the host port is fixed', () => {
    const containerDefinitions = [{ name: 'app', portMappings: [{ containerPort: 8080, hostPort: 80 }] }];
    const found = portsOf(
      { group: { targetType: 'instance' } },
      definitionWith({ networkMode: 'bridge', containerDefinitions }),
    );
    expect(found[0]).toMatch(/^WARN orders-a .* fixed host port 80/);
  });
});

describe('traffic', () => {
  const judge = (changes: Parameters<typeof factsWith>[0]) => complaints(judgeTraffic(factsWith(changes)));
  const place = (actions: Action[], more: object = {}) =>
    known({ places: [{ arn: RULE, actions, ...more }], neighbours: [], groups: [GROUP_A, GROUP_B] });
  const other = GROUP_A.replace('orders-a', 'other');

  it.each([
    ['one side has it all', trafficWith({ [GROUP_A]: 100, [GROUP_B]: 0 }), []],
    ['the second group is not attached yet', trafficWith({ [GROUP_B]: 1 }), []],
    ['it is split', trafficWith({ [GROUP_A]: 50, [GROUP_B]: 50 }), [/one side must have all of them/]],
    ['nothing has any', trafficWith({ [GROUP_A]: 0, [GROUP_B]: 0 }), [/one side must have all of them/]],
    ['a stranger is on the rule', trafficWith({ [GROUP_A]: 1, [other]: 0 }), [/forwards to other too/]],
    [
      'it is a default rule',
      place([forwardTo({ [GROUP_A]: 1 })], { isDefaultRule: true }),
      [/is the default rule/],
    ],
    [
      'it answers by itself',
      place([{ Type: 'fixed-response' }]),
      [/has fixed-response; only a forward/, /one side/],
    ],
  ])('is judged by what is live: %s', (_, traffic, expected) => {
    const found = judge({ traffic });
    expect(found).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  it('of another rule would lose its targets', () => {
    const neighbours = [{ arn: `${RULE}9`, actions: [forwardTo({ [GROUP_B]: 1 })] }];
    const traffic = known({
      places: [{ arn: RULE, actions: [forwardTo({ [GROUP_A]: 1 })] }],
      neighbours,
      groups: [GROUP_A, GROUP_B],
    });
    expect(judge({ traffic })).toEqual([expect.stringContaining('would lose its targets')]);
  });

  it('needs both groups on the rule where ECS shifts it', () => {
    const configuration = configurationWith({
      strategy: { type: 'native' },
      traffic: undefined,
      sides: [{ cluster: 'prod', service: 'orders-a', targetGroup: GROUP_A }],
    });
    expect(judge({ configuration, traffic: trafficWith({ [GROUP_A]: 1 }) })).toEqual([
      expect.stringMatching(/^NG orders-b is not on rule/),
    ]);
  });

  it.each([
    ['does not forward', { actions: [{ Type: 'redirect' as const }] }, {}, /does not forward/],
    [
      'forwards elsewhere',
      { actions: [forwardTo({ [other]: 1 })] },
      {},
      /forwards to other, which is no side/,
    ],
    ['is inside a network', {}, { isInternal: true }, /internal load balancer/],
  ])('reaches green through a test rule; one that %s does not', (_, rule, origin, complaint) => {
    const testRule = known({
      place: { arn: TEST_RULE, actions: [forwardTo({ [GROUP_A]: 1 })], ...rule },
      address: {
        origin: { host: 'web', port: 1, isTls: false, isInternal: false, ...origin },
        conditions: [],
      },
      groups: [GROUP_A, GROUP_B],
    });
    expect(judge({ testRule })[0]).toMatch(complaint);
  });
});

describe('health checks and times', () => {
  const judge = (changes: Parameters<typeof sideWith>[1], more: Record<string, unknown> = {}) =>
    complaints(judgeHealth(sidesWith(changes, configurationWith(more))));

  it.each([
    [{ group: { healthCheck: { enabled: false } } }, {}, /^NG orders-a has no health check/],
    [{ group: { healthCheck: { path: undefined } } }, {}, /^NG orders-a's health check has no path/],
    [{ group: { healthCheck: { path: '/' } } }, {}, /^WARN orders-a's health check asks \//],
    [
      { group: { healthCheck: { timeoutSeconds: 10 } } },
      {},
      /^NG orders-a's health check times out after 10 s/,
    ],
    [
      { group: { healthCheck: { intervalSeconds: 300, healthyThreshold: 10 } } },
      {},
      /^NG .* healthy again after 50 min at best \(10 × 300 s\); steadyState.timeout is 30 min$/,
    ],
    [{ service: { healthCheckGracePeriodSeconds: 7200 } }, {}, /^NG orders-a's grace period is 2 h/],
    [
      { service: { healthCheckGracePeriodSeconds: 0 }, group: { healthCheck: { intervalSeconds: 6 } } },
      {},
      /^WARN a task of orders-a that does not answer within 18 s/,
    ],
    [
      { group: { deregistrationDelaySeconds: 300 } },
      {},
      /^WARN orders-a has deregistration delay 5 min, stop time-out 30 s/,
    ],
    [
      { group: { deregistrationDelaySeconds: 300 } },
      { drain: { timeout: '5m' } },
      /^NG orders-a takes up to 5 min 30 s to stop .* drain.timeout is 5 min$/,
    ],
  ])('%j %j are not sane', (changes, more, complaint) => {
    expect(judge(changes, more)[0]).toMatch(complaint);
  });
});

describe('controllers', () => {
  it.each([
    [
      { deploymentController: { type: 'CODE_DEPLOY' as const } },
      /^NG ECS service orders-a has deployment controller CODE_DEPLOY/,
    ],
    [
      { deploymentConfiguration: { strategy: 'BLUE_GREEN' as const } },
      /has deployment strategy BLUE_GREEN; it must be ROLLING/,
    ],
    [{ loadBalancers: [] }, /registers with no target group; the configuration says/],
  ])('%j does not fit', (service, complaint) => {
    expect(complaints(judgeController(sidesWith({ service })))[0]).toMatch(complaint);
  });

  it('that may neither stop a task nor start one stand still', () => {
    const service = {
      desiredCount: 2,
      deploymentConfiguration: { minimumHealthyPercent: 75, maximumPercent: 125 },
    };
    expect(complaints(judgeController(sidesWith({ service })))[0]).toBe(
      'NG ECS can replace no task of orders-a: of 2 at least 2 must run and at most 2 may',
    );
  });

  it('of services that are gone cannot be judged', () => {
    const { configuration, sides } = sidesWith({});
    const gone = sides.map((side) => ({ ...side, service: missing<never>('it is missing') }));
    expect(complaints(judgeController({ configuration, sides: gone }))).toContain(
      'NG orders-a: it is missing',
    );
  });
});

describe('alarms, logs, scaling and quotas', () => {
  const state = (name: string, word: string) => ({ name, state: word, reason: 'too many' });

  it.each([
    [[state('orders-5xx', 'INSUFFICIENT_DATA')], []],
    [[state('orders-5xx', 'ALARM')], ['NG orders-5xx is in ALARM: too many']],
    [[], ['NG alarm orders-5xx does not exist']],
  ])('alarms %j', (states, expected) => {
    const facts = factsWith({ alarms: { names: ['orders-5xx'], states: known(states) } });
    expect(complaints(judgeAlarms(facts))).toEqual(expected);
  });

  it('a bake that nothing watches is told', () => {
    expect(complaints(judgeAlarms(factsWith({ alarms: { names: [], states: known([]) } })))).toEqual([
      'WARN no alarm watches a deployment',
    ]);
  });

  it('log groups must be there unless the container makes them', () => {
    const logs = (options: Record<string, string>) => [
      { name: 'app', logConfiguration: { logDriver: 'awslogs' as const, options } },
    ];
    const groupsOf = (options: Record<string, string>) =>
      logGroupsIn({ containerDefinitions: logs(options) }, 'us-east-1');
    expect(groupsOf({ 'awslogs-group': '/ecs/orders' })).toEqual(['/ecs/orders']);
    expect(groupsOf({ 'awslogs-group': '/ecs/orders', 'awslogs-create-group': 'true' })).toEqual([]);
    expect(groupsOf({ 'awslogs-group': '/ecs/orders', 'awslogs-region': 'eu-west-1' })).toEqual([]);
    expect(complaints(judgeLogs({ logGroups: [{ name: '/ecs/orders', exists: known(false) }] }))).toEqual([
      'NG log group /ecs/orders does not exist',
    ]);
  });

  it('sides that scale differently are told, and go on', () => {
    expect(
      complaints(
        judgeScaling({ scalingDifferences: known(['orders-a has a scalable target, orders-b has none']) }),
      ),
    ).toEqual(['WARN orders-a has a scalable target, orders-b has none']);
  });

  it('both versions together have to fit in the quotas', () => {
    const facts = factsWith({
      fargateQuotas: known(new Map([['Fargate On-Demand vCPU resource count', 3]])),
      balancerLimits: known(new Map([['targets-per-application-load-balancer', 5]])),
    });
    expect(complaints(judgeQuotas(facts))).toEqual([
      'NG 4 vCPU for 8 tasks of both versions do not fit in 3 (Fargate On-Demand vCPU resource count)',
      'NG 8 targets of both sides do not fit in 5 (targets-per-application-load-balancer)',
    ]);
    expect(skipped(judgeQuotas(factsWith({ ecsQuotas: denied() })))).toHaveLength(1);
  });
});
