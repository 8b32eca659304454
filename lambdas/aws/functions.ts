/** Which function does the work of a state of a machine, and with which role it runs. */
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

const lambdaFor = clientOf(LambdaClient);
const sfnFor = clientOf(SFNClient);

interface State {
  readonly States?: Readonly<Record<string, State>>;
  readonly Branches?: readonly State[];
  readonly Arguments?: { readonly FunctionName?: string };
}

/**
 * ARN of the role of the function that a Task calls, as the deployed definition names it.
 * @returns undefined if there is no such state or function
 */
export async function roleOfState(
  runtime: Runtime,
  stateMachineArn: string,
  name: string,
): Promise<string | undefined> {
  const { definition = '{}' } = await sfnFor(runtime).send(
    new DescribeStateMachineCommand({ stateMachineArn }),
  );
  const FunctionName = findState(JSON.parse(definition) as State, name)?.Arguments?.FunctionName;
  if (FunctionName === undefined) return undefined;
  try {
    return (await lambdaFor(runtime).send(new GetFunctionConfigurationCommand({ FunctionName }))).Role;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function findState({ States = {}, Branches = [] }: State, name: string): State | undefined {
  const inner = [...Object.values(States), ...Branches];
  return States[name] ?? inner.map((state) => findState(state, name)).find((found) => found !== undefined);
}
