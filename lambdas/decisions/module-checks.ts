/** What is asked of green for each module of a fleet before the rules are swapped: its address, and nothing but 200. */
import type { HttpCheck, Module } from '../common/service.ts';

/** Twenty modules, as many as there can be, are asked one after the other within the minute that VerifyTargets has. */
const TIMEOUT_SECONDS = 2;

export function moduleCheck({ address }: Module): HttpCheck {
  return {
    method: 'GET',
    path: `/${address}`,
    status: 200,
    inARow: 1,
    timeoutSeconds: TIMEOUT_SECONDS,
  };
}

/** All modules that failed, so that one deployment tells of all. @param reasons by the module's place; none if it passed */
export function describeModules(
  modules: readonly Module[],
  reasons: ReadonlyMap<number, string>,
): string | undefined {
  const failed = modules.flatMap(({ name, address }, index) => {
    const reason = reasons.get(index);
    return reason === undefined ? [] : [`module ${name} at ${address}: ${reason}`];
  });
  return failed.length === 0 ? undefined : failed.join('; ');
}
