/** ELBv2's operations: what is kept, what is shown, and what AWS would refuse. */
import { describe, expect, it } from 'vitest';
import type { Elbv2Api } from '../../local/wire/models.ts';
import { createShop, createWorld, forward, HOST, LISTENER_PORT, makeGroup } from './world.ts';

const PATH = [{ Field: 'path-pattern', Values: ['/api/*'] }];
const FIXED = { Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '200' } };
const OIDC = {
  Type: 'authenticate-oidc' as const,
  Order: 1,
  AuthenticateOidcConfig: {
    Issuer: 'https://issuer.example',
    AuthorizationEndpoint: 'https://issuer.example/authorize',
    TokenEndpoint: 'https://issuer.example/token',
    UserInfoEndpoint: 'https://issuer.example/user',
    ClientId: 'shop',
    ClientSecret: 'secret',
    SessionTimeout: 3600,
    AuthenticationRequestExtraParams: { prompt: 'login' },
  },
};

async function shopWithRule(actions?: Elbv2Api.Action[]) {
  const shop = await createShop();
  const created = await shop.call('CreateRule', {
    ListenerArn: shop.listener,
    Priority: 10,
    Conditions: PATH,
    Actions: actions ?? [forward({ [shop.blue]: 100, [shop.green]: 0 })],
  });
  const rule = created.Rules?.[0]?.RuleArn ?? '';
  const describeRule = async () => (await shop.call('DescribeRules', { RuleArns: [rule] })).Rules?.[0];
  return { ...shop, rule, describeRule };
}

/** A shop with an HTTPS listener, which authenticate actions need. */
async function secureShop() {
  const shop = await createShop();
  const { Listeners } = await shop.call('CreateListener', {
    LoadBalancerArn: shop.lb,
    Protocol: 'HTTPS',
    Port: LISTENER_PORT + 1,
    Certificates: [{ CertificateArn: 'arn:certificate' }],
    DefaultActions: [FIXED],
  });
  return { ...shop, listener: Listeners?.[0]?.ListenerArn ?? '' };
}

