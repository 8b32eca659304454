/** The process of one function: loads its bundle once, then runs one invocation at a time for its parent. */
import type { Runtime } from '../../lambdas/common/runtime.ts';
import { createScaledClock } from '../clock/scaled-clock.ts';
import { createRandom } from '../random.ts';
import { type ContextHandler, handlerOf, loadBundle } from './bundle.ts';
import type { ChildArguments, ChildMessage, Invocation } from './child-messages.ts';
import { thrownError } from './function-error.ts';
import { sendHttp } from './http-request.ts';
import { createLog } from './log.ts';

const parameters = JSON.parse(process.argv[2] ?? '{}') as ChildArguments;
const clock = createScaledClock(parameters.clock);
const log = createLog(clock.now, (line) => process.stdout.write(`${line}\n`));

// The parent's death must be ours: nobody else would end this process.
process.on('disconnect', () => process.exit(0));
// A terminal's Ctrl-C reaches the whole process group; the parent decides when we end.
process.on('SIGINT', () => {});

try {
  const handler = await loadHandler();
  process.on('message', (invocation: Invocation) => void run(handler, invocation));
  tell({ type: 'ready' });
} catch (error) {
  tell({ type: 'failed', error: thrownError(error) });
}

async function loadHandler(): Promise<ContextHandler> {
  const bundle = await loadBundle(parameters.codeDirectory, parameters.handler);
  // At factor 1 nothing stands between the bundle and what it would be on Lambda.
  return handlerOf(bundle, parameters.clock.factor === 1 ? undefined : scaledRuntime);
}

function scaledRuntime(): Runtime {
  return {
    now: clock.now,
    random: createRandom(parameters.seed).next,
    sleep: clock.sleep,
    env: process.env,
    clientConfiguration: { requestHandler: requestLimits(parameters.requestTimeoutMs) },
    log,
    request: (request) => sendHttp(clock, request),
  };
}

/** Without the last of these the SDK only warns. */
function requestLimits(timeoutMs: number): object {
  return { connectionTimeout: timeoutMs, requestTimeout: timeoutMs, throwOnRequestTimeout: true };
}

async function run(handler: ContextHandler, { requestId, event, timeoutMs }: Invocation): Promise<void> {
  log.startInvocation();
  try {
    const payload = (await handler(event, lambdaContext(requestId, timeoutMs))) ?? null;
    tell({ type: 'answered', requestId, payload });
  } catch (error) {
    tell({ type: 'threw', requestId, error: thrownError(error) });
  }
}

function lambdaContext(requestId: string, timeoutMs: number): object {
  const wall = createScaledClock();
  const endsMs = wall.now() + timeoutMs;
  return {
    awsRequestId: requestId,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: parameters.functionArn,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, endsMs - wall.now()),
  };
}

function tell(message: ChildMessage): void {
  process.send?.(message);
}
