/** The outside world of a handler: the only place under lambdas/ that reads the clock, randomness and process.env. */
import { Logger } from '@aws-lambda-powertools/logger';

/** What every SDK client is constructed with, beside its own defaults. An open record: `aws/` knows the SDK's types. */
export type ClientConfiguration = Readonly<Record<string, unknown>>;

export interface HttpAnswer {
  statusCode: number;
  body: string;
}

export interface HttpRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
}

/** A structured logger: a constant sentence, and keys. */
export interface Log {
  info(sentence: string, keys?: Record<string, unknown>): void;
  warn(sentence: string, keys?: Record<string, unknown>): void;
  error(sentence: string, keys?: Record<string, unknown>): void;
  /** Keys that every later line carries, until others of the same name take their place. */
  append(keys: Record<string, unknown>): void;
}

export interface Runtime {
  /** Milliseconds since the epoch. */
  now(): number;
  /** 0 <= n < 1. */
  random(): number;
  sleep(ms: number): Promise<void>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clientConfiguration: ClientConfiguration;
  readonly log: Log;
  /** One HTTP GET without redirects, for smoke checks. Rejects if there is no answer within the time-out. */
  get(request: HttpRequest): Promise<HttpAnswer>;
}

/** A Lambda function as the service calls it. */
export type Handler = (event: unknown) => Promise<unknown>;

/** The runtime on Lambda itself. */
export function lambdaRuntime(): Runtime {
  const logger = new Logger();
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    env: process.env,
    // A hung socket must not cost a step its whole time-out.
    clientConfiguration: { requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000 } },
    log: {
      info: (sentence, keys = {}) => logger.info(sentence, keys),
      warn: (sentence, keys = {}) => logger.warn(sentence, keys),
      error: (sentence, keys = {}) => logger.error(sentence, keys),
      append: (keys) => logger.appendKeys(keys),
    },
    get: httpGet,
  };
}

async function httpGet({ url, headers, timeoutMs }: HttpRequest): Promise<HttpAnswer> {
  const { request } = await import(url.startsWith('https:') ? 'node:https' : 'node:http');
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: 'GET',
      headers,
      timeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
    });
    outgoing.on('response', (incoming: import('node:http').IncomingMessage) => {
      let body = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        if (body.length < 65_536) body += chunk;
      });
      incoming.on('end', () => resolve({ statusCode: incoming.statusCode ?? 0, body }));
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