describe('a rule', () => {
  it('shows a forward to one group in both spellings, and to two as ForwardConfig only', async () => {
    const { blue, green, call, rule, describeRule } = await shopWithRule();
    expect((await describeRule())?.Actions).toEqual([
      {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: [
            { TargetGroupArn: blue, Weight: 100 },
            { TargetGroupArn: green, Weight: 0 },
          ],
          TargetGroupStickinessConfig: { Enabled: false },
        },
      },
    ]);
    await call('ModifyRule', { RuleArn: rule, Actions: [{ Type: 'forward', TargetGroupArn: blue }] });
    expect((await describeRule())?.Actions).toEqual([
      {
        Type: 'forward',
        TargetGroupArn: blue,
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: blue, Weight: 1 }],
          TargetGroupStickinessConfig: { Enabled: false },
        },
      },
    ]);
  });

  it('keeps omitted conditions, and replaces all actions', async () => {
    const { call, rule, describeRule } = await shopWithRule();
    await call('ModifyRule', { RuleArn: rule, Actions: [FIXED] });
    expect(await describeRule()).toMatchObject({
      Conditions: [{ Field: 'path-pattern', Values: ['/api/*'], PathPatternConfig: { Values: ['/api/*'] } }],
      Actions: [FIXED],
      Priority: '10',
    });
    await call('ModifyRule', {
      RuleArn: rule,
      Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: ['a.b'] } }],
    });
    expect(await describeRule()).toMatchObject({
      Conditions: [{ Field: 'host-header', Values: ['a.b'] }],
      Actions: [FIXED],
    });
  });

  it('keeps stickiness, order and every member of an OIDC action, and never shows its secret', async () => {
    const { call, listener, blue, green } = await secureShop();
    const weighted = forward({ [blue]: 1, [green]: 0 });
    const TargetGroupStickinessConfig = { Enabled: true, DurationSeconds: 600 };
    const last = {
      ...weighted,
      Order: 2,
      ForwardConfig: { ...weighted.ForwardConfig, TargetGroupStickinessConfig },
    };
    const { Rules } = await call('CreateRule', {
      ListenerArn: listener,
      Priority: 1,
      Conditions: PATH,
      Actions: [last, OIDC],
    });
    const { ClientSecret: _secret, ...shown } = OIDC.AuthenticateOidcConfig;
    expect(Rules?.[0]?.Actions).toEqual([{ ...OIDC, AuthenticateOidcConfig: shown }, last]);
  });

  it('with OIDC is modified only with a secret, or by saying that the existing one stays', async () => {
    const { call, listener, blue } = await secureShop();
    const last = { ...forward({ [blue]: 1 }), Order: 2 };
    const { ClientSecret: _secret, ...shown } = OIDC.AuthenticateOidcConfig;
    const withoutSecret = { ...OIDC, AuthenticateOidcConfig: shown };
    const keeping = { ...OIDC, AuthenticateOidcConfig: { ...shown, UseExistingClientSecret: true } };
    const create = (actions: Elbv2Api.Action[]) =>
      call('CreateRule', { ListenerArn: listener, Priority: 1, Conditions: PATH, Actions: actions });
    await expect(create([keeping, last])).rejects.toMatchObject({
      code: 'InvalidLoadBalancerActionException',
    });
    const rule = (await create([OIDC, last])).Rules?.[0]?.RuleArn ?? '';
    const modify = (first: Elbv2Api.Action) => call('ModifyRule', { RuleArn: rule, Actions: [first, last] });
    await expect(modify(withoutSecret)).rejects.toMatchObject({ code: 'InvalidLoadBalancerActionException' });
    expect((await modify(keeping)).Rules?.[0]?.Actions?.[0]).toEqual(withoutSecret);
    await modify(keeping);
  });

  const BLUE = 'blue';
  const refused: [string, (blue: string, green: string) => Elbv2Api.Action[], string][] = [
    ['no action', () => [], 'ValidationError'],
    ['a weight above 999', (blue) => [forward({ [blue]: 1000 })], 'ValidationError'],
    ['a weight below 0', (blue) => [forward({ [blue]: -1 })], 'ValidationError'],
    [
      'six groups',
      () => [forward(Object.fromEntries([...'abcdef'].map((one) => [one, 1])))],
      'ValidationError',
    ],
    [
      'TargetGroupArn beside two groups',
      (blue, green) => [{ ...forward({ [blue]: 1, [green]: 1 }), TargetGroupArn: blue }],
      'ValidationError',
    ],
    ['an unknown group', () => [forward({ [BLUE]: 1 })], 'TargetGroupNotFoundException'],
    [
      'several actions without Order',
      (blue) => [OIDC, forward({ [blue]: 1 })],
      'InvalidLoadBalancerActionException',
    ],
    [
      'two ends',
      (blue) => [
        { ...forward({ [blue]: 1 }), Order: 1 },
        { ...FIXED, Order: 2 },
      ],
      'InvalidLoadBalancerActionException',
    ],
    [
      'a forward that is not last',
      (blue) => [
        { ...OIDC, Order: 2 },
        { ...forward({ [blue]: 1 }), Order: 1 },
      ],
      'InvalidLoadBalancerActionException',
    ],
    [
      'authentication on an HTTP listener',
      (blue) => [OIDC, { ...forward({ [blue]: 1 }), Order: 2 }],
      'InvalidLoadBalancerActionException',
    ],
  ];
  it.each(refused)('is refused with %s', async (_says, actions, code) => {
    const { call, rule, blue, green } = await shopWithRule();
    await expect(call('ModifyRule', { RuleArn: rule, Actions: actions(blue, green) })).rejects.toMatchObject({
      code,
    });
  });

  it('must enable stickiness if one of several groups is sticky', async () => {
    const { call, rule, blue, green } = await shopWithRule();
    const Attributes = [{ Key: 'stickiness.enabled', Value: 'true' }];
    await call('ModifyTargetGroupAttributes', { TargetGroupArn: blue, Attributes });
    const modify = call('ModifyRule', { RuleArn: rule, Actions: [forward({ [blue]: 1, [green]: 1 })] });
    await expect(modify).rejects.toMatchObject({ code: 'InvalidConfigurationRequestException' });
  });

  it('has a priority of its own, may swap it with another’s, and keeps its ARN', async () => {
    const { call, listener, rule } = await shopWithRule();
    const create = (Priority: number) =>
      call('CreateRule', { ListenerArn: listener, Priority, Conditions: PATH, Actions: [FIXED] });
    await expect(create(10)).rejects.toMatchObject({ code: 'PriorityInUseException' });
    const other = (await create(20)).Rules?.[0]?.RuleArn ?? '';
    const set = (RulePriorities: Elbv2Api.RulePriorityPair[]) =>
      call('SetRulePriorities', { RulePriorities });
    await expect(set([{ RuleArn: rule, Priority: 20 }])).rejects.toMatchObject({
      code: 'PriorityInUseException',
    });
    await set([
      { RuleArn: rule, Priority: 20 },
      { RuleArn: other, Priority: 10 },
    ]);
    const { Rules } = await call('DescribeRules', { ListenerArn: listener });
    expect(Rules?.map(({ RuleArn }) => RuleArn)).toEqual([other, rule, expect.any(String)]);
    expect(Rules?.map(({ Priority, IsDefault }) => [Priority, IsDefault])).toEqual([
      ['10', false],
      ['20', false],
      ['default', true],
    ]);
    await set([{ RuleArn: rule, Priority: 30 }]);
    const third = (await create(20)).Rules?.[0]?.RuleArn;
    expect([rule, other]).not.toContain(third);
  });

  it('that is the default is changed through its listener only', async () => {
    const { call, listener, blue, green, shift } = await createShop();
    const { Rules } = await call('DescribeRules', { ListenerArn: listener });
    const RuleArn = Rules?.[0]?.RuleArn;
    await expect(call('ModifyRule', { RuleArn, Actions: [FIXED] })).rejects.toMatchObject({
      code: 'OperationNotPermittedException',
    });
    await expect(call('DeleteRule', { RuleArn })).rejects.toMatchObject({
      code: 'OperationNotPermittedException',
    });
    await shift({ [blue]: 0, [green]: 1 });
    const described = await call('DescribeListeners', { ListenerArns: [listener] });
    expect(described.Listeners?.[0]?.DefaultActions?.[0]?.ForwardConfig?.TargetGroups).toEqual([
      { TargetGroupArn: blue, Weight: 0 },
      { TargetGroupArn: green, Weight: 1 },
    ]);
  });

  it('is deleted with effect after the propagation', async () => {
    const { call, rule, plane, lb, pass } = await shopWithRule([FIXED]);
    await pass(1_000);
    const ruleCount = () => plane.configurations.get(lb)?.listeners[0]?.rules.length;
    expect(ruleCount()).toBe(2);
    await call('DeleteRule', { RuleArn: rule });
    await expect(call('DescribeRules', { RuleArns: [rule] })).rejects.toMatchObject({
      code: 'RuleNotFoundException',
    });
    await pass(999);
    expect(ruleCount()).toBe(2);
    await pass(1);
    expect(ruleCount()).toBe(1);
  });

  it('does not take what the data plane cannot do', async () => {
    const { call, listener } = await createShop();
    const create = (Conditions: Elbv2Api.RuleCondition[], Transforms?: Elbv2Api.RuleTransform[]) =>
      call('CreateRule', { ListenerArn: listener, Priority: 1, Conditions, Actions: [FIXED], Transforms });
    await expect(create([{ Field: 'path-pattern', RegexValues: ['a+'] }])).rejects.toMatchObject({
      statusCode: 501,
    });
    await expect(create(PATH, [{ Type: 'url-rewrite' }])).rejects.toMatchObject({ statusCode: 501 });
    await expect(create([{ Field: 'colour', Values: ['red'] }])).rejects.toMatchObject({
      code: 'ValidationError',
    });
  });
});

