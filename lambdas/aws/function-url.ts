/** Function URLs: a signed request to a function, so that it learns from AWS who calls. */
import { createHash, createHmac, type Hmac } from 'node:crypto';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Runtime } from '../common/runtime.ts';
import { clientOf, SENT_ONCE } from './client.ts';

export interface UrlAnswer {
  readonly statusCode: number;
  /** The body's JSON, or its text if it is none. */
  readonly body: unknown;
}

export interface FunctionUrl {
  /** @throws Error `CallDenied` if Lambda did not let the call through */
  get(query: Readonly<Record<string, string>>): Promise<UrlAnswer>;
  /** Sent once: whoever repeats it decides so. @throws Error `CallDenied` */
  post(body: object): Promise<UrlAnswer>;
}

/** Lambda's own answer, before the function has heard of the call. */
export class CallDenied extends Error {
  override readonly name = 'CallDenied';
}

/** Credentials, Region, endpoint and connection are those of any other call to Lambda. */
const clientFor = clientOf(LambdaClient, SENT_ONCE);

/** @param url as AWS gives it, or a path of the endpoint that the runtime's clients call (the local cloud) */
export function functionUrl(runtime: Runtime, url: string): FunctionUrl {
  const send = (method: string, query: Readonly<Record<string, string>>, body: string) =>
    sendSigned(runtime, url, { method, query, body });
  return {
    get: (query) => send('GET', query, ''),
    post: (body) => send('POST', {}, JSON.stringify(body)),
  };
}

interface Asked {
  readonly method: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
}

async function sendSigned(runtime: Runtime, url: string, { method, query, body }: Asked): Promise<UrlAnswer> {
  const { config } = clientFor(runtime);
  const { protocol, hostname, port, pathname, host } = new URL(url, await baseOf(config));
  const signer = new SignatureV4({
    service: 'lambda',
    region: await config.region(),
    credentials: config.credentials,
    sha256: Sha256,
  });
  const request = {
    method,
    protocol,
    hostname,
    ...(port !== '' && { port: Number(port) }),
    path: pathname,
    query: { ...query },
    headers: { host, ...(body !== '' && { 'content-type': 'application/json' }) },
    body,
  };
  const signed = await signer.sign(request, { signingDate: new Date(runtime.now()) });
  const { response } = await config.requestHandler.handle(signed as Parameters<Handle>[0]);
  const text = await textOf(response.body);
  if (response.statusCode === 403 && isDeniedBy(response.headers)) throw new CallDenied(deniedBecause(text));
  return { statusCode: response.statusCode, body: parsed(text) };
}

type Config = LambdaClient['config'];
type Handle = Config['requestHandler']['handle'];

/** What a path stands under: nothing on AWS, where a URL is whole. */
async function baseOf({ endpoint }: Config): Promise<string | undefined> {
  if (!endpoint) return undefined;
  const { protocol, hostname, port } = await endpoint();
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
}

/** The function's own refusals have no such header. */
const isDeniedBy = (headers: Readonly<Record<string, string>>): boolean =>
  Object.keys(headers).some((name) => name.toLowerCase() === 'x-amzn-errortype');

const deniedBecause = (text: string): string =>
  `Lambda answered 403 (${text.trim()}): the caller needs both lambda:InvokeFunctionUrl and lambda:InvokeFunction on the function, the second with the condition lambda:InvokedViaFunctionUrl`;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function textOf(body: unknown): Promise<string> {
  if (body === undefined || body === null) return '';
  if (ArrayBuffer.isView(body)) return Buffer.from(body as Uint8Array).toString('utf8');
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** SHA-256 as the signer takes it, plain and keyed. */
class Sha256 {
  private readonly secret: Secret | undefined;
  private hash: Hash;

  constructor(secret?: Secret) {
    this.secret = secret;
    this.hash = this.fresh();
  }

  update(data: Uint8Array | string): void {
    this.hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  reset(): void {
    this.hash = this.fresh();
  }

  private fresh(): Hash {
    return this.secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(this.secret));
  }
}

type Hash = Pick<Hmac, 'update' | 'digest'>;
type HashConstructor = ConstructorParameters<typeof SignatureV4>[0]['sha256'];
type Secret = NonNullable<ConstructorParameters<HashConstructor>[0]>;

const bytesOf = (secret: Secret): string | Uint8Array =>
  typeof secret === 'string'
    ? secret
    : ArrayBuffer.isView(secret)
      ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
      : new Uint8Array(secret);
