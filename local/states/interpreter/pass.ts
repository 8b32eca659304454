/** Pass: hands its input on, or its Output. */
import type { PassState } from '../definition/machine.ts';
import type { Visit } from './branch.ts';
import { computeExit, type StateExit } from './visit.ts';

export function runPass(visit: Visit, state: PassState): Promise<StateExit> {
  return computeExit(visit, state, state.next, visit.input);
}
