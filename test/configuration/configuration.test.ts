/** What a person who writes sidestep.yaml is told. */
import { describe, expect, it } from 'vitest';
import { globPolicy } from '../../lambdas/common/configuration/glob.ts';
import { parseConfiguration } from '../../lambdas/common/configuration.ts';
import { complaintsAbout, ELB, group, orders, rule, service } from './documents.ts';

describe('a configuration that is right', () => {
  it('comes back complete, with the defaults filled in and durations in seconds', () => {
    const { services } = parseConfiguration(orders());

    expect(services).toEqual([
      {
        name: 'orders',
        image: {
          repository: 'orders',
          containers: ['app'],
          tags: globPolicy('v*'),
          base: 'running',
          minimumAgeSeconds: 0,
          sidecars: [],
        },
        strategy: { type: 'all-at-once' },
        traffic: { rules: [rule('6a')] },
        modules: [],
        sides: [
          { kind: 'ecs', cluster: 'prod', service: 'orders-a', targetGroup: group('orders-a') },
          { kind: 'ecs', cluster: 'prod', service: 'orders-b', targetGroup: group('orders-b') },
        ],
        roles: [],
        checks: { http: [], lambda: [], task: [], alarms: { service: [], sides: {} } },
        bakeSeconds: 600,
        keepBlueSeconds: 0,
        pauseTimeoutSeconds: 86_400,
        initialCount: 1,
        steadyStateTimeoutSeconds: 1800,
        drainTimeoutSeconds: 1800,
        drainStickySeconds: 3600,
        propagationSeconds: 10,
        whenBusy: 'queue',
        after: [],
        approvers: [],
        windows: [],
        schedules: [],
        historySeconds: 400 * 86_400,
      },
    ]);
  });

  it('keeps what is written over every default', () => {
    const written = {
      image: {
        repository: 'team/orders',
        registryId: '210987654321',
        container: 'web',
        tags: { exact: 'live' },
        base: 'family-latest',
      },
      strategy: { type: 'all-at-once' },
      traffic: { listener: `${ELB}:listener/app/web/1a/2b`, testRule: rule('9f') },
      roles: ['arn:aws:iam::123456789012:role/orders-task'],
      checks: {
        http: [{ path: '/ready', status: 204, timeout: '2s' }, { path: '/' }],
        alarms: ['orders-5xx'],
      },
      bake: '1h30m',
      keepBlue: '2h',
      pause: { timeout: '3h' },
      deadline: '4h',
      initialCount: 3,
      steadyState: { timeout: '15m' },
      drain: { timeout: '5m', sticky: '0s' },
      propagation: '0s',
    };

    expect(parseConfiguration(orders(written)).services[0]).toMatchObject({
      image: {
        repository: 'team/orders',
        registryId: '210987654321',
        containers: ['web'],
        tags: { exact: 'live' },
        base: 'family-latest',
      },
      traffic: written.traffic,
      roles: written.roles,
      checks: {
        http: [
          { path: '/ready', status: 204, timeoutSeconds: 2 },
          { path: '/', status: 200, timeoutSeconds: 5 },
        ],
        alarms: { service: ['orders-5xx'], sides: {} },
      },
      bakeSeconds: 5400,
      keepBlueSeconds: 7200,
      pauseTimeoutSeconds: 10_800,
      deadlineSeconds: 14_400,
      initialCount: 3,
      steadyStateTimeoutSeconds: 900,
      drainTimeoutSeconds: 300,
      drainStickySeconds: 0,
      propagationSeconds: 0,
    });
  });

  it('leaves texts alone that are known only when the stack is deployed', () => {
    const sides = [
      { cluster: '<c>', service: '<a>', targetGroup: '<1>' },
      { cluster: '<c>', service: '<b>', targetGroup: '<2>' },
    ];
    const options = { isKnownLater: (text: string) => text.startsWith('<') };

    expect(
      parseConfiguration(orders({ sides, traffic: { rules: ['<r>'] } }), options).services[0],
    ).toMatchObject({ sides });
  });
});

