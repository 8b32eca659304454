/** Measures how often the analysis of a bake errs, and what it catches, on simulated bakes: the tables of docs/analysis.md. */
import { parseArgs } from 'node:util';
import { type AnalysisFacts, judgeAnalysis } from '../lambdas/decisions/analysis.ts';
import type { Random } from '../local/random.ts';
import {
  type BakeOptions,
  NOISES,
  shareOf,
  simulateBake,
  simulateBakeAfter,
} from '../test/lambdas/decisions/simulated-bakes.ts';

const BAKES_DEFAULT = 2000;
const RULES = { minimumRequests: 1000, tolerance: 1.5 };
const MINUTES = [1, 3, 5, 7, 10, 30];
/** How many times as many bakes tell 99 % from a little less. */
const FINER = 5;
/** Of both sides in a bake of identical versions: many, so that the smallest of bursts is noticed. */
const REQUESTS = 20_000;
const GREEN_SHARES = [0.1, 0.5, 0.9];

const { values } = parseArgs({ options: { bakes: { type: 'string', default: String(BAKES_DEFAULT) } } });
const bakes = Number(values.bakes);
if (!Number.isInteger(bakes) || bakes < 1)
  throw new RangeError(`--bakes is ${values.bakes}; allowed are whole numbers from 1`);

type Simulate = (random: Random) => AnalysisFacts;

const failing = (seed: string, simulate: Simulate, count = bakes): string => {
  const share = shareOf(count, seed, (random) => judgeAnalysis(simulate(random), RULES).verdict === 'fail');
  return `${(100 * share).toFixed(2)} %`;
};
const simulated =
  (options: Partial<BakeOptions>): Simulate =>
  (random) =>
    simulateBake(random, options);

function table(title: string, columns: readonly string[], rows: readonly (readonly unknown[])[]): void {
  console.log(`\n${title}\n`);
  console.log(`| ${columns.join(' | ')} |\n|${columns.map(() => '---').join('|')}|`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}

console.log(`${bakes} simulated bakes for each figure; the share of them that failed.`);

table(
  `Identical versions: false alarms (2 % errors, ${REQUESTS} requests, green with 10 % / 50 % / 90 % of them)`,
  ['minutes', ...NOISES],
  MINUTES.map((minutes) => [
    minutes,
    ...NOISES.map((noise) =>
      GREEN_SHARES.map((greenShare) =>
        failing(
          'one version twice',
          simulated({ noise, minutes, greenShare, requestsPerMinute: REQUESTS / minutes }),
        ),
      ).join(' / '),
    ),
  ]),
);

table(
  `4 % errors against 2 %, 5,000 requests on each side: caught (of ${FINER * bakes})`,
  ['minutes', ...NOISES],
  MINUTES.map((minutes) => [
    minutes,
    ...NOISES.map((noise) =>
      failing(
        'twice the errors',
        simulated({ noise, minutes, greenErrors: 0.04, requestsPerMinute: 10_000 / minutes }),
        FINER * bakes,
      ),
    ),
  ]),
);

table(
  'Response times two / three times blue’s, 2,000 requests a minute: caught',
  ['minutes', ...NOISES],
  MINUTES.map((minutes) => [
    minutes,
    ...NOISES.map((noise) =>
      [2, 3]
        .map((greenSlower) =>
          failing('slower', simulated({ noise, minutes, greenSlower, requestsPerMinute: 2000 })),
        )
        .join(' / '),
    ),
  ]),
);

const DRIFTS = [1, 1.1, 1.25, 1.5];
table(
  'All traffic on green, compared with blue’s ten minutes before: false alarms while the errors drift by a factor in ten minutes',
  ['drift', ...NOISES],
  DRIFTS.map((drift) => [
    drift,
    ...NOISES.map((noise) => failing('own past', (random) => simulateBakeAfter(random, drift, { noise }))),
  ]),
);

table(
  'The same: errors of green against 2 % before, caught',
  ['green’s errors', ...NOISES],
  [0.04, 0.06, 0.1, 0.2].map((greenErrors) => [
    `${100 * greenErrors} %`,
    ...NOISES.map((noise) =>
      failing('worse than its past', (random) => simulateBakeAfter(random, 1, { noise, greenErrors })),
    ),
  ]),
);
