/** Lambda: calls of other functions, waited for or not. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Runtime } from '../common/runtime.ts';
import { clientOf, SENT_ONCE } from './client.ts';

export type Invocation =
  | { readonly answered: true; readonly payload: unknown }
  /** The function threw, or was ended: Lambda's error type and message. */
  | { readonly answered: false; readonly reason: string };

export interface Lambda {
  /**
   * Calls a function once and waits for its answer.
   * @param functionName name or ARN, with a qualifier if one is meant
   * @throws Error `TimeoutError` if there is none within `timeoutSeconds`; the function may go on
   */
  invoke(functionName: string, payload: object, timeoutSeconds: number): Promise<Invocation>;
  /** Leaves a call to Lambda, which tries it again if it fails. */
  invokeLater(functionName: string, payload: object): Promise<void>;
}

const clientFor = clientOf(LambdaClient);
const clientForAnswers = clientOf(LambdaClient, SENT_ONCE);

export function lambda(runtime: Runtime): Lambda {
  return {
    async invoke(FunctionName, payload, timeoutSeconds) {
      const timeoutMs = timeoutSeconds * 1000;
      const command = new InvokeCommand({ FunctionName, Payload: toBytes(payload) });
      // The connection may be silent for as long as the function works; the limit for other calls would end it.
      const sent = clientForAnswers(runtime).send(command, { requestTimeout: timeoutMs });
      const answer = await Promise.race([sent, noAnswer(runtime, FunctionName, timeoutSeconds)]);
      const told: unknown = JSON.parse(Buffer.from(answer.Payload ?? []).toString('utf8') || 'null');
      return answer.FunctionError
        ? { answered: false, reason: describeError(told, answer.FunctionError) }
        : { answered: true, payload: told };
    },
    async invokeLater(FunctionName, payload) {
      const command = new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: toBytes(payload) });
      await clientFor(runtime).send(command);
    },
  };
}

const toBytes = (payload: object): Uint8Array => Buffer.from(JSON.stringify(payload));

async function noAnswer({ sleep }: Runtime, name: string, timeoutSeconds: number): Promise<never> {
  await sleep(timeoutSeconds * 1000);
  const error = new Error(`the function ${name} gave no answer within ${timeoutSeconds} s`);
  error.name = 'TimeoutError';
  throw error;
}

function describeError(told: unknown, kind: string): string {
  const { errorType = kind, errorMessage = '' } = (told ?? {}) as {
    errorType?: string;
    errorMessage?: string;
  };
  return [errorType, errorMessage].filter(Boolean).join(': ');
}
