/** The types of build.mjs, for the tests' global set-up. */

/** Bundles every entry that exists, and gives the paths written (`dist/…`). */
export function build(): Promise<string[]>;
