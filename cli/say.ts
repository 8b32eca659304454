/** Says a person's word to a deployed Sidestep: one signed request to the function that hears it. */
import { CallDenied, functionUrl } from '../lambdas/aws/function-url.ts';
import { serviceOf } from '../lambdas/common/deployment.ts';
import type { SignalInput } from '../lambdas/common/signal-input.ts';
import { CannotDo } from './failures.ts';
import type { ConnectedStack } from './stack.ts';

/** What is said, beside to whom. `until` is an ISO time with its offset, such as `2026-11-21T13:00:00Z`. */
export interface Word extends Pick<SignalInput, 'signal' | 'reason' | 'digest' | 'all' | 'force' | 'to'> {
  readonly until?: string;
}

export type Said =
  /** The function's answer: `{"signal", …}` with `deploymentId`, `execution`, or `service` and its restraints. */
  | { readonly accepted: true; readonly answer: Readonly<Record<string, unknown>> }
  /** Nothing has changed; the refusal may have been recorded. */
  | { readonly accepted: false; readonly reason: string };

/**
 * @param target a service, or the id of its deployment
 * @throws CannotDo if the caller may not speak, there is no such service or deployment, or the function failed
 */
export async function say(
  stack: Pick<ConnectedStack, 'runtime' | 'signalUrl' | 'caller'>,
  target: string,
  word: Word,
): Promise<Said> {
  const where = serviceOf(target) ? { deploymentId: target } : { service: target };
  const { statusCode, body } = await post(stack, { ...where, ...word });
  if (statusCode === 200) return { accepted: true, answer: body as Record<string, unknown> };
  const { errorType = '', errorMessage = String(body) } = (body ?? {}) as Record<string, string>;
  if (errorType === 'SignalRefused') return { accepted: false, reason: errorMessage };
  const isAnswered = statusCode < 500 && errorType !== '';
  throw new CannotDo(
    isAnswered
      ? `${word.signal} was refused: ${errorMessage}`
      : `${word.signal} may not have been heard: the function answered ${statusCode} (${errorMessage}); say it again`,
  );
}

async function post({ runtime, signalUrl, caller }: Parameters<typeof say>[0], body: object) {
  if (signalUrl === undefined)
    throw new CannotDo(
      'the deployed stack has no URL for signals: an older version deployed it; deploy it again',
    );
  try {
    return await functionUrl(runtime, signalUrl).post(body);
  } catch (error) {
    if (!(error instanceof CallDenied)) throw error;
    throw new CannotDo(`${caller} may not speak to Sidestep. ${error.message} (docs/signals.md)`, {
      cause: error,
    });
  }
}
