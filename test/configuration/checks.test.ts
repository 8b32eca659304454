/** What green must pass: HTTP requests, functions, tasks, alarms. */
import { describe, expect, it } from 'vitest';
import { complaintsAbout, ELB, group, orders, parsed, rule } from './documents.ts';

const traffic = { rules: [rule('6a')], testRule: rule('9f') };
const one = { sides: [{ cluster: 'prod', service: 'orders' }], traffic: undefined };

function complaints(
  checks: Record<string, unknown>,
  otherwise: Record<string, unknown> = { traffic },
): string {
  return complaintsAbout(orders({ checks, ...otherwise })).join('\n');
}

describe('checks', () => {
  it('are complete with their defaults', () => {
    const { checks } = parsed({
      traffic,
      checks: {
        http: [{ path: '/' }],
        lambda: [{ function: 'smoke' }],
        task: [{ taskDefinition: 'smoke:3' }],
      },
    });

    expect(checks).toEqual({
      http: [{ path: '/', method: 'GET', status: 200, inARow: 1, timeoutSeconds: 5 }],
      lambda: [{ functionName: 'smoke', timeoutSeconds: 60 }],
      task: [{ taskDefinition: 'smoke:3', timeoutSeconds: 600 }],
      alarms: { service: [], sides: {} },
    });
  });

  it('keep what is written over every default', () => {
    const network = { subnets: ['subnet-0a1b2c3d'], securityGroups: ['sg-0a1b2c3d'] };
    const { checks } = parsed({
      traffic,
      checks: {
        http: [
          {
            path: '/ready?deep=1',
            method: 'POST',
            host: 'shop.example.com',
            status: 204,
            contains: 'ok',
            json: { '/status': 'up', '/replicas/0/lag': 0, '/a~1b': null, '': true },
            inARow: 3,
            latency: '250ms',
            timeout: '2s',
          },
        ],
        network,
        lambda: [{ function: 'arn:aws:lambda:eu-west-1:123456789012:function:smoke:live', timeout: '15m' }],
        task: [{ taskDefinition: 'smoke', cluster: 'test', timeout: '6h' }],
      },
    });

    expect(checks).toMatchObject({
      http: [
        {
          path: '/ready?deep=1',
          method: 'POST',
          host: 'shop.example.com',
          status: 204,
          contains: 'ok',
          json: { '/status': 'up', '/replicas/0/lag': 0, '/a~1b': null, '': true },
          inARow: 3,
          latencyMs: 250,
          timeoutSeconds: 2,
        },
      ],
      network,
      lambda: [
        { functionName: 'arn:aws:lambda:eu-west-1:123456789012:function:smoke:live', timeoutSeconds: 900 },
      ],
      task: [{ taskDefinition: 'smoke', cluster: 'test', timeoutSeconds: 21_600 }],
    });
  });

  it.each([
    [
      { http: [{ path: '/', method: 'DELETE' }] },
      "http[0].method: found 'DELETE', allowed: GET, HEAD, POST, PUT or OPTIONS",
    ],
    [
      { http: [{ path: '/', host: 'localhost:8080' }] },
      "http[0].host: found 'localhost:8080', allowed: a host name, without a port",
    ],
    [{ http: [{ path: '/', host: 'a.com/b' }] }, 'http[0].host'],
    [
      { http: [{ path: '/', inARow: 21 }] },
      'http[0].inARow: found 21 (a number), allowed: a whole number from 1 to 20',
    ],
    [
      { http: [{ path: '/', inARow: 9 }] },
      'checks.http: found 45s, allowed: checks whose timeouts (5s if not given), each times its inARow',
    ],
    [
      { http: [{ path: '/', latency: '5ms' }] },
      "http[0].latency: found '5ms', allowed: a duration from 10ms to 20s, such as 250ms or 2s",
    ],
    [
      { http: [{ path: '/', latency: '6s' }] },
      "http[0].latency: found '6s', allowed: at most 5s, the timeout of the check",
    ],
    [
      { http: [{ path: '/', timeout: '500ms' }] },
      "http[0].timeout: found '500ms', allowed: a duration from 1s to 20s",
    ],
    [
      { http: [{ path: '/', contains: '' }] },
      "http[0].contains: found '', allowed: a text of at most 1000 characters",
    ],
    [
      { http: [{ path: '/', json: { status: 'up' } }] },
      'http[0].json: found a mapping, allowed: a mapping from one to 20 JSON pointers',
    ],
    [
      { http: [{ path: '/', json: { '/status': ['up'] } }] },
      "http[0].json['/status']: found a list of 1, allowed: a text, a number, a boolean or null",
    ],
    [
      { http: [{ path: '/', method: 'HEAD', contains: 'ok' }] },
      'http[0].contains: found a check of the body, allowed: nothing, because the answer to HEAD has no body',
    ],
    [
      { network: { subnets: ['subnet-0a1b2c3d'], securityGroups: ['sg-0a1b2c3d'] } },
      'checks.network: found a mapping, allowed: nothing without checks.http',
    ],
    [
      { http: [{ path: '/' }], network: { subnets: [], securityGroups: ['x'] } },
      "network.securityGroups[0]: found 'x', allowed: a security group's id",
    ],
    [
      { lambda: [{ function: 'a b' }] },
      "lambda[0].function: found 'a b', allowed: the name or ARN of a Lambda function",
    ],
    [
      { lambda: [{ function: 'smoke', timeout: '16m' }] },
      "lambda[0].timeout: found '16m', allowed: a duration from 1s to 15m",
    ],
    [
      { task: [{ taskDefinition: 'smoke', timeout: '7h' }] },
      "task[0].timeout: found '7h', allowed: a duration from 10s to 6h",
    ],
    [
      { task: [{ taskDefinition: 'arn:aws:ecs:eu-west-1:123456789012:service/smoke' }] },
      'task[0].taskDefinition',
    ],
    [
      { alarms: 'orders-5xx' },
      "checks.alarms: found 'orders-5xx', allowed: a list of at most 100 alarm names, or a mapping",
    ],
    [{ alarms: [''] }, "alarms[0]: found '', allowed: the name of a CloudWatch alarm"],
    [
      { alarms: { servise: [] } },
      "alarms.servise: found the unknown key 'servise', allowed: service, sides (did you mean 'service'?)",
    ],
  ])('are refused: %j', (checks, complaint) => {
    expect(complaints(checks)).toContain(complaint);
  });
});

