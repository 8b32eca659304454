/** Plays every scenario of the demo, a few at a time, and holds each to its outcome's exit code. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Each demo keeps about a core busy while it prepares, and waits for most of the rest. */
const AT_ONCE = Math.min(4, availableParallelism() + 1);
/** Far longer than any scenario: what takes so long hangs. */
const LIMIT_MS = 300_000;

const wanted = process.argv.slice(2);
const { output, exitCode } = await sidestep(['demo', '--list', '--json']);
if (exitCode !== 0) throw new Error(`demo --list ended with ${exitCode}:\n${output}`);
const scenarios = JSON.parse(output.trim().split('\n').at(-1) ?? '[]').filter(
  ({ name }) => wanted.length === 0 || wanted.includes(name),
);
const failed = [];
const waiting = [...scenarios];
await Promise.all(Array.from({ length: AT_ONCE }, playNext));
console.log(`${scenarios.length - failed.length} of ${scenarios.length} scenarios ended as they should`);
process.exitCode = failed.length > 0 || scenarios.length === 0 ? 1 : 0;

async function playNext() {
  for (let scenario = waiting.shift(); scenario; scenario = waiting.shift()) await play(scenario);
}

async function play({ name, expectedOutcome, exitCode: expected }) {
  const startedAtMs = Date.now();
  const played = await sidestep(['demo', '--scenario', name]);
  const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1).padStart(6);
  if (played.exitCode === expected) {
    console.log(`${seconds} s  ${name}: ${expectedOutcome}; ${requestsIn(played.output)}`);
    return;
  }
  failed.push(name);
  console.log(
    `\n== demo ${name} ended with exit code ${played.exitCode}; expected ${expected}\n${played.output}`,
  );
}

/** The summary's line of requests, in one line. */
function requestsIn(output) {
  return /requests +(\d.*)/.exec(output)?.[1]?.trim() ?? 'no requests';
}

/** Runs the command of this clone; its output is kept. */
function sidestep(words) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'scripts/run.mjs'), ...words], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    child.on('close', (exitCode) => {
      clearTimeout(limit);
      resolve({ output, exitCode });
    });
  });
}
