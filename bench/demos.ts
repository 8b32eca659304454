/** Runs the demo many times in a row, each in a process of its own, and reports what happened to every request. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { DemoDocument } from '../cli/demo-json.ts';

/** One demo takes about twenty seconds; what takes ten times as long is stuck. */
const DEMO_LIMIT_MS = 200_000;
const TIMES_DEFAULT = 20;

interface Run {
  exitCode: number;
  wallSeconds: number;
  /** Absent if the demo ended without its result. */
  document?: DemoDocument;
  /** What the demo said, for one that went wrong. */
  progress: string;
}

/** @returns the exit code: 0 only if every run ended as its scenario promises, and lost nothing */
async function runDemos(times: number, scenario: string): Promise<number> {
  if (!Number.isInteger(times) || times < 1)
    throw new RangeError(`--times is ${times}; allowed are whole numbers from 1`);
  const runs: Run[] = [];
  for (let ordinal = 1; ordinal <= times; ordinal += 1) {
    const run = await runDemo(scenario);
    runs.push(run);
    for (const line of linesOf(ordinal, run)) console.log(line);
  }
  for (const line of summary(runs)) console.log(line);
  return runs.every(isGood) ? 0 : 1;
}

async function runDemo(scenario: string): Promise<Run> {
  const command = join(import.meta.dirname, '../scripts/run.mjs');
  const startedMs = performance.now();
  const ended = await promisify(execFile)(
    process.execPath,
    [command, 'demo', '--json', '--scenario', scenario],
    { timeout: DEMO_LIMIT_MS },
  ).then(
    (output) => ({ ...output, code: 0 }),
    (error: { code?: number; stdout?: string; stderr?: string }) => error,
  );
  const { code: exitCode = -1, stdout = '', stderr: progress = '' } = ended;
  const wallSeconds = (performance.now() - startedMs) / 1000;
  const line = stdout.trim().split('\n').at(-1) ?? '';
  return { exitCode, wallSeconds, progress, document: line.startsWith('{') ? JSON.parse(line) : undefined };
}

const isGood = ({ document }: Run): boolean =>
  document !== undefined && document.requests.sent > 0 && document.requests.failed === 0;

const COLUMNS = ['run', 'outcome', 'exit', 'sent', 'failed', 'by app', 'wall s', 'AWS calls', 'transitions'];

function linesOf(ordinal: number, run: Run): string[] {
  const { document, exitCode, wallSeconds } = run;
  const cells = document
    ? [
        document.outcome,
        exitCode,
        document.requests.sent,
        document.requests.failed,
        document.requests.failedByApplication,
        wallSeconds.toFixed(1),
        sum(Object.values(document.apiCalls)),
        document.transitions,
      ]
    : ['no result', exitCode, '', '', '', wallSeconds.toFixed(1), '', ''];
  const line = row([ordinal, ...cells]);
  const head = ordinal === 1 ? [row(COLUMNS)] : [];
  return isGood(run) ? [...head, line] : [...head, line, run.progress];
}

function row([first, outcome, ...cells]: readonly (string | number | undefined)[]): string {
  const columns = cells.map((cell) => String(cell).padStart(13)).join('');
  return `${String(first).padStart(4)}  ${String(outcome).padEnd(20)}${columns}`;
}

function summary(runs: readonly Run[]): string[] {
  const documents = runs.flatMap(({ document }) => document ?? []);
  const total = (count: (document: DemoDocument) => number): number => sum(documents.map(count));
  const stages = [...new Set(documents.flatMap(({ durationsSeconds }) => Object.keys(durationsSeconds)))];
  const outcomes = [...new Set(documents.map(({ outcome }) => outcome))].map(
    (outcome) => `${documents.filter((document) => document.outcome === outcome).length} ${outcome}`,
  );
  return [
    '',
    `${runs.length} runs: ${outcomes.join(', ')}; ${runs.filter((run) => !isGood(run)).length} not good`,
    `requests: ${total(({ requests }) => requests.sent)} sent, ${total(({ requests }) => requests.failed)} failed, ${total(({ requests }) => requests.failedByApplication)} answered wrongly by a task`,
    `wall seconds of a run: ${spread(runs.map(({ wallSeconds }) => wallSeconds))}`,
    `AWS calls of a deployment: ${spread(documents.map(({ apiCalls }) => sum(Object.values(apiCalls))))}`,
    `transitions of a deployment: ${spread(documents.map(({ transitions }) => transitions))}`,
    '',
    'wall seconds of each part, median (least to most):',
    ...stages.map((stage) => {
      const seconds = documents.flatMap(({ durationsSeconds }) => durationsSeconds[stage] ?? []);
      return `  ${stage.padEnd(20)} ${spread(seconds)}`;
    }),
  ];
}

/** `18.4 (17.9 to 22.0)`: median, least and most. */
function spread(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (share: number): string => shown(sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN);
  return `${at(0.5)} (${at(0)} to ${at(1)})`;
}

const shown = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(2));
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const { values } = parseArgs({
  options: { times: { type: 'string' }, scenario: { type: 'string' } },
});
process.exitCode = await runDemos(Number(values.times ?? TIMES_DEFAULT), values.scenario ?? 'blue-green');
