/** Function URLs: a signed HTTP request becomes an event of payload format 2.0, and the function's answer a response. */
import { LOCAL_ACCOUNT } from '../platform.ts';
import { identityOf } from '../sts/index.ts';
import type { WireRequest, WireResponse } from '../wire/endpoint.ts';
import type { Call } from '../wire/operations.ts';
import type { SignedPage } from '../wire/signed-page.ts';
import type { InvocationResult } from './function-host.ts';
import type { FunctionRegistry } from './function-registry.ts';

const PREFIX = '/lambda-url/';

/** The address of a function's URL: a path, for wherever the endpoint listens. */
export const urlOf = (functionName: string): string => `${PREFIX}${functionName}/`;

export interface FunctionUrlPorts {
  readonly registry: FunctionRegistry;
  readonly now: () => number;
  invoke(functionName: string, event: unknown): Promise<InvocationResult>;
}

/** Serves the URLs of all functions that have one. */
export function functionUrls({ registry, now, invoke }: FunctionUrlPorts): SignedPage {
  const functionOf = ({ path }: WireRequest) => {
    const name = decodeURIComponent(path.slice(PREFIX.length).split('/')[0] ?? '');
    return registry.all().find(({ description, url }) => url && description.functionName === name);
  };
  return {
    prefix: PREFIX,
    scope: 'lambda',
    operation: 'InvokeFunctionUrl',
    describe: (request) => ({ FunctionName: functionOf(request)?.description.functionName ?? '?' }),
    async answer(request, call) {
      const found = functionOf(request);
      if (!found) return forbidden();
      const { functionName } = found.description;
      const result = await invoke(functionName, eventOf(request, { functionName, call, nowMs: now() }));
      return 'error' in result ? failed() : responseOf(result.payload);
    },
    refuse: forbidden,
  };
}

/** As Lambda's Developer Guide documents it ("Request payload format"). */
function eventOf(
  { method, path, query, headers, body }: WireRequest,
  { functionName, call, nowMs }: { functionName: string; call: Call; nowMs: number },
): object {
  const rawPath = `/${path.slice(urlOf(functionName).length)}`;
  const { authorization: _signature, cookie, ...kept } = headers;
  const fields = [...new URLSearchParams(query)];
  const text = Buffer.from(body);
  const isText = /^(text\/|application\/(json|javascript|xml))/.test(headers['content-type'] ?? '');
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.split('; ') }),
    headers: kept,
    ...(fields.length > 0 && { queryStringParameters: joined(fields) }),
    requestContext: {
      accountId: LOCAL_ACCOUNT,
      apiId: functionName,
      authentication: null,
      authorizer: { iam: authorizerOf(call.caller) },
      domainName: headers.host ?? '',
      domainPrefix: functionName,
      http: {
        method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: call.requestId,
      routeKey: '$default',
      stage: '$default',
      time: clfTime(nowMs),
      timeEpoch: nowMs,
    },
    ...(text.length > 0 && { body: text.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: text.length > 0 && !isText,
  };
}

function authorizerOf(caller: string): object {
  const { account, arn, userId } = identityOf(caller);
  return {
    accessKey: caller,
    accountId: account,
    callerId: userId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: arn,
    userId,
  };
}

/** Values of one name are put together with commas. */
function joined(fields: readonly (readonly [string, string])[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of fields) values[name] = name in values ? `${values[name]},${value}` : value;
  return values;
}

/** `20/Nov/2026:03:42:11 +0000` */
function clfTime(nowMs: number): string {
  const [, day, month, year, time] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(nowMs).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}

interface Answer {
  statusCode: number;
  headers?: Record<string, string>;
  cookies?: string[];
  body?: string;
  isBase64Encoded?: boolean;
}

/** An answer with a status code is the response; any other is the body of one. */
function responseOf(payload: unknown): WireResponse {
  const { statusCode, headers = {}, cookies, body = '', isBase64Encoded } = asAnswer(payload);
  return {
    statusCode,
    headers: {
      'content-type': 'application/json',
      ...lowerCased(headers),
      ...(cookies && { 'set-cookie': cookies.join(', ') }),
    },
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

function asAnswer(payload: unknown): Answer {
  const isResponse = typeof payload === 'object' && payload !== null && 'statusCode' in payload;
  if (isResponse) return payload as Answer;
  return { statusCode: 200, body: typeof payload === 'string' ? payload : JSON.stringify(payload ?? null) };
}

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const forbidden = (): WireResponse => ({
  statusCode: 403,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException' },
  body: Buffer.from('{"Message":"Forbidden"}'),
});

const failed = (): WireResponse => ({
  statusCode: 502,
  headers: { 'content-type': 'text/plain', 'x-amzn-errortype': 'InternalServerErrorException' },
  body: Buffer.from('Internal Server Error'),
});
