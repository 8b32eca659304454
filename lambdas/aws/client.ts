/** How every SDK client is made: the runtime's own settings over ours, one client per runtime and service. */
import { AwsNotAnswering } from '../common/errors.ts';
import type { Runtime } from '../common/runtime.ts';

type ClientClass<C> = new (configuration: Record<string, unknown>) => C;

/**
 * Makes a function that gives each runtime its one client of a service.
 * Attempts are few and the waits short: Step Functions retries the whole step, which survives it.
 * @param own settings of this client that no runtime overrides
 */
export function clientOf<C extends object>(
  Client: ClientClass<C>,
  own: Record<string, unknown> = {},
): (runtime: Runtime) => C {
  const clients = new WeakMap<Runtime, C>();
  return (runtime) => {
    const known = clients.get(runtime);
    if (known) return known;
    const client = new Client({ maxAttempts: 4, ...runtime.clientConfiguration, ...own });
    clients.set(runtime, client);
    return client;
  };
}

/**
 * For calls that AWS does not recognise when they are repeated: were only the answer lost, the SDK's own retry would
 * make the thing twice. The step is tried again instead, and looks first.
 */
export const SENT_ONCE = { maxAttempts: 1, retryStrategy: undefined };

const TRANSIENT_NAMES = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'ProvisionedThroughputExceededException',
  'TransactionInProgressException',
  'ServerException',
  'InternalServerError',
  'InternalFailure',
  'ServiceUnavailable',
  'TimeoutError',
  'UpdateInProgressException',
  // Application Auto Scaling: an update of the same target is under way.
  'ConcurrentUpdateException',
  // A transaction cancelled for anything but a condition (dynamodb.ts sorts those out): a conflict with another.
  'TransactionCanceledException',
  // A single write that met a transaction.
  'TransactionConflictException',
  'RequestTimeout',
  'RequestTimeoutException',
]);

/** The same-family race of RegisterTaskDefinition comes as a ClientException: only its text tells. */
const FAMILY_RACE = /Too many concurrent attempts to create a new revision/;

/** Turns an SDK failure that a later attempt may not see into {@link AwsNotAnswering}; gives back any other as it is. */
export function asTransient(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const connection = /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/.test(
    String((error as { code?: unknown }).code),
  );
  const transient =
    TRANSIENT_NAMES.has(error.name) ||
    (status !== undefined && status >= 500) ||
    connection ||
    FAMILY_RACE.test(error.message);
  return transient ? new AwsNotAnswering(`${error.name}: ${error.message}`, { cause: error }) : error;
}
