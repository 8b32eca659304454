/** `npm run simulate -- --seeds N [--seed S]`: runs seeds one after the other; a failing one says how to run it again. */

import { realpathSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { build } from '../../scripts/build.mjs';
import { synthesizeForTests } from '../../scripts/synthesize.mjs';
import { type SimulationResult, simulate } from './simulate.ts';

/** Exit codes: all well; an invariant was violated; two runs of one seed differed; the simulation itself failed; wrong use. */
const EXIT = { well: 0, violated: 1, differed: 3, broken: 4, usage: 2 } as const;

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return EXIT.usage;
  await build();
  const assembly = realpathSync(await synthesizeForTests());
  let exitCode: number = EXIT.well;
  for (const seed of options.seeds) {
    const code = await runSeed(seed, assembly, options);
    if (code !== EXIT.well) exitCode = exitCode === EXIT.well ? code : exitCode;
    if (code === EXIT.broken) break;
  }
  return exitCode;
}

interface Options {
  readonly seeds: readonly string[];
  readonly twice: boolean;
  readonly isVerbose: boolean;
}

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: 'string', default: '1' },
        seed: { type: 'string', default: '1' },
        twice: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
      },
    });
    const count = Number(values.seeds);
    if (!Number.isInteger(count) || count < 1 || count > 100_000)
      throw new RangeError(`--seeds is ${values.seeds}; allowed are 1 to 100000`);
    const first = Number(values.seed);
    const isNumber = Number.isInteger(first);
    if (!isNumber && count > 1) throw new RangeError(`--seed is ${values.seed}; with --seeds it is a number`);
    const seeds = Array.from({ length: count }, (_, index) =>
      isNumber ? String(first + index) : values.seed,
    );
    return { seeds, twice: values.twice, isVerbose: values.verbose };
  } catch (error) {
    console.error(
      `${(error as Error).message}\nusage: npm run simulate -- --seeds N [--seed S] [--twice] [--verbose]`,
    );
    return undefined;
  }
}

async function runSeed(seed: string, assembly: string, { twice, isVerbose }: Options): Promise<number> {
  const again = `npm run simulate -- --seed ${seed}`;
  console.log(`seed ${seed}`);
  try {
    const result = await simulate(seed, { assembly });
    tell(result, isVerbose);
    if (result.violations.length > 0) {
      console.log(again);
      return EXIT.violated;
    }
    if (!twice) return EXIT.well;
    const { hash } = await simulate(seed, { assembly });
    if (hash === result.hash) return EXIT.well;
    console.log(`  the second run differed: ${hash}\n${again} --twice`);
    return EXIT.differed;
  } catch (error) {
    console.log(`  the simulation failed: ${(error as Error).stack}\n${again}`);
    return EXIT.broken;
  }
}

function tell(
  { plan, violations, hash, outcomes, story, requests, counts }: SimulationResult,
  isVerbose: boolean,
): void {
  if (isVerbose || violations.length > 0) console.log(`  ${JSON.stringify(plan)}`);
  if (isVerbose) for (const line of story) console.log(`    ${line}`);
  const { sent, failed, excused } = requests;
  console.log(
    `  ${hash}  ${counts.cloudSeconds} s, ${counts.events} history events, ${counts.calls} calls, ${sent} requests (${failed} lost, ${excused} by the application)`,
  );
  console.log(`  ${outcomes.join(', ') || 'no deployment'}`);
  for (const { invariant, atMs, what } of violations)
    console.log(`  ${invariant} violated at ${(atMs / 1_000).toFixed(1)} s: ${what}`);
}
