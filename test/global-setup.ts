/** Makes once, before any test runs, what tests run as processes and what they deploy. */
import { build } from '../scripts/build.mjs';
import { synthesizeForTests } from '../scripts/synthesize.mjs';

export default async function setup(): Promise<void> {
  await build();
  try {
    await synthesizeForTests();
  } catch (error) {
    // Only the tests that deploy the assembly need it: they say that it is missing.
    console.error(`no dist/test-assembly: ${error instanceof Error ? error.message : error}`);
  }
}
