/** Asynchronous invocations: accepted at once, tried three times, then sent where failures go. */
import type { Platform } from '../platform.ts';
import type { Deliver } from '../simulators.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { FunctionHost, InvocationResult } from './function-host.ts';
import type { RegisteredFunction } from './function-registry.ts';

export const ASYNC_PAYLOAD_BYTES_MAX = 1024 * 1024;

/** Lambda waits a minute before the second attempt and two before the third. */
const RETRY_DELAYS_MS = [60_000, 120_000];

export interface AsyncPorts {
  platform: Platform;
  host: FunctionHost;
  deliver: Deliver;
}

interface Attempt {
  target: RegisteredFunction;
  event: unknown;
  requestId: string;
  acceptedMs: number;
  /** Attempts made, this one included. */
  count: number;
}

/**
 * Accepts an event for a function and gives its request id; the invocation follows by itself.
 * @throws AwsError `RequestTooLargeException` above 1 MB
 */
export function acceptAsync(ports: AsyncPorts, target: RegisteredFunction, event: unknown): string {
  const { platform } = ports;
  if (Buffer.byteLength(JSON.stringify(event ?? null)) > ASYNC_PAYLOAD_BYTES_MAX) {
    const message = `${ASYNC_PAYLOAD_BYTES_MAX} byte payload is the most that the Event invocation type takes`;
    throw new AwsError('RequestTooLargeException', message);
  }
  const requestId = platform.random.uuid();
  void attempt(ports, { target, event, requestId, acceptedMs: platform.clock.now(), count: 1 });
  return requestId;
}

async function attempt(ports: AsyncPorts, current: Attempt): Promise<void> {
  const { platform, host } = ports;
  try {
    const result = await host.invoke(current.target.description, current.event, current.requestId);
    if ('payload' in result) return await reportSuccess(ports, current, result);
    const delayMs = retryDelay(current, platform.clock.now());
    if (delayMs === undefined) return await reportFailure(ports, current, result);
    platform.clock.setTimer(delayMs, () => void attempt(ports, { ...current, count: current.count + 1 }));
  } catch (error) {
    platform.fault(error);
  }
}

/** Undefined if no further attempt is allowed. */
function retryDelay({ target, count, acceptedMs }: Attempt, nowMs: number): number | undefined {
  const delayMs = RETRY_DELAYS_MS[count - 1];
  if (delayMs === undefined || count > target.asyncSettings.retryAttemptsMax) return undefined;
  const ageSeconds = (nowMs + delayMs - acceptedMs) / 1000;
  return ageSeconds > target.asyncSettings.eventAgeSecondsMax ? undefined : delayMs;
}

async function reportSuccess(ports: AsyncPorts, current: Attempt, result: InvocationResult): Promise<void> {
  const { onSuccessArn } = current.target.asyncSettings;
  if (onSuccessArn) await ports.deliver(onSuccessArn, destinationRecord(ports, current, 'Success', result));
}

/** The dead-letter queue gets the bare event, a destination a record about it; both may be configured. */
async function reportFailure(ports: AsyncPorts, current: Attempt, result: InvocationResult): Promise<void> {
  const { description, asyncSettings } = current.target;
  if (description.deadLetterArn) await ports.deliver(description.deadLetterArn, current.event);
  if (!asyncSettings.onFailureArn) return;
  const condition = current.count > asyncSettings.retryAttemptsMax ? 'RetriesExhausted' : 'EventAgeExceeded';
  await ports.deliver(asyncSettings.onFailureArn, destinationRecord(ports, current, condition, result));
}

function destinationRecord(
  { platform }: AsyncPorts,
  current: Attempt,
  condition: string,
  result: InvocationResult,
) {
  const failed = 'error' in result;
  return {
    version: '1.0',
    timestamp: new Date(platform.clock.now()).toISOString(),
    requestContext: {
      requestId: current.requestId,
      functionArn: `${current.target.description.functionArn}:$LATEST`,
      condition,
      approximateInvokeCount: current.count,
    },
    requestPayload: current.event,
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      ...(failed && { functionError: 'Unhandled' }),
    },
    responsePayload: failed ? result.error : result.payload,
  };
}
