/** SSM: one parameter by its name; apart from the configurations, which need the environment of a function. */
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

const clientFor = clientOf(SSMClient);

/** The parameter's text; undefined if there is none of that name. */
export async function getParameter(runtime: Runtime, Name: string): Promise<string | undefined> {
  try {
    return (await clientFor(runtime).send(new GetParameterCommand({ Name }))).Parameter?.Value;
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}
