/** The services with which a service shifts as one, as the configuration has them now. */
import type { Ssm } from '../aws/ssm.ts';
import { jointGroupOf, type ServiceConfiguration } from '../common/service.ts';

/** @returns names in alphabetical order, its own included; undefined if it shifts by itself */
export async function membersOf(
  configuration: ServiceConfiguration,
  { ssm }: { readonly ssm: Ssm },
): Promise<readonly string[] | undefined> {
  const group = jointGroupOf(configuration);
  if (!group) return undefined;
  const configurations = [...(await ssm.getConfigurations()).values()];
  const members = configurations.filter((other) => jointGroupOf(other)?.name === group.name);
  return members.map(({ name }) => name).sort();
}
