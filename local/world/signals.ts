/** A person's word to Sidestep, said through the function that hears it. */
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { SignalName } from '../../lambdas/common/deployment.ts';
import type { Clients } from './clients.ts';
import { SERVICE } from './names.ts';

const OPERATOR_ARN = 'arn:aws:iam::000000000000:user/operator';
const SIGNAL_FUNCTION = 'sidestep-signal-deployment';

export interface SaidWord {
  readonly signal: SignalName;
  readonly reason?: string;
}

/** Says a word to the deployment that is under way. @returns whether it was accepted */
export async function saySignal({ lambda }: Pick<Clients, 'lambda'>, word: SaidWord): Promise<boolean> {
  const event = { service: SERVICE, by: OPERATOR_ARN, ...word };
  const { FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: SIGNAL_FUNCTION, Payload: JSON.stringify(event) }),
  );
  return FunctionError === undefined;
}
