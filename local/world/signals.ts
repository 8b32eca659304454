/** A person's word to Sidestep: a signed request to the URL of the function that hears it. */
import { GetFunctionUrlConfigCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import type { SignalName } from '../../lambdas/common/deployment.ts';
import type { Clients } from './clients.ts';
import { SERVICE } from './names.ts';

const SIGNAL_FUNCTION = 'sidestep-signal-deployment';

export interface SaidWord {
  readonly signal: SignalName;
  readonly reason?: string;
}

/** Says a word about the service, as whoever the clients call as. @returns whether it was accepted */
export async function saySignal(clients: Pick<Clients, 'lambda'>, word: SaidWord): Promise<boolean> {
  try {
    await post(clients, { service: SERVICE, ...word });
    return true;
  } catch (error) {
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
    if (status === 409) return false;
    throw error;
  }
}

/** The SDK has no operation for a function's URL; it signs and sends an invocation to it just as well. */
async function post({ lambda }: Pick<Clients, 'lambda'>, body: object): Promise<void> {
  const FunctionName = SIGNAL_FUNCTION;
  const { FunctionUrl = '' } = await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName }));
  const command = new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(body)) });
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { path: string; headers: Record<string, string> };
      request.path = FunctionUrl;
      request.headers['content-type'] = 'application/json';
      return next(args);
    },
    { step: 'build' },
  );
  await lambda.send(command);
}
