/** Event source mappings: batches of a stream's records, in order, at least once, and what becomes of those that fail. */
import { describe, expect, it } from 'vitest';
import type { InvocationResult } from '../../local/lambda/function-host.ts';
import { createLambda } from '../../local/lambda/index.ts';
import type { ChangeRecord } from '../../local/simulators.ts';
import type { LambdaApi } from '../../local/wire/models.ts';
import { testPlatform } from '../local-platform.ts';
import { functionOf } from './functions.ts';

const CALL = { caller: 'test', requestId: 'r' };
const STREAM = 'arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026-01-01T00:00:00.000';
const FAILED: InvocationResult = { error: { errorType: 'Boom', errorMessage: 'no' } };
const DONE: InvocationResult = { payload: {} };

type Settings = Partial<LambdaApi.CreateEventSourceMappingCommandInput>;
/** Sequence numbers as they were delivered. */
type Batch = readonly string[];

function startMapping(settings: Settings, answer: (batch: Batch) => InvocationResult = () => DONE) {
  const platform = testPlatform();
  const { clock } = platform;
  const batches: Batch[] = [];
  const delivered: { arn: string; payload: unknown }[] = [];
  let follower: (record: ChangeRecord) => void = () => {};
  const lambda = createLambda(platform, {
    host: {
      invoke: async (_configuration, event) => {
        const { Records } = event as { Records: ChangeRecord[] };
        const batch = Records.map(({ dynamodb }) => dynamodb.SequenceNumber);
        batches.push(batch);
        return answer(batch);
      },
      warmUp: async () => {},
      close: async () => {},
    },
    deliver: async (arn, payload) => void delivered.push({ arn, payload }),
    metrics: { record: () => {} },
    streams: {
      follow: (_arn, follow) => {
        follower = follow;
        return () => {};
      },
    },
  });
  lambda.register(functionOf(''));
  const input = { FunctionName: 'toy', EventSourceArn: STREAM, StartingPosition: 'LATEST', ...settings };
  lambda.operations.CreateEventSourceMapping?.(input as LambdaApi.CreateEventSourceMappingCommandInput, CALL);
  const change = (sequence: string, pk = 'a') =>
    follower({
      eventName: 'INSERT',
      dynamodb: { Keys: { pk: { S: pk } }, SequenceNumber: sequence },
    } as unknown as ChangeRecord);
  const pass = async (seconds: number) => {
    clock.setTimer(seconds * 1000, () => {});
    await clock.run(() => false, seconds * 1000);
  };
  return { change, pass, batches, delivered };
}

describe('a mapping', () => {
  it('gathers what its filter lets through for its window, and no more than a batch', async () => {
    const FilterCriteria = { Filters: [{ Pattern: '{"dynamodb":{"Keys":{"pk":{"S":["a"]}}}}' }] };
    const { change, pass, batches } = startMapping({
      FilterCriteria,
      MaximumBatchingWindowInSeconds: 5,
      BatchSize: 2,
    });
    change('1');
    change('2', 'b');
    await pass(4);
    expect(batches).toEqual([]);
    change('3');
    change('4');
    await pass(2);
    expect(batches).toEqual([['1', '3']]);
    await pass(5);
    expect(batches).toEqual([['1', '3'], ['4']]);
  });

  it('delivers a batch that failed again, before those behind it', async () => {
    let failures = 2;
    const { change, pass, batches } = startMapping({ BatchSize: 1 }, () => (failures-- > 0 ? FAILED : DONE));
    change('1');
    change('2');
    await pass(10);
    expect(batches).toEqual([['1'], ['1'], ['1'], ['2']]);
  });

  it('goes on from the record that the function names as failed', async () => {
    let isFirst = true;
    const { change, pass, batches } = startMapping(
      { FunctionResponseTypes: ['ReportBatchItemFailures'] },
      () => {
        const batchItemFailures = isFirst ? [{ itemIdentifier: '2' }] : [];
        isFirst = false;
        return { payload: { batchItemFailures } };
      },
    );
    for (const sequence of ['1', '2', '3']) change(sequence);
    await pass(10);
    expect(batches).toEqual([
      ['1', '2', '3'],
      ['2', '3'],
    ]);
  });

  it('leaves a record behind that fails for good, tells the destination, and goes on', async () => {
    const { change, pass, batches, delivered } = startMapping(
      {
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 1,
        DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:x' } },
      },
      (batch) => (batch.includes('2') ? FAILED : DONE),
    );
    for (const sequence of ['1', '2', '3']) change(sequence);
    await pass(60);
    expect(batches).toEqual([['1', '2', '3'], ['1', '2'], ['1'], ['2'], ['2'], ['3']]);
    expect(delivered).toMatchObject([
      {
        arn: 'arn:aws:sqs:x',
        payload: {
          requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
          DDBStreamBatchInfo: { startSequenceNumber: '2', endSequenceNumber: '2', batchSize: 1 },
        },
      },
    ]);
  });
});
