/** Fail: ends its scope with an error. */
import type { FailState } from '../definition/machine.ts';
import { StateFailure } from '../errors.ts';
import type { Visit } from './branch.ts';
import { evaluateString } from './visit.ts';

/** @throws StateFailure always */
export async function runFail(visit: Visit, { error, cause }: FailState): Promise<never> {
  throw new StateFailure(await evaluateString(visit, error), await evaluateString(visit, cause));
}
