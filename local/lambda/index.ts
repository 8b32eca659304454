/** The Lambda simulator: functions that were registered, invoked at once or asynchronously, run by a host. */
import type { Platform } from '../platform.ts';
import type { ChangeStreams, Deliver, MetricSink } from '../simulators.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { LambdaApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import type { SignedPage } from '../wire/signed-page.ts';
import { acceptAsync } from './async-invocations.ts';
import { createEventSourceMappings } from './event-source-mappings.ts';
import { answerTooLargeError } from './function-error.ts';
import type { FunctionHost, InvocationResult } from './function-host.ts';
import {
  createFunctionRegistry,
  type FunctionDescription,
  type RegisteredFunction,
} from './function-registry.ts';
import { functionUrls } from './function-url.ts';
import { lambdaOperations } from './operations.ts';

export const SYNC_PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;

/** Functions whose processes are started at the same time while warming up: a start is CPU-bound. */
const WARM_UP_CONCURRENCY = 3;

export interface LambdaPorts {
  host: FunctionHost;
  /** For the destinations of failed asynchronous invocations. */
  deliver: Deliver;
  /** Counts invocations and errors in AWS/Lambda. */
  metrics: MetricSink;
  /** For event source mappings. */
  streams: ChangeStreams;
}

export interface LambdaSimulator {
  readonly operations: Operations<typeof LambdaApi>;
  /** The functions' URLs. */
  readonly urls: SignedPage;
  /** Adds a function, in the place of CreateFunction: its code is a directory. @throws AwsError `ResourceConflictException` */
  register(description: FunctionDescription): void;
  /** Every function, in order of registration. */
  functions(): FunctionDescription[];
  /** Invokes and waits, as Step Functions does. @throws AwsError `ResourceNotFoundException`, `RequestTooLargeException` */
  invoke(nameOrArn: string, event: unknown): Promise<InvocationResult>;
  /** Accepts an event, as EventBridge and SNS hand it over; resolves when it is accepted. @throws AwsError as above */
  deliverAsync(nameOrArn: string, event: unknown): Promise<void>;
  /** Loads every function ahead of its first invocation. */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

export function createLambda(
  platform: Platform,
  { host: uncounted, deliver, metrics, streams }: LambdaPorts,
): LambdaSimulator {
  const registry = createFunctionRegistry();
  const host = countInvocations(uncounted, metrics);

  const run = async (
    target: RegisteredFunction,
    event: unknown,
    requestId = platform.random.uuid(),
  ): Promise<InvocationResult> => {
    if (sizeOf(event) > SYNC_PAYLOAD_BYTES_MAX) {
      throw new AwsError(
        'RequestTooLargeException',
        `Request must be smaller than ${SYNC_PAYLOAD_BYTES_MAX} bytes`,
      );
    }
    const result = await host.invoke(target.description, event, requestId);
    const tooLarge = 'payload' in result && sizeOf(result.payload) > SYNC_PAYLOAD_BYTES_MAX;
    return tooLarge ? { error: answerTooLargeError(SYNC_PAYLOAD_BYTES_MAX) } : result;
  };
  const accept = (target: RegisteredFunction, event: unknown) =>
    acceptAsync({ platform, host, deliver }, target, event);

  const mappings = createEventSourceMappings({ platform, registry, streams, run, deliver, metrics });

  return {
    operations: {
      ...lambdaOperations(registry, { run, accept, now: platform.clock.now }),
      ...mappings.operations,
    },
    urls: functionUrls({
      registry,
      now: platform.clock.now,
      invoke: async (name, event) => run(registry.find(name), event),
    }),
    register: (description) => registry.add(description, platform.clock.now()),
    functions: () => registry.all().map(({ description }) => description),
    invoke: async (nameOrArn, event) => run(registry.find(nameOrArn), event),
    deliverAsync: async (nameOrArn, event) => void accept(registry.find(nameOrArn), event),
    async warmUp() {
      const waiting = registry.all();
      const next = async (): Promise<void> => {
        for (let each = waiting.shift(); each; each = waiting.shift()) await host.warmUp(each.description);
      };
      await Promise.all(Array.from({ length: WARM_UP_CONCURRENCY }, next));
    },
    close() {
      mappings.close();
      return host.close();
    },
  };
}

const sizeOf = (payload: unknown): number => Buffer.byteLength(JSON.stringify(payload ?? null));

function countInvocations(host: FunctionHost, metrics: MetricSink): FunctionHost {
  return {
    ...host,
    async invoke(configuration, event, requestId) {
      const result = await host.invoke(configuration, event, requestId);
      const dimensions = { FunctionName: configuration.functionName };
      metrics.record('AWS/Lambda', 'Invocations', dimensions, [1], 'Count');
      metrics.record('AWS/Lambda', 'Errors', dimensions, ['error' in result ? 1 : 0], 'Count');
      return result;
    },
  };
}
