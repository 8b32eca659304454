/** Makes once, before any test runs, what tests run as processes and what they deploy. */
import { bundleHandlers } from '../infra/bundle-handlers.ts';
import { build } from '../scripts/build.mjs';
import { synthesizeForTests } from '../scripts/synthesize.mjs';
import { sharedHandlers } from './assembly.ts';

export default async function setup(): Promise<void> {
  await build();
  try {
    await synthesizeForTests();
    await bundleHandlers({ outdir: sharedHandlers(), sharesCode: true });
  } catch (error) {
    // Only the tests that deploy the assembly need it: they say that it is missing.
    console.error(`no dist/test-assembly: ${error instanceof Error ? error.message : error}`);
  }
}