describe('a listener', () => {
  it('cannot have a port that another load balancer has', async () => {
    const { call, faults } = await createShop();
    const other = (await call('CreateLoadBalancer', { Name: 'other' })).LoadBalancers?.[0]?.LoadBalancerArn;
    const create = (Port: number) =>
      call('CreateListener', { LoadBalancerArn: other, Protocol: 'HTTP', Port, DefaultActions: [FIXED] });
    await expect(create(LISTENER_PORT)).rejects.toMatchObject({
      code: 'InvalidConfigurationRequestException',
    });
    expect((await call('DescribeListeners', { LoadBalancerArn: other })).Listeners).toEqual([]);
    await create(LISTENER_PORT + 1);
    await expect(create(LISTENER_PORT + 1)).rejects.toMatchObject({ code: 'DuplicateListenerException' });
    expect(faults).toEqual([]);
  });

  it('that is refused takes no other change with it', async () => {
    const { call, lb, blue, elbv2, plane, pass, faults } = await createShop();
    const other = (await call('CreateLoadBalancer', { Name: 'other' })).LoadBalancers?.[0]?.LoadBalancerArn;
    const create = (LoadBalancerArn: string | undefined) =>
      call('CreateListener', { LoadBalancerArn, Protocol: 'HTTP', Port: 81, DefaultActions: [FIXED] });
    await create(other);
    const refused = create(lb);
    elbv2.targets.register(blue, { id: HOST, port: 1000 });
    await expect(refused).rejects.toMatchObject({ code: 'InvalidConfigurationRequestException' });
    await pass(0);
    expect(plane.configurations.get(lb)?.targetGroups[0]?.targets).toHaveLength(1);
    expect(faults).toEqual([]);
  });

  it('cannot forward to a group of another load balancer', async () => {
    const { call, blue } = await createShop();
    const other = (await call('CreateLoadBalancer', { Name: 'other' })).LoadBalancers?.[0]?.LoadBalancerArn;
    const create = call('CreateListener', {
      LoadBalancerArn: other,
      Protocol: 'HTTP',
      Port: 81,
      DefaultActions: [forward({ [blue]: 1 })],
    });
    await expect(create).rejects.toMatchObject({ code: 'TargetGroupAssociationLimitException' });
  });

  it('that is deleted serves until that has propagated', async () => {
    const { call, listener, plane, lb, pass } = await createShop();
    await call('DeleteListener', { ListenerArn: listener });
    await pass(999);
    expect(plane.configurations.get(lb)?.listeners).toHaveLength(1);
    await pass(1);
    expect(plane.configurations.get(lb)?.listeners).toHaveLength(0);
  });

  it('is not lost to an older write that propagates after it was made', async () => {
    const { call, lb, blue, green, shift, plane, pass } = await createShop();
    await shift({ [blue]: 1, [green]: 0 });
    await pass(500);
    await call('CreateListener', {
      LoadBalancerArn: lb,
      Protocol: 'HTTP',
      Port: 81,
      DefaultActions: [FIXED],
    });
    await pass(1_000);
    expect(plane.configurations.get(lb)?.listeners).toHaveLength(2);
  });
});