describe('a configuration that is wrong', () => {
  it('is refused with every problem at once, each with its path, what was found and what is allowed', () => {
    const document = {
      services: {
        Orders: service('orders', {
          bake: 'soon',
          sides: [{ cluster: 'prod', service: 'orders-a', targetGroup: 'x' }, { cluster: 'prod' }],
        }),
        billing: service('billing', { tarffic: {}, initialCount: 0, strategy: { type: 'canary' } }),
      },
    };

    expect(() =>
      parseConfiguration(document, { source: 'sidestep.yaml' }),
    ).toThrowErrorMatchingInlineSnapshot(`
      [ConfigurationInvalid: sidestep.yaml has 9 problems:
        services.Orders.sides[0].targetGroup: found 'x', allowed: the ARN of a target group
        services.Orders.bake: found 'soon', allowed: a duration from 0s to 7d, such as 30s, 10m or 1h
        services.billing.strategy.percent: found nothing, allowed: a percentage from 0.1 to 99.9, with at most one decimal
        services.billing.strategy.bake: found nothing, allowed: a duration from 0s to 7d, such as 30s, 10m or 1h
        services.billing.initialCount: found 0 (a number), allowed: a whole number from 1 to 5000
        services.billing.tarffic: found the unknown key 'tarffic', allowed: image, strategy, traffic, sides, roles, checks, analysis, approval, approvers, migration, bake, keepBlue, pause, deadline, initialCount, steadyState, windows, schedules, drain, whenBusy, after, group, history, propagation (did you mean 'traffic'?)
        services.Orders: found the name 'Orders', allowed: a service name: a small letter, then at most 31 small letters, digits and hyphens
        services.Orders.sides[1].service: found nothing, allowed: the name or ARN of an ECS service
        services.Orders.sides[1].targetGroup: found nothing, allowed: the ARN of a target group]
    `);
  });

  const wrong: [document: unknown, complaint: string][] = [
    [undefined, 'the document: found nothing, allowed: a mapping with the key services'],
    [{ services: {} }, 'services: found a mapping, allowed: at least one service'],
    [{ services: { orders: 1 } }, 'services.orders: found 1 (a number), allowed: a service'],
    [
      { services: { 'a.b': service('x') } },
      "services['a.b']: found the name 'a.b', allowed: a service name: a small letter",
    ],
    [orders({ bake: 60 }), 'services.orders.bake: found 60 (a number), allowed: a duration from 0s to 7d'],
    [orders({ bake: '10 fortnights' }), "services.orders.bake: found '10 fortnights', allowed: a duration"],
    [orders({ bake: '-5m' }), "services.orders.bake: found '-5m', allowed: a duration"],
    [orders({ bake: '8d' }), "services.orders.bake: found '8d', allowed: a duration from 0s to 7d"],
    [
      orders({ drain: { timeout: '10s' } }),
      "services.orders.drain.timeout: found '10s', allowed: a duration from 1m",
    ],
    [
      orders({ steadystate: {} }),
      "services.orders.steadystate: found the unknown key 'steadystate', allowed: image, ",
    ],
    [orders({ steadystate: {} }), "(did you mean 'steadyState'?)"],
    [orders({ sides: [] }), 'services.orders.sides: found a list of 0, allowed: one or two sides'],
    [
      orders({ roles: ['arn:aws:iam::123456789012:user/me'] }),
      "services.orders.roles[0]: found 'arn:aws:iam::123456789012:user/me', allowed: the ARN of an IAM role",
    ],
    [
      orders({ traffic: {} }),
      'services.orders.traffic: found none of them, allowed: exactly one of rules, listener, modules',
    ],
    [
      orders({ traffic: { rules: [rule('1')], listener: `${ELB}:listener/app/web/1a/2b` } }),
      'services.orders.traffic: found rules and listener, allowed: exactly one',
    ],
    [
      orders({ traffic: { rules: [] } }),
      'services.orders.traffic.rules: found a list of 0, allowed: one to ten ARNs',
    ],
    [
      orders({ traffic: { rules: [group('orders')] } }),
      "allowed: the ARN of an Application Load Balancer's listener rule",
    ],
    [
      orders({ traffic: { listener: `${ELB}:listener/gwy/web/1a/2b` } }),
      "allowed: the ARN of an Application or Network Load Balancer's listener",
    ],
    [
      orders({ traffic: { rules: [rule('1'), rule('2', 'app/other/9d')] } }),
      'services.orders.traffic.rules[1]: found',
    ],
    [
      orders({ traffic: { rules: [rule('1')], testRule: rule('2', 'app/other/9d') } }),
      'services.orders.traffic.testRule: found',
    ],
    [
      orders({ traffic: { rules: [rule('1')], testRule: rule('1') } }),
      'a second time, allowed: each listener rule once',
    ],
    [
      orders({ image: { repository: 'orders', container: 'a b', tags: { glob: '*' } } }),
      "image.container: found 'a b', allowed: the name",
    ],
    [
      orders({ image: { repository: 'orders', container: 'app', tags: {} } }),
      'image.tags: found none of them, allowed: exactly one of semver, glob, newest, exact',
    ],
    [
      orders({ image: { repository: 'orders', container: 'app', tags: { exact: 'a', glob: '*' } } }),
      'image.tags: found glob and exact',
    ],
    [
      orders({ image: { repository: 'orders', container: 'app', tags: { exact: 1.0 } } }),
      'image.tags.exact: found 1 (a number), allowed: an image tag, in quotes',
    ],
    [
      orders({
        image: { repository: 'orders', registryId: 123456789012, container: 'app', tags: { exact: 'a' } },
      }),
      'allowed: an AWS account: 12 digits in quotes',
    ],
    [
      orders({ checks: { http: [{ path: 'health' }] } }),
      "checks.http[0].path: found 'health', allowed: a path that begins with /",
    ],
    [
      orders({ checks: { http: [{ path: '/' }] } }),
      'services.orders.traffic.testRule: found nothing, allowed: the ARN of a listener rule, because',
    ],
    [
      orders({
        checks: { http: [{ path: '/a', timeout: '20s' }, { path: '/b', timeout: '20s' }, { path: '/c' }] },
      }),
      'services.orders.checks.http: found 45s, allowed: checks whose timeouts (5s if not given), each times its inARow, make at most 40s together',
    ],
  ];
  it.each(wrong.map(([document, complaint]) => ({ document, complaint })))(
    'is refused: $complaint',
    ({ document, complaint }) => {
      expect(complaintsAbout(document).join('\n')).toContain(complaint);
    },
  );

  it('is refused when the two sides share a target group or are one ECS service, however it is written', () => {
    const sides = [
      { cluster: 'prod', service: 'orders', targetGroup: group('orders') },
      {
        cluster: 'arn:aws:ecs:eu-west-1:123456789012:cluster/prod',
        service: 'arn:aws:ecs:eu-west-1:123456789012:service/prod/orders',
        targetGroup: group('orders'),
      },
    ];

    expect(complaintsAbout(orders({ sides }))).toEqual([
      `services.orders.sides[1].targetGroup: found '${group('orders')}' a second time, allowed: two sides on two different target groups`,
      "services.orders.sides[1].service: found 'prod/orders' a second time, allowed: two sides that are two different ECS services",
    ]);
  });

  it('is refused when a side names one cluster and its service another', () => {
    const [first, second] = [
      {
        cluster: 'prod',
        service: 'arn:aws:ecs:eu-west-1:123456789012:service/test/orders-a',
        targetGroup: group('a'),
      },
      { cluster: 'prod', service: 'orders-b', targetGroup: group('b') },
    ];

    expect(complaintsAbout(orders({ sides: [first, second] }))).toEqual([
      "services.orders.sides[0].cluster: found 'prod', allowed: test, the cluster of this side's service",
    ]);
  });

  it('is refused when two services share a target group, an ECS service or a rule', () => {
    const document = { services: { orders: service('orders'), copy: service('orders') } };

    expect(complaintsAbout(document)).toHaveLength(5);
    expect(complaintsAbout(document)[0]).toBe(
      `services.copy.sides[0].targetGroup: found '${group('orders-a')}', which services.orders uses too, allowed: a target group that no other service uses`,
    );
  });
});
