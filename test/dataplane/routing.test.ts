/** Routing: conditions, weights, stickiness, fail-open and the refusal to redistribute an empty group's share. */
import { describe, expect, it } from 'vitest';
import type { PlaneAction, PlaneCondition, PlaneTargetGroup } from '../../local/dataplane/data-plane.ts';
import { createRouter, type Route, type RouteRequest } from '../../local/dataplane/routing.ts';
import { createRandom } from '../../local/random.ts';

const request = (over: Partial<RouteRequest> & { headers?: Record<string, string> } = {}): RouteRequest => ({
  method: 'GET',
  path: '/',
  query: '',
  host: 'shop.example:80',
  sourceIp: '127.0.0.1',
  header: (name) => over.headers?.[name],
  ...over,
});

const group = (
  arn: string,
  ...conditions: PlaneTargetGroup['targets'][number]['condition'][]
): PlaneTargetGroup => ({
  arn,
  targets: conditions.map((condition, i) => ({ host: arn, port: 1000 + i, condition })),
});

function routerFor(action: PlaneAction, targetGroups: PlaneTargetGroup[], conditions: PlaneCondition[] = []) {
  let nowMs = 0;
  const router = createRouter({ now: () => nowMs, random: createRandom('routing') });
  const rules = [
    { arn: 'rule', conditions, action },
    { arn: 'default', conditions: [], action: { type: 'fixed-response' as const, statusCode: 404 } },
  ];
  const configuration = {
    loadBalancerArn: 'lb',
    idleTimeoutSeconds: 60,
    listeners: [{ arn: 'l', port: 80, rules }],
    targetGroups,
  };
  router.configure(configuration);
  return {
    route: (sent = request()) => router.route(80, sent),
    pass: (ms: number) => {
      nowMs += ms;
    },
    setAction: (next: PlaneAction) =>
      router.configure({
        ...configuration,
        listeners: [{ arn: 'l', port: 80, rules: [{ arn: 'rule', conditions, action: next }] }],
      }),
  };
}

const toGroups = (weights: Record<string, number>, stickinessSeconds?: number): PlaneAction => ({
  type: 'forward',
  targetGroups: Object.entries(weights).map(([arn, weight]) => ({ arn, weight })),
  stickinessSeconds,
});

const groupOf = (route: Route): string | undefined =>
  'targetGroupArn' in route ? route.targetGroupArn : undefined;

describe('conditions', () => {
  const cases: [string, PlaneCondition, Parameters<typeof request>[0], boolean][] = [
    ['a path by *', { field: 'path-pattern', values: ['/img/*'] }, { path: '/img/a/b.png' }, true],
    ['a path by exactly one ?', { field: 'path-pattern', values: ['/v?'] }, { path: '/v12' }, false],
    ['a path with its case', { field: 'path-pattern', values: ['/Img'] }, { path: '/img' }, false],
    ['a path literally, dots included', { field: 'path-pattern', values: ['/a.b'] }, { path: '/axb' }, false],
    ['a host without case or port', { field: 'host-header', values: ['*.EXAMPLE'] }, {}, true],
    [
      'a header without case',
      { field: 'http-header', name: 'X-Test', values: ['yes*'] },
      { headers: { 'x-test': 'YES!' } },
      true,
    ],
    ['a missing header never', { field: 'http-header', name: 'X-Test', values: ['*'] }, {}, false],
    ['a method', { field: 'http-request-method', values: ['POST'] }, { method: 'POST' }, true],
    [
      'a query by key and value',
      { field: 'query-string', values: [{ key: 'v', value: '2*' }] },
      { query: 'a=1&v=20' },
      true,
    ],
    ['a query by value alone', { field: 'query-string', values: [{ value: '2' }] }, { query: 'a=1' }, false],
    ['a source range', { field: 'source-ip', values: ['127.0.0.0/8'] }, {}, true],
    ['another source range', { field: 'source-ip', values: ['10.0.0.0/8'] }, {}, false],
  ];
  it.each(cases)('match %s', (_says, condition, sent, expected) => {
    const { route } = routerFor({ type: 'fixed-response', statusCode: 200 }, [], [condition]);
    expect(route(request(sent))).toMatchObject({ statusCode: expected ? 200 : 404 });
  });
});

