/** After how many of a handler's calls the tests kill it: after every third, or, with EXHAUSTIVE=1, after each. */

const isExhaustive = process.env.EXHAUSTIVE === '1';

/** From one kill to the next. */
export const KILL_STEP = isExhaustive ? 1 : 3;

/** As many of `count` tries as are worth their time in every run. */
export const triesOf = (count: number): number => (isExhaustive ? count : Math.ceil(count / 3));

/** The calls from 1 to `max` after which a handler is killed. */
export const killPoints = (max: number): number[] =>
  Array.from({ length: Math.ceil(max / KILL_STEP) }, (_, index) => 1 + index * KILL_STEP);
