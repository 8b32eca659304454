/** SSM: what is deployed of each service, for templates and other tools to read. */
import { GetParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { deployedPrefix, environment } from '../common/config.ts';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

/** Parameters of a service by the last part of their names: `digest` is `/sidestep/deployed/orders/digest`. */
export type DeployedParameters = Readonly<Record<'digest' | 'image' | 'task-definition', string>>;

export interface Deployed {
  /** Writes those that are not so yet. @returns their names */
  putDeployed(service: string, parameters: DeployedParameters): Promise<string[]>;
}

const clientFor = clientOf(SSMClient);

export function deployed(runtime: Runtime): Deployed {
  const client = clientFor(runtime);
  const prefix = deployedPrefix(environment(runtime.env).configurationPrefix);
  return {
    async putDeployed(service, parameters) {
      const wanted = Object.entries(parameters).map(([name, value]) => ({
        Name: `${prefix}${service}/${name}`,
        Value: value,
      }));
      const { Parameters = [] } = await client.send(
        new GetParametersCommand({ Names: wanted.map(({ Name }) => Name) }),
      );
      const known = new Map(Parameters.map(({ Name, Value }) => [Name, Value]));
      const changed = wanted.filter(({ Name, Value }) => known.get(Name) !== Value);
      for (const parameter of changed) {
        await client.send(new PutParameterCommand({ ...parameter, Type: 'String', Overwrite: true }));
      }
      return changed.map(({ Name }) => Name);
    },
  };
}
