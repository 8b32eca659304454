/** The services that a Task can call: a table from the name in its Resource to the call. */
import type { Clock } from '../clock/clock.ts';
import type { Random } from '../random.ts';
import { AwsError } from '../wire/aws-error.ts';
import { RUNTIME } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/** What a call gave. */
export type CallResult = { output: Json } | { error: string; cause: string };

/** Calls the service once with the state's Arguments. Never rejects. */
export type Integration = (args: Json) => Promise<CallResult>;

/** By name: `lambda:invoke` is `arn:aws:states:::lambda:invoke`. */
export type Integrations = Readonly<Record<string, Integration>>;

/** What invoking a function gives: the port to the Lambda simulator. */
export type InvokeFunction = (
  functionNameOrArn: string,
  payload: unknown,
) => Promise<
  | { payload: unknown; executedVersion?: string }
  | { error: { errorType: string; errorMessage: string; trace?: string[] } }
>;

/** The table of what the local cloud calls: Lambda alone. */
export function lambdaIntegrations(
  invokeFunction: InvokeFunction,
  clock: Clock,
  random: Random,
): Integrations {
  return {
    'lambda:invoke': async (args) => {
      const call = readInvokeArguments(args);
      if ('error' in call) return call;
      const result = await invoke(invokeFunction, call.functionName, call.payload);
      if ('error' in result) return result;
      return { output: invokeOutput(result.payload, result.executedVersion, clock, random) };
    },
  };
}

/** A Task whose Resource is the function itself: the result is the payload alone. */
export async function invokeDirectly(
  invokeFunction: InvokeFunction,
  functionArn: string,
  args: Json,
): Promise<CallResult> {
  const result = await invoke(invokeFunction, functionArn, args);
  return 'error' in result ? result : { output: result.payload };
}

type Invoked = { payload: Json; executedVersion: string } | { error: string; cause: string };

async function invoke(invokeFunction: InvokeFunction, functionName: string, payload: Json): Promise<Invoked> {
  try {
    const result = await invokeFunction(functionName, payload);
    if ('error' in result) return { error: result.error.errorType, cause: JSON.stringify(result.error) };
    // What a handler returns travels as JSON; nothing returned is null.
    const returned = JSON.parse(JSON.stringify(result.payload ?? null)) as Json;
    return { payload: returned, executedVersion: result.executedVersion ?? '$LATEST' };
  } catch (error) {
    return callFailure('Lambda', error);
  }
}

/** A service's own error, as a Task sees it: `Lambda.TooManyRequestsException`. */
function callFailure(service: string, error: unknown): { error: string; cause: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof AwsError)) return { error: `${service}.SdkClientException`, cause: message };
  const code = error.code.endsWith('Exception') ? error.code : `${error.code}Exception`;
  return {
    error: `${service}.${code}`,
    cause: `${message} (Service: ${service}, Status Code: ${error.statusCode ?? 400})`,
  };
}

function readInvokeArguments(
  args: Json,
): { functionName: string; payload: Json } | { error: string; cause: string } {
  const { FunctionName, Payload, Qualifier, ...others } = (isObject(args) ? args : {}) as JsonObject;
  const unknown = Object.keys(others);
  if (unknown.length > 0)
    return {
      error: RUNTIME,
      cause: `lambda:invoke: the local cloud does not know the argument '${unknown[0]}'`,
    };
  if (typeof FunctionName !== 'string') {
    return {
      error: RUNTIME,
      cause: `lambda:invoke needs FunctionName, a string, but found ${JSON.stringify(FunctionName)}`,
    };
  }
  return {
    functionName: Qualifier === undefined ? FunctionName : `${FunctionName}:${String(Qualifier)}`,
    payload: Payload ?? {},
  };
}

/** `$states.result` of lambda:invoke, with the metadata that AWS leaves in it. */
function invokeOutput(payload: Json, executedVersion: string, clock: Clock, random: Random): Json {
  const requestId = random.uuid();
  const headers = {
    'X-Amz-Executed-Version': executedVersion,
    'x-amzn-Remapped-Content-Length': '0',
    Connection: 'keep-alive',
    'x-amzn-RequestId': requestId,
    'Content-Length': String(Buffer.byteLength(JSON.stringify(payload))),
    Date: new Date(clock.now()).toUTCString(),
    'Content-Type': 'application/json',
  };
  const all = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  return {
    ExecutedVersion: executedVersion,
    Payload: payload,
    SdkHttpMetadata: { AllHttpHeaders: all, HttpHeaders: headers, HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
}
