/** SSM: the configuration that CDK wrote, one JSON document per service, in numbered parts if it is long. */
import { GetParametersByPathCommand, GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { environment } from '../common/config.ts';
import type { Runtime } from '../common/runtime.ts';
import type { ServiceConfiguration } from '../common/service.ts';
import { clientOf } from './client.ts';

export interface Ssm {
  /** The configuration of one service; undefined if there is none of that name. */
  getConfiguration(service: string): Promise<ServiceConfiguration | undefined>;
  /** The configuration of every service, by name. */
  getConfigurations(): Promise<Map<string, ServiceConfiguration>>;
}

/** As many names as one GetParameters takes. */
const PARTS_MAX = 10;

/** `/sidestep/services/orders`, or `/sidestep/services/orders/2` for the second part of a long one. */
const partName = (prefix: string, service: string, index: number): string =>
  index === 0 ? `${prefix}${service}` : `${prefix}${service}/${index + 1}`;

const clientFor = clientOf(SSMClient);

export function ssm(runtime: Runtime): Ssm {
  const client = clientFor(runtime);
  const { configurationPrefix } = environment(runtime.env);
  return {
    async getConfiguration(service) {
      const names = Array.from({ length: PARTS_MAX }, (_, part) =>
        partName(configurationPrefix, service, part),
      );
      const { Parameters = [] } = await client.send(new GetParametersCommand({ Names: names }));
      const texts = new Map(Parameters.map(({ Name, Value }) => [Name, Value ?? '']));
      const text = names.map((name) => texts.get(name) ?? '').join('');
      return text === '' ? undefined : (JSON.parse(text) as ServiceConfiguration);
    },
    async getConfigurations() {
      const texts = new Map<string, string[]>();
      let NextToken: string | undefined;
      do {
        const page = await client.send(
          new GetParametersByPathCommand({ Path: configurationPrefix, Recursive: true, NextToken }),
        );
        for (const { Name = '', Value = '' } of page.Parameters ?? []) {
          // `/sidestep/services/orders`, or `/sidestep/services/orders/2` for the second part of a long one.
          const [service = '', part = '1'] = Name.slice(configurationPrefix.length).split('/');
          const parts = texts.get(service) ?? [];
          parts[Number(part) - 1] = Value;
          texts.set(service, parts);
        }
        NextToken = page.NextToken;
      } while (NextToken);
      return new Map(
        [...texts].map(([service, parts]) => [service, JSON.parse(parts.join('')) as ServiceConfiguration]),
      );
    },
  };
}
