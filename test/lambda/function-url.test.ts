/** Function URLs over a socket: what the function gets, what the caller gets, and who is turned away. */
import { afterEach, expect, it } from 'vitest';
import { functionUrl } from '../../lambdas/aws/function-url.ts';
import { lambdaRuntime } from '../../lambdas/common/runtime.ts';
import { createVirtualClock } from '../../local/clock/virtual-clock.ts';
import { createLambda } from '../../local/lambda/index.ts';
import { DEFAULT_LATENCIES } from '../../local/platform.ts';
import { createRandom } from '../../local/random.ts';
import { AwsError } from '../../local/wire/aws-error.ts';
import { createEndpoint } from '../../local/wire/create-endpoint.ts';
import { type HttpServer, startHttpServer } from '../../local/wire/http-server.ts';
import { clientConfiguration } from '../../local/wire/in-process-handler.ts';
import { functionOf } from './functions.ts';

const CALL = { caller: 'test', requestId: 'r' };

let server: HttpServer | undefined;
afterEach(() => server?.close());

async function serve(answer: (event: Record<string, unknown>) => unknown) {
  const clock = createVirtualClock(Date.parse('2026-11-21T03:42:11Z'));
  const random = createRandom('url');
  const platform = { clock, random, latencies: DEFAULT_LATENCIES, emit: () => {}, fault: () => {} };
  const lambda = createLambda(platform, {
    host: {
      invoke: async (_, event) => {
        const payload = answer(event as Record<string, unknown>);
        return payload instanceof Error
          ? { error: { errorType: payload.name, errorMessage: payload.message } }
          : { payload };
      },
      warmUp: async () => {},
      close: async () => {},
    },
    deliver: async () => {},
    metrics: { record: () => {} },
    streams: { follow: () => () => {} },
  });
  lambda.register(functionOf(''));
  await lambda.operations.CreateFunctionUrlConfig?.({ FunctionName: 'toy', AuthType: 'AWS_IAM' }, CALL);
  const endpoint = await createEndpoint({ clock, random, services: { lambda }, pages: [lambda.urls] });
  server = await startHttpServer(endpoint);
  const url = await lambda.operations.GetFunctionUrlConfig?.({ FunctionName: 'toy' }, CALL);
  const runtime = { ...lambdaRuntime(), clientConfiguration: clientConfiguration(server.url, 'ada') };
  return { endpoint, port: functionUrl(runtime, url?.FunctionUrl ?? '') };
}

it('gives the function the request in payload format 2.0, with the identity that the cloud knows', async () => {
  const { endpoint, port } = await serve((event) => event);
  const { statusCode, body } = await port.post({ signal: 'approve' });
  expect(statusCode).toBe(200);
  expect(body).toMatchObject({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    headers: {
      'content-type': 'application/json',
      'x-amz-content-sha256': expect.stringMatching(/^[0-9a-f]{64}$/),
    },
    requestContext: {
      authorizer: {
        iam: {
          accountId: '000000000000',
          callerId: 'AROAada:local',
          userArn: 'arn:aws:sts::000000000000:assumed-role/ada/local',
        },
      },
      http: { method: 'POST', path: '/', sourceIp: '127.0.0.1' },
      time: '21/Nov/2026:03:42:11 +0000',
      timeEpoch: Date.parse('2026-11-21T03:42:11Z'),
    },
    body: '{"signal":"approve"}',
    isBase64Encoded: false,
  });
  expect(JSON.stringify(body)).not.toContain('Signature=');
  const asked = await port.get({ service: 'a b&c' });
  expect(asked.body).toMatchObject({ queryStringParameters: { service: 'a b&c' } });
  expect(endpoint.calls.map(({ operation, caller }) => [operation, caller])).toEqual([
    ['InvokeFunctionUrl', 'ada'],
    ['InvokeFunctionUrl', 'ada'],
  ]);
});

it('gives the caller the status and body that the function answers, and 502 if it failed', async () => {
  const answers = [
    { statusCode: 409, body: '{"errorType":"SignalRefused"}' },
    { plain: true },
    new Error('no'),
  ];
  const { port } = await serve(() => answers.shift());
  expect(await port.post({})).toEqual({ statusCode: 409, body: { errorType: 'SignalRefused' } });
  expect(await port.post({})).toEqual({ statusCode: 200, body: { plain: true } });
  expect(await port.post({})).toEqual({ statusCode: 502, body: 'Internal Server Error' });
});

it('turns away whoever may not call, and says what is missing', async () => {
  const { endpoint, port } = await serve(() => ({ reached: true }));
  endpoint.intercept({
    before() {
      throw new AwsError('AccessDeniedException', 'no', { statusCode: 403 });
    },
  });
  await expect(port.post({})).rejects.toMatchObject({
    name: 'CallDenied',
    message: expect.stringMatching(
      /lambda:InvokeFunctionUrl and lambda:InvokeFunction .*InvokedViaFunctionUrl/,
    ),
  });
});