describe('weights', () => {
  it('split requests in their proportion', () => {
    const { route } = routerFor(toGroups({ blue: 90, green: 10 }), [
      group('blue', 'healthy'),
      group('green', 'healthy'),
    ]);
    const green = Array.from({ length: 10_000 }, () => groupOf(route())).filter(
      (arn) => arn === 'green',
    ).length;
    expect(Math.abs(green - 1000)).toBeLessThan(5 * Math.sqrt(10_000 * 0.1 * 0.9));
  });

  it('of 0 get nothing', () => {
    const { route } = routerFor(toGroups({ blue: 0, green: 1 }), [
      group('blue', 'healthy'),
      group('green', 'healthy'),
    ]);
    expect(new Set(Array.from({ length: 200 }, () => groupOf(route())))).toEqual(new Set(['green']));
  });

  it('that are all 0 make the load balancer answer 503', () => {
    expect(routerFor(toGroups({ blue: 0 }), [group('blue', 'healthy')]).route()).toEqual({
      kind: 'unavailable',
    });
  });

  it('keep the share of an empty group on it: no failover to the sibling', () => {
    const { route } = routerFor(toGroups({ blue: 1, green: 1 }), [group('blue', 'healthy'), group('green')]);
    const kinds = Array.from({ length: 400 }, () => route().kind);
    expect(kinds.filter((kind) => kind === 'unavailable').length).toBeGreaterThan(100);
    expect(kinds.filter((kind) => kind === 'target').length).toBeGreaterThan(100);
  });
});

describe('the choice of a target', () => {
  const portsOf = (targets: PlaneTargetGroup) => {
    const { route } = routerFor(toGroups({ blue: 1 }), [targets]);
    return Array.from({ length: 4 }, () => route()).map((one) =>
      one.kind === 'target' ? one.target.port : one.kind,
    );
  };
  it('goes round the healthy ones only', () => {
    expect(portsOf(group('blue', 'healthy', 'unhealthy', 'initial', 'draining', 'healthy'))).toEqual([
      1000, 1004, 1000, 1004,
    ]);
  });
  it('fails open to unhealthy and initial ones when none is healthy, never to a draining one', () => {
    expect(portsOf(group('blue', 'unhealthy', 'draining', 'initial'))).toEqual([1000, 1002, 1000, 1002]);
  });
  it('finds none among draining ones', () => {
    expect(portsOf(group('blue', 'draining'))).toContain('unavailable');
  });
});

describe('stickiness', () => {
  const cookieOf = (route: Route) =>
    route.kind === 'target' ? (route.setCookies[0] ?? '').split(';')[0] : undefined;

  it('of a rule keeps a client on its group after the weight has gone, until the duration is over', () => {
    const both = [group('blue', 'healthy'), group('green', 'healthy')];
    const router = routerFor(toGroups({ blue: 1, green: 0 }, 60), both);
    const cookie = cookieOf(router.route()) ?? '';
    expect(cookie).toMatch(/^AWSALBTG=/);
    router.setAction(toGroups({ blue: 0, green: 1 }, 60));
    router.pass(59_000);
    expect(groupOf(router.route(request({ headers: { cookie } })))).toBe('blue');
    expect(groupOf(router.route())).toBe('green');
    router.pass(2_000);
    expect(groupOf(router.route(request({ headers: { cookie } })))).toBe('green');
  });

  it('of a rule ends when the group leaves the rule', () => {
    const both = [group('blue', 'healthy'), group('green', 'healthy')];
    const router = routerFor(toGroups({ blue: 1 }, 60), both);
    const cookie = cookieOf(router.route()) ?? '';
    router.setAction(toGroups({ green: 1 }, 60));
    expect(groupOf(router.route(request({ headers: { cookie } })))).toBe('green');
  });

  it('of a group keeps a client on its target while that may be used', () => {
    const sticky = { ...group('blue', 'healthy', 'healthy'), stickinessSeconds: 60 };
    const { route } = routerFor(toGroups({ blue: 1 }), [sticky]);
    const first = route();
    const cookie = cookieOf(first) ?? '';
    expect(cookie).toMatch(/^AWSALB=/);
    const again = Array.from({ length: 5 }, () => route(request({ headers: { cookie } })));
    for (const one of again)
      expect(one).toMatchObject({ target: first.kind === 'target' ? first.target : undefined });
  });

  it('ignores a cookie that it did not make', () => {
    const { route } = routerFor(toGroups({ blue: 1 }, 60), [group('blue', 'healthy')]);
    expect(groupOf(route(request({ headers: { cookie: 'a; AWSALBTG=%%%; b=1' } })))).toBe('blue');
  });
});

it('fills in the placeholders of a redirect', () => {
  const action: PlaneAction = {
    type: 'redirect',
    statusCode: 301,
    location: 'https://#{host}:443/new/#{path}?#{query}',
  };
  expect(routerFor(action, []).route(request({ path: '/a', query: 'b=1' }))).toMatchObject({
    statusCode: 301,
    location: 'https://shop.example:443/new/a?b=1',
  });
});
