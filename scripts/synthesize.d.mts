/** The types of synthesize.mjs, for the tests' global set-up. */

/** Makes dist/test-assembly out of the present sources, and gives its path. */
export function synthesizeForTests(): Promise<string>;
