/** How SDK clients reach the endpoint: over the wire, or in this process without sockets, real time or randomness. */
import type { Clock } from '../clock/clock.ts';
import { LOCAL_REGION } from '../platform.ts';
import type { Random } from '../random.ts';
import type { Endpoint, WireRequest } from './endpoint.ts';
import { LOOPBACK_HOSTS } from './loopback.ts';
import { ATTEMPTS_MAX, createRetryStrategy } from './retry-strategy.ts';

/** What to spread into the constructor of any SDK client. */
export type ClientConfiguration = Record<string, unknown>;

/** A request as the SDK builds it. */
interface SdkRequest {
  method: string;
  path: string;
  query?: Readonly<Record<string, string | readonly string[] | null | undefined>>;
  headers: Record<string, string>;
  body?: unknown;
}

/**
 * For a client that calls the endpoint at `url` as `caller`.
 * @throws RangeError if `url` is not on a loopback host: dummy credentials must never leave the machine
 */
export function clientConfiguration(url: string, caller: string): ClientConfiguration {
  const { hostname } = new URL(url);
  if (!LOOPBACK_HOSTS.includes(hostname)) {
    throw new RangeError(`endpoint is ${url}; allowed hosts are ${LOOPBACK_HOSTS.join(', ')}`);
  }
  return { ...addressed(url), credentials: credentialsOf(caller) };
}

export interface InProcessOptions {
  /** The access key id: who the endpoint's log says it was. */
  readonly caller: string;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * For a client that calls `endpoint` directly. Nothing it does waits for anything but promises and the clock.
 * The SDK still draws an invocation id (dropped here) and fills in absent idempotency tokens from real
 * randomness; only the token's equality matters to a simulator, but a log of calls would show it.
 */
export function inProcessClientConfiguration(
  endpoint: Endpoint,
  options: InProcessOptions,
): ClientConfiguration {
  return {
    ...addressed('http://127.0.0.1'),
    ...withoutEnvironment,
    credentials: credentialsOf(options.caller),
    httpAuthSchemes: [scopeOnlyScheme(options.caller)],
    retryStrategy: createRetryStrategy(options),
    requestHandler: {
      metadata: { handlerProtocol: 'http/1.1' },
      handle: async (request: SdkRequest) => ({ response: await endpoint.handle(wireRequest(request)) }),
      updateHttpClientConfig: () => {},
      httpHandlerConfigs: () => ({}),
      destroy: () => {},
    },
  };
}

const addressed = (url: string): ClientConfiguration => ({
  region: LOCAL_REGION,
  endpoint: url,
  // StartSyncExecution and others would call sync-127.0.0.1.
  disableHostPrefix: true,
  // A queue's URL names the account's own host; messages must go to the endpoint.
  useQueueUrlAsEndpoint: false,
});

const credentialsOf = (caller: string): ClientConfiguration => ({
  accessKeyId: caller,
  secretAccessKey: 'local',
});

/** Every setting that the SDK would otherwise look up in the environment and in files. */
const withoutEnvironment: ClientConfiguration = {
  accountIdEndpointMode: 'disabled',
  authSchemePreference: [],
  defaultsMode: 'standard',
  defaultUserAgentProvider: async () => [['sidestep-local', '1']],
  disableRequestCompression: true,
  endpointDiscoveryEnabledProvider: async () => false,
  maxAttempts: ATTEMPTS_MAX,
  requestMinCompressionSizeBytes: 10_240,
  retryMode: 'standard',
  sigv4aSigningRegionSet: [LOCAL_REGION],
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  userAgentAppId: async () => undefined,
};

/** Signs with the credential scope alone, which is all that the endpoint reads: a signature would read the clock. */
function scopeOnlyScheme(caller: string): object {
  return {
    schemeId: 'aws.auth#sigv4',
    identityProvider: () => async () => credentialsOf(caller),
    signer: {
      sign: async (request: SdkRequest, _identity: unknown, { name }: { name: string }) => {
        const credential = `${caller}/00000000/${LOCAL_REGION}/${name}/aws4_request`;
        request.headers.authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`;
        return request;
      },
    },
  };
}

function wireRequest({ method, path, query = {}, headers, body }: SdkRequest): WireRequest {
  const { 'amz-sdk-invocation-id': _drawn, ...kept } = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const fields = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ''].flat().map((item) => [name, item]),
  );
  return {
    method,
    path,
    query: new URLSearchParams(fields as [string, string][]).toString(),
    headers: kept,
    body: bytesOf(body),
  };
}

function bytesOf(body: unknown): Uint8Array {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  throw new TypeError('a streaming body cannot be sent in process; allowed are text and bytes');
}
