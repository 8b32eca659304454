/** Signals as they arrive, or do not: npm runs its scripts in a shell, which keeps SIGTERM to itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFailed } from 'vitest';

/** Says its id, works until it is interrupted, and says by what. */
const COMMAND = `
import { interruptible } from './cli/interrupt.ts';
const work = (signal) => new Promise((resolve, reject) => {
  const server = setInterval(() => {}, 1000);
  signal.addEventListener('abort', () => { clearInterval(server); reject(signal.reason); });
  console.log(process.pid);
});
await interruptible(work).catch(({ message }) => console.log(message));
`;

describe('a command that npm runs', () => {
  it('ends when the shell around it is killed', async () => {
    // What follows the command keeps the shell from replacing itself by it.
    const shell = spawn(
      'sh',
      ['-c', `"${process.execPath}" --import tsx --input-type module -e "$COMMAND"; :`],
      {
        env: { ...process.env, COMMAND, npm_lifecycle_event: 'sidestep' },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const lines: string[] = [];
    const output = createInterface({ input: shell.stdout }).on('line', (line) => lines.push(line));
    // The end of the output is the end of the last process that holds it, which is the command.
    const ended = once(output, 'close');
    const [pid] = (await once(output, 'line')) as [string];
    onTestFailed(() => void process.kill(Number(pid), 'SIGKILL'));

    shell.kill('SIGTERM');
    await ended;

    expect(lines).toEqual([pid, 'interrupted by SIGTERM']);
  });
});
