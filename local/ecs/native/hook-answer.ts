/** Reads what a lifecycle hook's function gave. Pure. */
import { DEFAULT_CALL_BACK_DELAY_SECONDS } from './limits.ts';

export type HookAnswer =
  | { readonly status: 'SUCCEEDED' }
  | { readonly status: 'FAILED'; readonly reason: string }
  | { readonly status: 'IN_PROGRESS'; readonly callBackDelayMs: number; readonly details: HookDetails };

export type HookDetails = Readonly<Record<string, unknown>>;

type Invoked = { payload: unknown } | { error: { errorType: string; errorMessage: string } };

/** An error, and anything that is no proper answer, is a failure. */
export function readHookAnswer(result: Invoked): HookAnswer {
  if ('error' in result) return failed(`${result.error.errorType}: ${result.error.errorMessage}`);
  const { payload } = result;
  if (!isObject(payload)) return failed(`the hook returned ${JSON.stringify(payload)}, which is no object`);
  const { hookStatus } = payload;
  if (hookStatus === 'SUCCEEDED') return { status: 'SUCCEEDED' };
  if (hookStatus === 'FAILED') return failed('the hook returned FAILED');
  if (hookStatus === 'IN_PROGRESS') return readInProgress(payload);
  return failed(`hookStatus is ${JSON.stringify(hookStatus)}; allowed are SUCCEEDED, FAILED and IN_PROGRESS`);
}

/** One page of the guide says `callBackDelaySeconds`; it counts where the usual name is absent. */
function readInProgress(payload: HookDetails): HookAnswer {
  const delaySeconds =
    payload.callBackDelay ?? payload.callBackDelaySeconds ?? DEFAULT_CALL_BACK_DELAY_SECONDS;
  const details = payload.hookDetails ?? {};
  if (typeof delaySeconds !== 'number' || !(delaySeconds >= 0))
    return failed(`callBackDelay is ${JSON.stringify(delaySeconds)}; allowed are seconds from 0`);
  if (!isObject(details)) return failed(`hookDetails are ${JSON.stringify(details)}; allowed is an object`);
  return { status: 'IN_PROGRESS', callBackDelayMs: delaySeconds * 1_000, details };
}

const failed = (reason: string): HookAnswer => ({ status: 'FAILED', reason });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
