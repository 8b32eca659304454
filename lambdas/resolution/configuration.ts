/** The configuration of the service that a request names. */
import type { Ssm } from '../aws/ssm.ts';
import { UnknownService } from '../common/errors.ts';
import type { ServiceConfiguration } from '../common/service.ts';
import { describeUnknown } from '../decisions/closest.ts';

/** @throws UnknownService, naming those that are known */
export async function configurationOf(service: string, { ssm }: { ssm: Ssm }): Promise<ServiceConfiguration> {
  const found = await ssm.getConfiguration(service);
  if (found) return found;
  const configurations = await ssm.getConfigurations();
  const known = [...configurations.keys()].sort();
  throw new UnknownService(`no service in the configuration is ${describeUnknown(service, known)}`);
}
