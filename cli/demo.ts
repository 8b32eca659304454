/** `sidestep demo`: plays a scenario in front of your eyes, with real processes behind a real load balancer. */
import { Command } from 'commander';
import { FACTOR_MAX } from '../local/clock/scaled-clock.ts';
import type { DemoEvent, DemoResult } from '../local/demo/result.ts';
import { runScenario } from '../local/demo/run-scenario.ts';
import { FACTOR_DEFAULT, RATE_DEFAULT } from '../local/demo/setting.ts';
import { DEFAULT_SCENARIO, findScenario, SCENARIOS, UnknownScenario } from '../local/world/scenarios.ts';
import { numberBetween } from './arguments.ts';
import { toDocument } from './demo-json.ts';
import { INDENT, introduction, linesOf, summary } from './demo-text.ts';
import { FAILED, OUTCOME_EXIT_CODES } from './exit-codes.ts';
import { UsageError } from './failures.ts';
import { interruptible } from './interrupt.ts';
import { createOutput, type Output } from './output.ts';

const RATE_MAX = 1000;

interface DemoOptions {
  scenario: string;
  factor: number;
  rate: number;
  json?: boolean;
  list?: boolean;
}

/** @param finish receives the exit code */
export function demoCommand(finish: (exitCode: number) => void): Command {
  return new Command('demo')
    .summary('watch a deployment, and count what happens to every request')
    .description('Runs a whole deployment on this machine: no AWS account, no Docker.')
    .usage('[options]')
    .option('--scenario <name>', 'what happens to the new version; see --list', DEFAULT_SCENARIO)
    .option('--list', 'name the scenarios, and run none')
    .option(
      '--rate <requests>',
      `requests per second, 1 to ${RATE_MAX}`,
      numberBetween(1, RATE_MAX),
      RATE_DEFAULT,
    )
    .option(
      '--factor <times>',
      `how much faster than the wall the local cloud's waits pass, 1 to ${FACTOR_MAX}`,
      numberBetween(1, FACTOR_MAX),
      FACTOR_DEFAULT,
    )
    .option('--json', 'progress on stderr, and one JSON object as the last line of stdout')
    .addHelpText('beforeAll', EXAMPLES)
    .action(async (options: DemoOptions) =>
      finish(options.list ? listScenarios(options) : await demo(options)),
    );
}

const EXAMPLES = `Examples:
  sidestep demo                              v1 serves, v2 is pushed and takes over
  sidestep demo --scenario bad-after-shift   v2 fails once it has traffic, and v1 takes over again
  sidestep demo --list                       every scenario
  sidestep demo --json | tail -1 | jq .requests
`;

function listScenarios({ json }: DemoOptions): number {
  const { result } = createOutput();
  const listed = SCENARIOS.map(({ name, strategy, expectedOutcome, says }) => ({
    name,
    strategy,
    expectedOutcome,
    says,
    exitCode: OUTCOME_EXIT_CODES[expectedOutcome],
  }));
  if (json) result(JSON.stringify(listed));
  else
    for (const { name, expectedOutcome, says } of listed)
      result(`${name.padEnd(16)} ${expectedOutcome.padEnd(20)} ${says}`);
  return 0;
}

async function demo({ scenario: name, factor, rate, json }: DemoOptions): Promise<number> {
  const scenario = named(name);
  // What is seen is what was asked for, unless it is JSON.
  const output = createOutput({ told: json ? 'stderr' : 'stdout' });
  for (const line of introduction(scenario, { factor, rate }, output.paint)) output.progress(line);
  const result = await interruptible((signal) =>
    runScenario(name, {
      factor,
      rate,
      signal,
      beforeSeconds: performance.now() / 1000,
      report: (event) => show(event, output),
    }),
  );
  for (const line of summary(result, output.paint)) output.progress(line);
  if (json) output.result(JSON.stringify(toDocument(result)));
  return exitCodeOf(result);
}

function named(name: string) {
  try {
    return findScenario(name);
  } catch (error) {
    throw error instanceof UnknownScenario ? new UsageError(error.message) : error;
  }
}

function show(event: DemoEvent, { progress, transient, paint }: Output): void {
  if (event.kind === 'stage begins') transient(paint('dim', `${INDENT}${event.name} …`));
  else for (const line of linesOf(event, paint)) progress(line);
}

/**
 * A rollback keeps its outcome's code even if all went as it should: green does not serve. A promise that is broken though
 * the outcome is the promised one, such as a lost request, has to show in the code.
 */
export function exitCodeOf({
  outcome,
  problems,
  scenario,
}: Pick<DemoResult, 'outcome' | 'problems'> & {
  readonly scenario: Pick<DemoResult['scenario'], 'expectedOutcome'>;
}): number {
  const code = OUTCOME_EXIT_CODES[outcome];
  const isExpected = code === 0 || outcome === scenario.expectedOutcome;
  return isExpected && problems.length > 0 ? FAILED : code;
}