describe('a target group', () => {
  it('is the same when it is created twice alike, and refused when otherwise', async () => {
    const { call } = createWorld();
    const create = (Port: number) => call('CreateTargetGroup', { Name: 'tg', Protocol: 'HTTP', Port });
    expect((await create(80)).TargetGroups).toEqual((await create(80)).TargetGroups);
    await expect(create(81)).rejects.toMatchObject({ code: 'DuplicateTargetGroupNameException' });
  });

  it('cannot be deleted while a rule names it, if only with weight 0', async () => {
    const { call, blue, green, shift } = await createShop();
    await shift({ [blue]: 1, [green]: 0 });
    await expect(call('DeleteTargetGroup', { TargetGroupArn: green })).rejects.toMatchObject({
      code: 'ResourceInUseException',
    });
    await shift({ [blue]: 1 });
    await call('DeleteTargetGroup', { TargetGroupArn: green });
    await expect(call('DescribeTargetGroups', { Names: ['green'] })).rejects.toMatchObject({
      code: 'TargetGroupNotFoundException',
    });
  });

  it('shows AWS’s defaults, and its load balancer', async () => {
    const { call, blue, lb } = await createShop();
    const { TargetGroups } = await call('DescribeTargetGroups', { TargetGroupArns: [blue] });
    expect(TargetGroups?.[0]).toMatchObject({
      HealthCheckPath: '/',
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
      Matcher: { HttpCode: '200' },
      LoadBalancerArns: [lb],
    });
    const { Attributes } = await call('DescribeTargetGroupAttributes', { TargetGroupArn: blue });
    expect(Attributes).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '300' });
  });

  it('refuses attributes that are out of range, unknown, or not emulated', async () => {
    const { call, blue } = await createShop();
    const set = (Key: string, Value: string) =>
      call('ModifyTargetGroupAttributes', { TargetGroupArn: blue, Attributes: [{ Key, Value }] });
    await expect(set('deregistration_delay.timeout_seconds', '3601')).rejects.toMatchObject({
      code: 'InvalidConfigurationRequestException',
    });
    await expect(set('colour', 'red')).rejects.toMatchObject({
      code: 'InvalidConfigurationRequestException',
    });
    await expect(set('slow_start.duration_seconds', '30')).rejects.toMatchObject({ statusCode: 501 });
  });

  it('of addresses takes addresses, of instances ids, with the group’s port by default', async () => {
    const { call, blue } = await createShop();
    const register = (TargetGroupArn: string, Id: string) =>
      call('RegisterTargets', { TargetGroupArn, Targets: [{ Id }] });
    await expect(register(blue, 'i-1')).rejects.toMatchObject({ code: 'InvalidTargetException' });
    await register(blue, HOST);
    const { TargetHealthDescriptions } = await call('DescribeTargetHealth', { TargetGroupArn: blue });
    expect(TargetHealthDescriptions).toMatchObject([
      { Target: { Id: HOST, Port: 80 }, HealthCheckPort: '80' },
    ]);
  });
});

