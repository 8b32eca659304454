/** The Lambda simulator: who is found by which name, limits, and what becomes of events that fail. */
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../local/clock/virtual-clock.ts';
import type { FunctionHost, InvocationResult } from '../../local/lambda/function-host.ts';
import { createLambda } from '../../local/lambda/index.ts';
import { DEFAULT_LATENCIES } from '../../local/platform.ts';
import { createRandom } from '../../local/random.ts';
import { functionOf } from './functions.ts';

const CALL = { caller: 'test', requestId: 'r' };
const FAILED: InvocationResult = { error: { errorType: 'Boom', errorMessage: 'no' } };

function startLambda(answer: (event: unknown) => InvocationResult) {
  const clock = createVirtualClock();
  const attemptsMs: number[] = [];
  const delivered: { arn: string; payload: unknown }[] = [];
  const faults: unknown[] = [];
  const host: FunctionHost = {
    invoke: async (_configuration, event) => {
      attemptsMs.push(clock.now());
      return answer(event);
    },
    warmUp: async () => {},
    close: async () => {},
  };
  const platform = {
    clock,
    random: createRandom('test'),
    latencies: DEFAULT_LATENCIES,
    emit: () => {},
    fault: (error: unknown) => void faults.push(error),
  };
  const streams = { follow: () => () => {} };
  const deliver = async (arn: string, payload: unknown) => void delivered.push({ arn, payload });
  const lambda = createLambda(platform, { host, deliver, metrics: { record: () => {} }, streams });
  return { lambda, clock, attemptsMs, delivered, faults };
}

describe('Invoke', () => {
  it.each([
    'toy',
    'function:toy',
    '000000000000:function:toy',
    'arn:aws:lambda:us-east-1:000000000000:function:toy',
    'arn:aws:lambda:us-east-1:000000000000:function:toy:$LATEST',
  ])('finds the function by %s', async (name) => {
    const { lambda } = startLambda((event) => ({ payload: event }));
    lambda.register(functionOf(''));

    expect(await lambda.invoke(name, { n: 1 })).toEqual({ payload: { n: 1 } });
  });

  it('names a function that does not exist', async () => {
    const { lambda } = startLambda(() => FAILED);

    await expect(lambda.invoke('nobody', {})).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });

  it('answers 200 with FunctionError when the function threw', async () => {
    const { lambda } = startLambda(() => FAILED);
    lambda.register(functionOf(''));

    const answer = await lambda.operations.Invoke?.(
      { FunctionName: 'toy', Payload: Buffer.from('{}') },
      CALL,
    );

    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(Buffer.from(answer?.Payload ?? []).toString())).toMatchObject({ errorType: 'Boom' });
  });

  it('refuses a payload above 6 MB, and above 1 MB if it is asynchronous', async () => {
    const { lambda } = startLambda(() => ({ payload: null }));
    lambda.register(functionOf(''));

    await expect(lambda.invoke('toy', 'x'.repeat(6 * 1024 * 1024))).rejects.toMatchObject({
      code: 'RequestTooLargeException',
    });
    await expect(lambda.deliverAsync('toy', 'x'.repeat(1024 * 1024))).rejects.toMatchObject({
      code: 'RequestTooLargeException',
    });
  });

  it('turns an answer above 6 MB into an error of the function', async () => {
    const { lambda } = startLambda(() => ({ payload: 'x'.repeat(6 * 1024 * 1024) }));
    lambda.register(functionOf(''));

    expect(await lambda.invoke('toy', {})).toMatchObject({
      error: { errorType: 'Function.ResponseSizeTooLarge' },
    });
  });

  it('checks without running on a dry run', async () => {
    const { lambda, attemptsMs } = startLambda(() => ({ payload: null }));
    lambda.register(functionOf(''));

    expect(await lambda.operations.Invoke?.({ FunctionName: 'toy', InvocationType: 'DryRun' }, CALL)).toEqual(
      { StatusCode: 204 },
    );
    expect(attemptsMs).toEqual([]);
  });
});

describe('an asynchronous invocation', () => {
  it('that fails is tried again after one minute and two, then goes to queue and destination', async () => {
    const { lambda, clock, attemptsMs, delivered } = startLambda(() => FAILED);
    lambda.register(functionOf('', { deadLetterArn: 'arn:dlq' }));
    await lambda.operations.PutFunctionEventInvokeConfig?.(
      { FunctionName: 'toy', DestinationConfig: { OnFailure: { Destination: 'arn:failures' } } },
      CALL,
    );
    const startMs = clock.now();

    await lambda.deliverAsync('toy', { push: 1 });
    await clock.run(() => delivered.length === 2, 3_600_000);

    expect(attemptsMs.map((ms) => (ms - startMs) / 1000)).toEqual([0, 60, 180]);
    expect(delivered[0]).toEqual({ arn: 'arn:dlq', payload: { push: 1 } });
    expect(delivered[1]).toMatchObject({
      arn: 'arn:failures',
      payload: {
        requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
        requestPayload: { push: 1 },
        responsePayload: { errorType: 'Boom' },
      },
    });
  });

  it('that succeeds at its second attempt leaves nothing behind', async () => {
    let count = 0;
    const { lambda, clock, attemptsMs, delivered } = startLambda(() =>
      count++ === 0 ? FAILED : { payload: null },
    );
    lambda.register(functionOf('', { deadLetterArn: 'arn:dlq' }));

    await lambda.deliverAsync('toy', {});
    await clock.run(() => false, 3_600_000);

    expect(attemptsMs).toHaveLength(2);
    expect(delivered).toEqual([]);
  });

  it('is not tried again beyond the configured attempts', async () => {
    const { lambda, clock, attemptsMs } = startLambda(() => FAILED);
    lambda.register(functionOf(''));
    await lambda.operations.PutFunctionEventInvokeConfig?.(
      { FunctionName: 'toy', MaximumRetryAttempts: 0 },
      CALL,
    );

    await lambda.deliverAsync('toy', {});
    await clock.run(() => false, 3_600_000);

    expect(attemptsMs).toHaveLength(1);
  });
});
