/** Succeed: ends its scope well. */
import type { SucceedState } from '../definition/machine.ts';
import type { Visit } from './branch.ts';
import { computeExit, type StateExit } from './visit.ts';

export function runSucceed(visit: Visit, { output }: SucceedState): Promise<StateExit> {
  return computeExit(visit, { output, assign: undefined }, undefined, visit.input);
}