it('pages its answers', async () => {
  const world = createWorld();
  for (const name of ['a', 'b', 'c']) await makeGroup(world, name);
  const first = await world.call('DescribeTargetGroups', { PageSize: 2 });
  const second = await world.call('DescribeTargetGroups', { PageSize: 2, Marker: first.NextMarker });
  const names = [...(first.TargetGroups ?? []), ...(second.TargetGroups ?? [])].map(
    ({ TargetGroupName }) => TargetGroupName,
  );
  expect(names).toEqual(['a', 'b', 'c']);
  expect(second.NextMarker).toBeUndefined();
});

it('keeps tags', async () => {
  const { call, blue } = await createShop();
  await call('AddTags', {
    ResourceArns: [blue],
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  });
  await call('AddTags', { ResourceArns: [blue], Tags: [{ Key: 'a', Value: '3' }] });
  await call('RemoveTags', { ResourceArns: [blue], TagKeys: ['b'] });
  const { TagDescriptions } = await call('DescribeTags', { ResourceArns: [blue] });
  expect(TagDescriptions).toEqual([{ ResourceArn: blue, Tags: [{ Key: 'a', Value: '3' }] }]);
});

it('deletes a load balancer with its listeners, unless it is protected', async () => {
  const { call, lb, blue, elbv2, stateOf, pass, plane } = await createShop();
  elbv2.targets.register(blue, { id: HOST, port: 1000 });
  const protect = (Value: string) =>
    call('ModifyLoadBalancerAttributes', {
      LoadBalancerArn: lb,
      Attributes: [{ Key: 'deletion_protection.enabled', Value }],
    });
  await protect('true');
  await expect(call('DeleteLoadBalancer', { LoadBalancerArn: lb })).rejects.toMatchObject({
    code: 'OperationNotPermittedException',
  });
  await protect('false');
  await call('DeleteLoadBalancer', { LoadBalancerArn: lb });
  await pass(0);
  expect(plane.configurations.size).toBe(0);
  expect(stateOf(blue, 1000)).toBe('unused Target.NotInUse');
  await call('DeleteLoadBalancer', { LoadBalancerArn: lb });
});
