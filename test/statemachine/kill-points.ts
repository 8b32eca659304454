/** Which handlers the tests kill, and after how many of their calls: in few deployments, or, with EXHAUSTIVE=1, in one for each kill. */
import type { VirtualCloud } from '../../local/virtual.ts';

const isExhaustive = process.env.EXHAUSTIVE === '1';

/** From one kill to the next. */
export const KILL_STEP = isExhaustive ? 1 : 3;

/** As many of `count` tries as are worth their time in every run. */
export const triesOf = (count: number): number => (isExhaustive ? count : Math.ceil(count / 3));

/** The calls from 1 to `max` after which a handler is killed. */
export const killPoints = (max: number): number[] =>
  Array.from({ length: Math.ceil(max / KILL_STEP) }, (_, index) => 1 + index * KILL_STEP);

/** The states whose handlers are killed in one deployment: all of them, each alone with EXHAUSTIVE=1. */
export const groupsOf = <State extends string>(states: readonly State[]): { group: State[] }[] =>
  isExhaustive ? states.map((state) => ({ group: [state] })) : [{ group: [...states] }];

/** Whether a function is the handler of a state. */
export const isOf = (state: string, functionName: string): boolean =>
  functionName.includes(`Sidestep${state}Function`);

/**
 * Kills the first invocation of each state's handler after so many of its AWS calls.
 * @returns the states whose handler was invoked, so far
 */
export function killEach(
  cloud: Pick<VirtualCloud, 'interrupt'>,
  states: readonly string[],
  afterCalls: number,
): ReadonlySet<string> {
  const invoked = new Set<string>();
  cloud.interrupt((functionName) => {
    const state = states.find((one) => !invoked.has(one) && isOf(one, functionName));
    if (state === undefined) return undefined;
    invoked.add(state);
    return { afterCalls, as: 'exit' };
  });
  return invoked;
}
