/** Event source mappings: a table's stream, handed to a function in batches, in order, at least once. */
import { localArn } from '../arns.ts';
import { compilePattern, type EventPattern } from '../eventbridge/event-pattern.ts';
import type { Platform } from '../platform.ts';
import type { ChangeRecord, ChangeStreams, Deliver, MetricSink } from '../simulators.ts';
import { notImplemented, refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { LambdaApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import type { InvocationResult } from './function-host.ts';
import type { FunctionRegistry, RegisteredFunction } from './function-registry.ts';

/** Lambda asks a shard four times a second. */
const POLL_MS = 250;
const BATCH_MAX = 10_000;
const FIRST_PAUSE_MS = 1_000;
const PAUSE_MAX_MS = 60_000;
/** A stream keeps its records for a day. */
const RETENTION_SECONDS = 86_400;

export interface MappingPorts {
  platform: Platform;
  registry: FunctionRegistry;
  streams: ChangeStreams;
  run(target: RegisteredFunction, event: unknown, requestId: string): Promise<InvocationResult>;
  deliver: Deliver;
  metrics: MetricSink;
}

export interface EventSourceMappings {
  readonly operations: Operations<typeof LambdaApi>;
  /** Nothing is delivered any more. */
  close(): void;
}

/** As CreateEventSourceMapping was given it, complete. */
interface Mapping {
  readonly id: string;
  readonly sourceArn: string;
  readonly target: RegisteredFunction;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly filters: readonly { readonly text: string; readonly pattern: EventPattern }[];
  readonly bisects: boolean;
  /** -1: until the records are too old. */
  readonly retriesMax: number;
  readonly ageMaxSeconds: number;
  readonly onFailureArn: string | undefined;
  readonly reportsItems: boolean;
  readonly createdAtMs: number;
}

/** What delivery needs of all that. */
type Ground = Pick<MappingPorts, 'platform' | 'deliver' | 'metrics'> & {
  run(target: RegisteredFunction, event: unknown): Promise<InvocationResult>;
};

interface Pending {
  readonly record: ChangeRecord;
  readonly atMs: number;
}

/** Weaker than AWS: streams of DynamoDB only, one shard each, and a mapping begins with what changes after it was made. */
export function createEventSourceMappings(ports: MappingPorts): EventSourceMappings {
  const { platform, registry, streams } = ports;
  const random = platform.random.fork('event source mappings');
  const mappings = new Map<string, Mapping>();
  const unfollow: (() => void)[] = [];
  let isClosed = false;

  const named = (id = ''): Mapping => {
    const found = mappings.get(id);
    if (!found) throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.');
    return found;
  };

  return {
    operations: {
      CreateEventSourceMapping: (input) => {
        const mapping = newMapping(input, registry.find(input.FunctionName ?? ''), {
          id: random.uuid(),
          createdAtMs: platform.clock.now(),
        });
        const run = (target: RegisteredFunction, event: unknown) => ports.run(target, event, random.uuid());
        const accept = createPump(mapping, { ...ports, run }, () => isClosed);
        unfollow.push(streams.follow(mapping.sourceArn, accept));
        mappings.set(mapping.id, mapping);
        return described(mapping);
      },
      GetEventSourceMapping: ({ UUID }) => described(named(UUID)),
      ListEventSourceMappings: ({ FunctionName, EventSourceArn }) => ({
        EventSourceMappings: [...mappings.values()]
          .filter(({ target }) => FunctionName === undefined || registry.find(FunctionName) === target)
          .filter(({ sourceArn }) => EventSourceArn === undefined || EventSourceArn === sourceArn)
          .map(described),
      }),
    },
    close() {
      isClosed = true;
      for (const end of unfollow) end();
    },
  };
}

type Input = LambdaApi.CreateEventSourceMappingCommandInput;

function newMapping(
  input: Input,
  target: RegisteredFunction,
  made: Pick<Mapping, 'id' | 'createdAtMs'>,
): Mapping {
  refuseMembers('CreateEventSourceMapping', input, [
    'TumblingWindowInSeconds',
    'Topics',
    'Queues',
    'SourceAccessConfigurations',
    'SelfManagedEventSource',
    'KMSKeyArn',
    'ScalingConfig',
  ]);
  const { EventSourceArn = '', BatchSize = 100, ParallelizationFactor = 1, Enabled = true } = input;
  if (!/^arn:[^:]+:dynamodb:.*\/stream\//.test(EventSourceArn)) {
    throw notImplemented(`an event source mapping of ${EventSourceArn || 'no source'}`);
  }
  if (ParallelizationFactor !== 1) throw notImplemented('a ParallelizationFactor');
  if (!Enabled) throw notImplemented('an event source mapping that is not enabled');
  if (BatchSize < 1 || BatchSize > BATCH_MAX) {
    throw invalid(`BatchSize is ${BatchSize}; 1 to ${BATCH_MAX} are allowed`);
  }
  if (!['LATEST', 'TRIM_HORIZON'].includes(input.StartingPosition ?? '')) {
    throw invalid(`StartingPosition is ${input.StartingPosition}; LATEST and TRIM_HORIZON are allowed`);
  }
  const { MaximumRecordAgeInSeconds: age = -1 } = input;
  return {
    ...made,
    sourceArn: EventSourceArn,
    target,
    batchSize: BatchSize,
    windowSeconds: input.MaximumBatchingWindowInSeconds ?? 0,
    filters: (input.FilterCriteria?.Filters ?? []).map(({ Pattern: text = '' }) => ({
      text,
      pattern: compilePattern(text),
    })),
    bisects: input.BisectBatchOnFunctionError ?? false,
    retriesMax: input.MaximumRetryAttempts ?? -1,
    ageMaxSeconds: age === -1 ? RETENTION_SECONDS : Math.min(age, RETENTION_SECONDS),
    onFailureArn: input.DestinationConfig?.OnFailure?.Destination,
    reportsItems: input.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
  };
}

/** Gathers records into batches and delivers one batch after the other: what fails keeps those behind it waiting. */
function createPump(
  mapping: Mapping,
  ports: Ground,
  isClosed: () => boolean,
): (record: ChangeRecord) => void {
  const { clock } = ports.platform;
  const waiting: Pending[] = [];
  const windowMs = Math.max(POLL_MS, mapping.windowSeconds * 1000);
  let isScheduled = false;
  let isBusy = false;

  const schedule = (): void => {
    if (isBusy || isScheduled || waiting.length === 0) return;
    isScheduled = true;
    const delayMs = waiting.length >= mapping.batchSize ? POLL_MS : windowMs;
    clock.setTimer(delayMs, () => {
      isScheduled = false;
      void drain();
    });
  };
  const drain = async (): Promise<void> => {
    isBusy = true;
    const batch = waiting.splice(0, mapping.batchSize);
    await deliverBatch(batch, mapping, ports, isClosed).catch((error: unknown) =>
      ports.platform.fault(error),
    );
    isBusy = false;
    schedule();
  };
  return (record) => {
    const isWanted =
      mapping.filters.length === 0 || mapping.filters.some(({ pattern }) => pattern.matches(record));
    if (!isWanted) return;
    waiting.push({ record, atMs: clock.now() });
    schedule();
  };
}

async function deliverBatch(
  batch: readonly Pending[],
  mapping: Mapping,
  ports: Ground,
  isClosed: () => boolean,
): Promise<void> {
  const { clock } = ports.platform;
  let left = batch;
  for (let attempt = 0; !isClosed(); attempt += 1) {
    noteAge(left, mapping, ports);
    const result = await ports.run(mapping.target, { Records: left.map(({ record }) => record) });
    const failedFrom = firstFailed(result, left, mapping);
    if (failedFrom === undefined) return;
    if (failedFrom > 0) {
      // What came before it is done: the rest begins anew.
      left = left.slice(failedFrom);
      attempt = 0;
    } else if (mapping.bisects && left.length > 1) {
      const middle = Math.ceil(left.length / 2);
      await deliverBatch(left.slice(0, middle), mapping, ports, isClosed);
      return deliverBatch(left.slice(middle), mapping, ports, isClosed);
    }
    const isOld = clock.now() - (left[0]?.atMs ?? 0) > mapping.ageMaxSeconds * 1000;
    const isExhausted = mapping.retriesMax >= 0 && attempt >= mapping.retriesMax;
    if (isOld || isExhausted) {
      return discard(left, { result, attempt, isExhausted }, mapping, ports);
    }
    await clock.sleep(Math.min(PAUSE_MAX_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10)));
  }
}

/** The place of the first record that has to be delivered again; undefined if none has. */
function firstFailed(
  result: InvocationResult,
  batch: readonly Pending[],
  { reportsItems }: Mapping,
): number | undefined {
  if ('error' in result) return 0;
  if (!reportsItems) return undefined;
  const { batchItemFailures = [] } = (result.payload ?? {}) as {
    batchItemFailures?: { itemIdentifier?: string }[];
  };
  const places = batchItemFailures.map(({ itemIdentifier }) =>
    batch.findIndex(({ record }) => record.dynamodb.SequenceNumber === itemIdentifier),
  );
  // An identifier that is none makes the whole batch a failure.
  return places.length === 0 ? undefined : Math.max(0, Math.min(...places));
}

function noteAge(batch: readonly Pending[], { target }: Mapping, { platform, metrics }: Ground): void {
  const ageMs = platform.clock.now() - (batch.at(-1)?.atMs ?? platform.clock.now());
  const dimensions = { FunctionName: target.description.functionName };
  metrics.record('AWS/Lambda', 'IteratorAge', dimensions, [ageMs], 'Milliseconds');
}

/** The destination is told which records were left behind, not what they were. */
async function discard(
  batch: readonly Pending[],
  { result, attempt, isExhausted }: { result: InvocationResult; attempt: number; isExhausted: boolean },
  { sourceArn, target, onFailureArn }: Mapping,
  { platform, deliver }: Ground,
): Promise<void> {
  const { functionArn } = target.description;
  if (onFailureArn === undefined) {
    throw new Error(`${batch.length} records of ${sourceArn} were lost: ${functionArn} failed on them`);
  }
  const timeOf = (atMs: number | undefined) => new Date(atMs ?? platform.clock.now()).toISOString();
  await deliver(onFailureArn, {
    requestContext: {
      functionArn,
      condition: isExhausted ? 'RetryAttemptsExhausted' : 'RecordAgeExceeded',
      approximateInvokeCount: attempt + 1,
    },
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      ...('error' in result && { functionError: 'Unhandled' }),
    },
    version: '1.0',
    timestamp: timeOf(undefined),
    DDBStreamBatchInfo: {
      shardId: 'shardId-00000000000000000000-00000000',
      startSequenceNumber: batch[0]?.record.dynamodb.SequenceNumber,
      endSequenceNumber: batch.at(-1)?.record.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: timeOf(batch[0]?.atMs),
      approximateArrivalOfLastRecord: timeOf(batch.at(-1)?.atMs),
      batchSize: batch.length,
      streamArn: sourceArn,
    },
  });
}

function described(mapping: Mapping): Omit<LambdaApi.EventSourceMappingConfiguration, '$metadata'> {
  const { id, target, filters, onFailureArn, createdAtMs } = mapping;
  return {
    UUID: id,
    EventSourceMappingArn: localArn('lambda', `event-source-mapping:${id}`),
    EventSourceArn: mapping.sourceArn,
    FunctionArn: target.description.functionArn,
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.windowSeconds,
    BisectBatchOnFunctionError: mapping.bisects,
    MaximumRetryAttempts: mapping.retriesMax,
    MaximumRecordAgeInSeconds: mapping.ageMaxSeconds,
    ...(filters.length > 0 && {
      FilterCriteria: { Filters: filters.map(({ text }) => ({ Pattern: text })) },
    }),
    ...(onFailureArn !== undefined && { DestinationConfig: { OnFailure: { Destination: onFailureArn } } }),
    FunctionResponseTypes: mapping.reportsItems ? ['ReportBatchItemFailures'] : [],
    LastModified: new Date(createdAtMs),
    State: 'Enabled',
    StateTransitionReason: 'USER_INITIATED',
  };
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValueException', message);
