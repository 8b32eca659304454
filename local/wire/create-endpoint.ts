/** The endpoint of the local cloud: any AWS request in, the simulator's answer out. */
import { gunzipSync } from 'node:zlib';
import type { Clock } from '../clock/clock.ts';
import type { Random } from '../random.ts';
import { AwsError } from './aws-error.ts';
import { type CallLog, createCallLog, createInterceptors, type Interceptors } from './call-log.ts';
import { ConnectionLost } from './connection-lost.ts';
import type { CallRecord, Endpoint, WireRequest, WireResponse } from './endpoint.ts';
import { type Failure, failureOf, internalFailure, refusal } from './failure.ts';
import { ShapeMismatch } from './mismatch.ts';
import type { Call } from './operations.ts';
import type { Protocol } from './protocol.ts';
import { credentialOf, likelyProtocol, signedFor, spokenProtocol } from './routing.ts';
import { type Operation, readServiceModel, type ServiceModel } from './service-model.ts';
import { isServiceScope, SERVICES, type ServiceDescription, type ServiceScope } from './services.ts';
import { pageOf, type SignedPage } from './signed-page.ts';

/** Milliseconds since the epoch as the cloud has it: its time may run faster than the wall's, and AWS has no word for that. */
export const CLOCK_HEADER = 'x-sidestep-clock';

/** The largest request body, also after decompression. */
export const BODY_BYTES_MAX = 8 * 1024 * 1024;

const RECORD_LIMIT_DEFAULT = 10_000;

export interface EndpointOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The simulators by credential scope; their tables are typed `Operations<…Api>`. */
  readonly services: { readonly [scope in ServiceScope]?: { readonly operations: object } };
  /** What it serves beside the services' operations. */
  readonly pages?: readonly SignedPage[];
  /** How many of the newest calls are kept (10 000); 0 keeps none. */
  readonly recordLimit?: number;
  /** Told of every bug that a client sees as a 500: an unexpected exception, or an output that does not fit. */
  readonly fault?: (error: unknown) => void;
}

type Operate = (input: unknown, call: Call) => unknown;

interface Service {
  readonly description: ServiceDescription;
  readonly model: ServiceModel;
  readonly operations: Readonly<Record<string, Operate | undefined>>;
}

interface Ground {
  readonly clock: Clock;
  readonly random: Random;
  readonly services: Map<string, Service>;
  /** Services that are loaded when they are first asked for anything. */
  readonly rare: ReadonlyMap<string, () => Promise<Service>>;
  readonly pages: readonly SignedPage[];
  readonly log: CallLog;
  readonly interceptors: Interceptors;
  readonly fault: (error: unknown) => void;
}

/** One call on its way; it is filled in as the request is understood. */
interface Passage {
  readonly request: WireRequest;
  readonly requestId: string;
  service?: Service;
  protocol?: Protocol;
  fail: (code: string) => void;
}

/**
 * Loads the SDK clients of the given services and serves them. `handle` answers every request, failures
 * included; it rejects only with `ConnectionLost`, when an interceptor wants no answer to arrive.
 * @throws Error at once if a scope or an operation is unknown to the SDK; of rare services, when they are first asked
 */
export async function createEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { clock, pages = [], recordLimit = RECORD_LIMIT_DEFAULT, fault = () => {} } = options;
  const tables = Object.entries(options.services);
  const services = new Map(
    await Promise.all(
      tables
        .filter(([scope]) => !isRare(scope))
        .map(async ([scope, { operations }]) => [scope, await load(scope, operations)] as const),
    ),
  );
  const rare = new Map(
    tables
      .filter(([scope]) => isRare(scope))
      .map(([scope, { operations }]) => [scope, () => load(scope, operations)] as const),
  );
  const log = createCallLog(recordLimit);
  const interceptors = createInterceptors();
  const ground: Ground = {
    clock,
    random: options.random.fork('wire'),
    services,
    rare,
    pages,
    log,
    interceptors,
    fault,
  };
  return {
    async handle(request) {
      const response = await handle(request, ground);
      return { ...response, headers: { ...response.headers, [CLOCK_HEADER]: String(clock.now()) } };
    },
    calls: log.calls,
    intercept: (interceptor) => interceptors.add(interceptor),
  };
}

const isRare = (scope: string): boolean =>
  isServiceScope(scope) && (SERVICES[scope] as ServiceDescription).isRare === true;

async function load(scope: string, operations: object): Promise<Service> {
  if (!isServiceScope(scope)) {
    throw new Error(`service is ${scope}; allowed are ${Object.keys(SERVICES).join(', ')}`);
  }
  const description: ServiceDescription = SERVICES[scope];
  const model = await modelOf(scope);
  const unknown = Object.keys(operations).find((name) => !model.operations.has(name));
  if (unknown !== undefined) throw new Error(`${scope} has no operation ${unknown} in its SDK client`);
  return { description, model, operations: operations as Service['operations'] };
}

/** Read once in a process, whichever cloud asks first: models never change, and reading them all takes a while. */
const models = new Map<ServiceScope, Promise<ServiceModel>>();

function modelOf(scope: ServiceScope): Promise<ServiceModel> {
  const known = models.get(scope);
  if (known) return known;
  const read = SERVICES[scope].load().then((namespace) => readServiceModel({ ...namespace }));
  models.set(scope, read);
  return read;
}

