/** The outside world of a handler: the only place under lambdas/ that reads the clock, randomness and process.env. */
import { Logger } from '@aws-lambda-powertools/logger';
import { sendHttp } from './http-request.ts';

/** What every SDK client is constructed with, beside its own defaults. An open record: `aws/` knows the SDK's types. */
export type ClientConfiguration = Readonly<Record<string, unknown>>;

export interface HttpAnswer {
  statusCode: number;
  /** Its beginning: at most 65,536 characters. */
  body: string;
  /** From the request to the end of the answer. */
  durationMs: number;
}

/** Where a load balancer listens: its own name, from AWS. */
export interface HttpOrigin {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** Whether it has addresses inside a network only. */
  readonly isInternal: boolean;
}

export interface HttpRequest {
  /** Connected to, whatever the host header says. */
  readonly origin: HttpOrigin;
  readonly method: string;
  /** With its query; it begins with one slash. */
  readonly path: string;
  /** Names in small letters. TLS asks for the certificate of `host`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
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
  /** One HTTP request to a load balancer, without redirects. Rejects if there is no answer within the time-out. */
  request(request: HttpRequest): Promise<HttpAnswer>;
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
    clientConfiguration: {
      requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    },
    log: {
      info: (sentence, keys = {}) => logger.info(sentence, keys),
      warn: (sentence, keys = {}) => logger.warn(sentence, keys),
      error: (sentence, keys = {}) => logger.error(sentence, keys),
      append: (keys) => logger.appendKeys(keys),
    },
    request: (request) =>
      sendHttp(request, {
        now: () => performance.now(),
        limit: (ms) => AbortSignal.timeout(ms),
        isLocal: isLocalCloud(process.env),
      }),
  };
}

/** On AWS the endpoint is never this machine: only there may a load balancer be one of its ports. */
function isLocalCloud({ AWS_ENDPOINT_URL = '' }: Runtime['env']): boolean {
  return /^http:\/\/(127\.0\.0\.1|localhost)(:|\/|$)/.test(AWS_ENDPOINT_URL);
}
