/** Choice: the first rule whose Condition is true, or the Default. */
import type { ChoiceState } from '../definition/machine.ts';
import { NO_CHOICE_MATCHED, StateFailure } from '../errors.ts';
import { expectType } from '../expressions.ts';
import type { Visit } from './branch.ts';
import { computeExit, evaluate, orEvaluationFailed, type StateExit } from './visit.ts';

export async function runChoice(visit: Visit, state: ChoiceState): Promise<StateExit> {
  for (const rule of state.choices) {
    const { condition } = rule;
    const matches = await evaluate(visit, condition);
    await orEvaluationFailed(visit, () => expectType(matches, 'boolean', condition));
    if (matches === true) return computeExit(visit, rule, rule.next, visit.input);
  }
  if (state.default === undefined) throw noChoiceMatched(visit);
  return computeExit(visit, state, state.default, visit.input);
}

function noChoiceMatched({ state, enteredEventId }: Visit): StateFailure {
  const where = `An error occurred while executing the state '${state.name}' (entered at the event id #${enteredEventId}).`;
  return new StateFailure(
    NO_CHOICE_MATCHED,
    `${where} No Condition of the Choice was true, and there is no Default.`,
  );
}
