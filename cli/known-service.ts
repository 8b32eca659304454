/** Finds a service by its name in the stack's configuration, and says what was probably meant if there is none. */
import { ssm } from '../lambdas/aws/ssm.ts';
import type { ServiceConfiguration } from '../lambdas/common/service.ts';
import { describeUnknown } from '../lambdas/decisions/closest.ts';
import { CannotDo } from './failures.ts';
import type { ConnectedStack } from './stack.ts';

/** One service, or all of them in order of their names. @throws CannotDo naming those that are known */
export async function knownServices(
  stack: Pick<ConnectedStack, 'runtime' | 'place'>,
  name?: string,
): Promise<ServiceConfiguration[]> {
  const port = ssm(stack.runtime);
  const found = name === undefined ? undefined : await port.getConfiguration(name);
  if (found) return [found];
  const all = await port.getConfigurations();
  const names = [...all.keys()].sort();
  if (name === undefined) return names.flatMap((known) => all.get(known) ?? []);
  throw new CannotDo(`there is no service ${describeUnknown(name, names)}, in ${stack.place}`);
}