async function handle(request: WireRequest, ground: Ground): Promise<WireResponse> {
  const passage: Passage = { request, requestId: ground.random.uuid(), fail: () => {} };
  try {
    return await serve(passage, ground);
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) {
      passage.fail(thrown.name);
      throw thrown;
    }
    return answerFailure(thrown, passage, ground);
  }
}

async function serve(passage: Passage, ground: Ground): Promise<WireResponse> {
  const page = pageOf(passage.request, ground.pages);
  if (page) return servePage(page, passage, ground);
  const { caller, scope } = credentialOf(passage.request);
  const note = (operation: string, input: unknown): CallRecord => {
    const call: CallRecord = { atMs: ground.clock.now(), caller, service: scope, operation, input };
    passage.fail = ground.log.add(call).fail;
    return call;
  };
  const loadRare = ground.services.has(scope) ? undefined : ground.rare.get(scope);
  if (loadRare) ground.services.set(scope, await loadRare());
  const service = findService(passage, scope, ground, note);
  const operation = findOperation(passage, service, note);
  const input = readInput(passage, service, operation, note);
  const call = note(operation.name, input);
  const operate = implementation(service, operation);
  await ground.interceptors.before(call);
  const output = await operate.call(service.operations, input, { caller, requestId: passage.requestId });
  // Written before anything else can run: the output may share objects that the simulator goes on changing.
  const response = writeOutput(output, operation, passage);
  await ground.interceptors.after(call);
  return response;
}

async function servePage(page: SignedPage, passage: Passage, ground: Ground): Promise<WireResponse> {
  const { request, requestId } = passage;
  const signed = signedFor(request);
  if (signed?.scope !== page.scope) return page.refuse();
  const { caller, scope } = signed;
  const call = {
    atMs: ground.clock.now(),
    caller,
    service: scope,
    operation: page.operation,
    input: page.describe(request),
  };
  passage.fail = ground.log.add(call).fail;
  try {
    await ground.interceptors.before(call);
  } catch (thrown) {
    if (!(thrown instanceof AwsError && thrown.code === 'AccessDeniedException')) throw thrown;
    passage.fail(thrown.code);
    return page.refuse();
  }
  const response = await page.answer(request, { caller, requestId });
  await ground.interceptors.after(call);
  return response;
}

/** Puts the call into the log, with as much of it as is known. */
type Note = (operation: string, input: unknown) => CallRecord;

function findService(passage: Passage, scope: string, ground: Ground, note: Note): Service {
  const service = ground.services.get(scope);
  if (service) {
    passage.service = service;
    return service;
  }
  note('?', undefined);
  const known = [...new Set([...ground.services.keys(), ...ground.rare.keys()])].sort().join(', ');
  throw new AwsError('NotImplemented', `the local cloud has no service ${scope}; it has ${known}`, {
    statusCode: 501,
  });
}

function findOperation(passage: Passage, service: Service, note: Note): Operation {
  const { protocol, operationName } = spokenProtocol(passage.request, service.description, service.model);
  passage.protocol = protocol;
  const operation = service.model.operations.get(operationName ?? '');
  if (operation) return operation;
  note(operationName ?? '?', undefined);
  const { method, path } = passage.request;
  throw new AwsError(
    'UnknownOperationException',
    `${operationName ?? `${method} ${path}`} is no operation of this service`,
    { statusCode: 404 },
  );
}

function readInput(passage: Passage, service: Service, operation: Operation, note: Note): unknown {
  try {
    return (passage.protocol as Protocol).readInput(inflated(passage.request), operation);
  } catch (thrown) {
    note(operation.name, undefined);
    throw thrown instanceof ShapeMismatch ? refusal(thrown, service.description) : thrown;
  }
}

/** The SDK compresses large PutMetricData requests. */
function inflated(request: WireRequest): WireRequest {
  if (request.headers['content-encoding'] !== 'gzip') return request;
  try {
    return { ...request, body: gunzipSync(request.body, { maxOutputLength: BODY_BYTES_MAX }) };
  } catch (cause) {
    throw new ShapeMismatch(
      'type',
      `the body is not gzip of at most ${BODY_BYTES_MAX} bytes: ${(cause as Error).message}`,
    );
  }
}

function implementation(service: Service, { name }: Operation): Operate {
  const operate = service.operations[name];
  if (operate) return operate;
  throw new AwsError('NotImplemented', `the local cloud does not implement ${name}`, { statusCode: 501 });
}

function writeOutput(output: unknown, operation: Operation, passage: Passage): WireResponse {
  const { protocol, service, requestId } = passage as Required<Passage>;
  return protocol.writeOutput(output ?? {}, operation, { requestId, service: service.description });
}

function answerFailure(thrown: unknown, passage: Passage, ground: Ground): WireResponse {
  if (!(thrown instanceof AwsError)) ground.fault(thrown);
  const failure = failureOf(thrown, passage.service?.model);
  passage.fail(failure.name);
  try {
    return writeFailure(failure, passage);
  } catch (mismatch) {
    ground.fault(mismatch);
    return writeFailure(internalFailure(mismatch), passage);
  }
}

function writeFailure(failure: Failure, passage: Passage): WireResponse {
  const { request, requestId, service, protocol = likelyProtocol(request) } = passage;
  return protocol.writeFailure(failure, { requestId, service: service?.description ?? {} });
}
