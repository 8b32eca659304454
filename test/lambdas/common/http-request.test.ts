/** The HTTP checker reaches a load balancer and nothing else, whatever the names and paths that it is given. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusedAddress } from '../../../lambdas/common/addresses.ts';
import { sendHttp } from '../../../lambdas/common/http-request.ts';
import type { HttpRequest } from '../../../lambdas/common/runtime.ts';
import { createRandom } from '../../../local/random.ts';

const PORTS = { now: () => performance.now(), limit: (ms: number) => AbortSignal.timeout(ms) };
const ON_AWS = { ...PORTS, isLocal: false };
const LOCAL = { ...PORTS, isLocal: true };

let server: Server;
let requests: IncomingMessage[];
let answer: { status: number; headers?: Record<string, string>; body?: string };

beforeEach(async () => {
  requests = [];
  answer = { status: 200 };
  server = createServer((request, response) => {
    requests.push(request);
    if (request.url === '/silent') return;
    response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const request = (given: Partial<HttpRequest> = {}, host = '127.0.0.1', isInternal = false): HttpRequest => ({
  origin: { host, port: (server.address() as AddressInfo).port, isTls: false, isInternal },
  method: 'GET',
  path: '/health',
  headers: {},
  timeoutMs: 2_000,
  ...given,
});

describe('a request', () => {
  it('goes to the origin with the host, the method and the path of the check', async () => {
    answer.body = 'fine';
    const got = await sendHttp(
      request({ method: 'PUT', path: '/a?b=c', headers: { host: 'evil.test' } }),
      LOCAL,
    );
    expect(got).toMatchObject({ statusCode: 200, body: 'fine', durationMs: expect.any(Number) });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: 'PUT', url: '/a?b=c', headers: { host: 'evil.test' } });
  });

  it('follows no redirect', async () => {
    answer = { status: 302, headers: { location: '/elsewhere' } };
    expect(await sendHttp(request(), LOCAL)).toMatchObject({ statusCode: 302 });
    expect(requests.map(({ url }) => url)).toEqual(['/health']);
  });

  it('reads no more than the beginning of a body', async () => {
    answer.body = 'x'.repeat(1_000_000);
    expect((await sendHttp(request(), LOCAL)).body).toHaveLength(65_536);
  });

  it('ends with its time', async () => {
    await expect(sendHttp(request({ path: '/silent', timeoutMs: 50 }), LOCAL)).rejects.toThrow();
  });

  it.each(['127.0.0.1', 'localhost', '::1', '::ffff:127.0.0.1'])(
    'on AWS does not reach this machine as %s, not even for an internal load balancer',
    async (host) => {
      for (const isInternal of [true, false])
        await expect(sendHttp(request({}, host, isInternal), ON_AWS)).rejects.toThrow(
          /no load balancer's address/,
        );
      expect(requests).toEqual([]);
    },
  );

  it('has a path that can be nothing else', async () => {
    const paths = [
      '',
      'health',
      '//evil.test/',
      'http://evil.test/',
      '/a b',
      '/a\r\nX: y',
      '/\\evil.test',
      '/ä',
      '@evil.test/',
    ];
    for (const path of paths) await expect(sendHttp(request({ path }), LOCAL)).rejects.toThrow(/the path/);
    expect(requests).toEqual([]);
  });
});

describe('an address', () => {
  it.each([
    ['52.95.110.1', false],
    ['2600:1f18::1', false],
    ['10.1.2.3', true],
    ['172.31.255.1', true],
    ['192.168.1.1', true],
    ['100.64.0.9', true],
    ['fd12:3456::1', true],
  ])('%s is connected to (internal: %s)', (address, isInternal) => {
    expect(refusedAddress(address, isInternal)).toBeUndefined();
  });

  it.each(['10.1.2.3', '172.16.0.1', '192.168.0.1', 'fd12:3456::1', '100.64.0.9'])(
    '%s is not, if the load balancer faces the internet',
    (address) => {
      expect(refusedAddress(address, false)).toMatch(/is private/);
    },
  );

  it.each([
    '0.0.0.0',
    '127.0.0.1',
    '127.8.9.10',
    '169.254.169.254',
    '169.254.170.2',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::',
    'fe80::1',
    'ff02::1',
    'fd00:ec2::254',
    '2852039166',
    '0x7f000001',
    'localhost',
    '',
  ])('%s never is', (address) => {
    expect(refusedAddress(address, true)).toBeDefined();
    expect(refusedAddress(address, false)).toBeDefined();
  });

  it('of this machine, its link or the metadata is refused in every notation, 10,000 of them drawn', () => {
    const random = createRandom('addresses');
    const hex = (number: number) => number.toString(16);
    for (let round = 0; round < 10_000; round += 1) {
      const [first, second] = random.integer(0, 1) === 0 ? [127, random.integer(0, 255)] : [169, 254];
      const [third, fourth] = [random.integer(0, 255), random.integer(0, 255)];
      const plain = `${first}.${second}.${third}.${fourth}`;
      const high = hex(first * 256 + second);
      const low = hex(third * 256 + fourth);
      const notations = [
        plain,
        `::ffff:${plain}`,
        `::ffff:${high}:${low}`,
        `0:0:0:0:0:ffff:${plain}`,
        `::${plain}`,
        `64:ff9b::${plain}`,
        `2002:${high}:${low}::1`,
        `::FFFF:${high}:${low}`,
        String(((first * 256 + second) * 256 + third) * 256 + fourth),
        `0x${high}${low.padStart(4, '0')}`,
      ];
      const address = notations[random.integer(0, notations.length - 1)] ?? plain;
      expect(refusedAddress(address, round % 2 === 0), address).toBeDefined();
    }
  });
});