describe('HTTP checks', () => {
  const checks = { http: [{ path: '/' }] };

  it.each([
    [
      'rolling',
      one,
      'traffic.testRule: found nothing, allowed: the ARN of a listener rule, because checks.http reach the service',
    ],
    ['recreate', one, 'checks.http: found a list of 1, allowed: nothing, because recreate has no test rule'],
    [
      'all-at-once',
      { traffic: { listener: `${ELB}:listener/net/web/1a/2b` } },
      'checks.http: found a list of 1, allowed: nothing, because a Network Load Balancer has no rules',
    ],
  ])('are refused without a way to green: %s', (type, otherwise, complaint) => {
    expect(complaints(checks, { ...otherwise, strategy: { type } })).toContain(complaint);
  });

  it('go through the test listener of ECS where ECS shifts, and through the test rule where the service rolls', () => {
    expect(complaints(checks, { ...one, strategy: { type: 'native' } })).toBe('');
    expect(complaints(checks, { ...one, traffic, strategy: { type: 'rolling' } })).toBe('');
  });

  it.each([
    ['lambda', [{ function: 'orders-smoke-test' }]],
    ['task', [{ taskDefinition: 'orders-acceptance' }]],
  ])('of kind %s are hooks of the ECS service itself with native', (kind, own) => {
    const native = { ...one, strategy: { type: 'native' } };
    expect(complaints({ [kind]: own }, native)).toContain(
      `checks.${kind}: found a list of 1, allowed: nothing, because ECS`,
    );
  });
});

describe('alarms of a side', () => {
  const arn = (cluster: string) => `arn:aws:ecs:eu-west-1:123456789012:service/${cluster}/orders`;

  it('are told by the ECS service or the fleet', () => {
    const sides = [
      { cluster: 'prod', service: arn('prod'), targetGroup: group('a') },
      { fleet: 'vms', targetGroup: group('b') },
    ];
    const alarms = { service: ['orders-5xx'], sides: { orders: ['orders-a-5xx'], vms: ['vms-5xx'] } };

    expect(parsed({ sides, checks: { alarms } }).checks.alarms).toEqual({
      service: ['orders-5xx'],
      sides: { [arn('prod')]: ['orders-a-5xx'], vms: ['vms-5xx'] },
    });
  });

  it('are refused if there is no such side', () => {
    expect(complaints({ alarms: { sides: { 'orders-c': ['x'] } } })).toBe(
      "services.orders.checks.alarms.sides.orders-c: found the unknown side 'orders-c', allowed: the ECS service or fleet of a side: orders-a, orders-b (did you mean 'orders-a'?)",
    );
  });

  it('are refused if two clusters have a service of that name, unless the sides are written as ARNs', () => {
    const named = ['east', 'west'].map((cluster) => ({
      cluster,
      service: 'orders',
      targetGroup: group(cluster),
    }));
    const exact = named.map((side) => ({ ...side, service: arn(side.cluster) }));

    expect(complaints({ alarms: { sides: { orders: ['x'] } } }, { sides: named })).toContain(
      "found 'orders' for two sides",
    );
    expect(complaints({ alarms: { sides: { orders: ['x'] } } }, { sides: exact })).toContain(
      "found 'orders' for two sides",
    );
    expect(complaints({ alarms: { sides: { [arn('east')]: ['x'] } } }, { sides: exact })).toBe('');
  });

  it('are at most 100 with those of the service', () => {
    const names = Array.from({ length: 60 }, (_, index) => `alarm-${index}`);

    expect(complaints({ alarms: { service: names, sides: { 'orders-a': names } } })).toContain(
      'checks.alarms: found 120, allowed: at most 100 alarms, of the service and its sides together',
    );
  });
});
