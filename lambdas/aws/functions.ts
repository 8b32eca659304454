/** Lambda: what a function is allowed to be. */
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

const clientFor = clientOf(LambdaClient);

/** ARN of the role that a function runs with; undefined if there is no such function. */
export async function roleOfFunction(runtime: Runtime, FunctionName: string): Promise<string | undefined> {
  try {
    return (await clientFor(runtime).send(new GetFunctionConfigurationCommand({ FunctionName }))).Role;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
