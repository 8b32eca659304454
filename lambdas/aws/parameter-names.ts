/** SSM: which of some parameters are there; their values are never asked for. */
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

const clientFor = clientOf(SSMClient);

export async function hasParameter(runtime: Runtime, name: string): Promise<boolean> {
  let NextToken: string | undefined;
  do {
    const page = await clientFor(runtime).send(
      new DescribeParametersCommand({
        ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values: [name] }],
        NextToken,
      }),
    );
    if (page.Parameters?.some(({ Name }) => Name === name)) return true;
    NextToken = page.NextToken;
  } while (NextToken);
  return false;
}
