/** How a check meets the test rule, so that no request of it is answered by production. */
import { describe, expect, it } from 'vitest';
import { type ConditionFacts, judgeTestAddress } from '../../../lambdas/decisions/test-address.ts';

const host = (...Values: string[]): ConditionFacts => ({
  Field: 'host-header',
  HostHeaderConfig: { Values },
});
const header = (HttpHeaderName: string, ...Values: string[]): ConditionFacts => ({
  Field: 'http-header',
  HttpHeaderConfig: { HttpHeaderName, Values },
});
const path = (...Values: string[]): ConditionFacts => ({
  Field: 'path-pattern',
  PathPatternConfig: { Values },
});
const method = (...Values: string[]): ConditionFacts => ({
  Field: 'http-request-method',
  HttpRequestMethodConfig: { Values },
});

const REQUEST = { method: 'GET', path: '/health' };
const judge = (conditions: ConditionFacts[], request: object = {}, isTls = false) =>
  judgeTestAddress(conditions, { requests: [{ ...REQUEST, ...request }], isTls });

describe('a check', () => {
  it.each([
    ['no condition', [], {}, {}],
    ['a host', [host('test.example.com')], {}, { host: 'test.example.com' }],
    ['the first plain host', [host('*.example.com', 'a.example.com')], {}, { host: 'a.example.com' }],
    [
      'a pattern of hosts, with its own',
      [host('*.example.com')],
      { host: 'B.example.com' },
      { host: 'B.example.com' },
    ],
    ['a header', [header('X-Test', 'yes')], {}, { 'x-test': 'yes' }],
    ['its method', [method('GET', 'POST')], { method: 'POST' }, {}],
    ['its path, whatever its query', [path('/health')], { path: '/health?deep=1' }, {}],
  ])('meets %s', (_, conditions, request, headers) => {
    expect(judge(conditions, request)).toEqual({ reachable: true, headers: [headers] });
  });

  it.each([
    ['another host', [host('*.example.com')], { host: 'evil.test' }, /host evil.test of a check/],
    ['hosts with wildcards only', [host('*.example.com')], {}, /give it one plain value/],
    ['another path', [path('/admin/*')], {}, /path \/health of a check/],
    ['another method', [method('POST')], {}, /takes no GET/],
    ['an address', [{ Field: 'source-ip' }], {}, /condition on source-ip/],
    ['a header that frames a message', [header('Transfer-Encoding', 'chunked')], {}, /cannot set the header/],
  ])('cannot meet %s', (_, conditions, request, reason) => {
    expect(judge(conditions, request)).toEqual({ reachable: false, reason: expect.stringMatching(reason) });
  });

  it('through TLS needs a host, whose certificate it asks for', () => {
    expect(judge([], {}, true)).toMatchObject({ reachable: false });
    expect(judge([], { host: 'test.example.com' }, true)).toMatchObject({ reachable: true });
    expect(judge([host('test.example.com')], {}, true)).toMatchObject({ reachable: true });
  });
});
