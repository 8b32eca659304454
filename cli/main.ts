/** The command line: one file per sub-command, and an exit code for whatever happens. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { packageRoot } from '../local/paths.ts';
import { demoCommand } from './demo.ts';
import { deployCommand } from './deploy.ts';
import { FAILED, USAGE } from './exit-codes.ts';
import { explained } from './explain.ts';
import { CannotDo, Interrupted, UsageError } from './failures.ts';
import { freezeCommand } from './freeze.ts';
import { historyCommand } from './history.ts';
import { initCommand } from './init.ts';
import { localCommand } from './local.ts';
import { logsCommand } from './logs.ts';
import { planCommand } from './plan.ts';
import { pushCommand } from './push.ts';
import { showCommand } from './show.ts';
import { signalCommands } from './signals.ts';
import { statusCommand } from './status.ts';
import { suspendCommand } from './suspend.ts';
import { unfreezeCommand } from './unfreeze.ts';
import { verifyCommand } from './verify.ts';

/** @returns the exit code */
export async function main(words: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error);
  }
}

/** @param finish receives the exit code */
export function createProgram(finish: (exitCode: number) => void): Command {
  const program = new Command('sidestep')
    .description('Moves an Amazon ECS service to a new image without dropping a request.')
    .version(version())
    .addHelpText('beforeAll', EXAMPLES)
    .addHelpText('after', '\nExit codes are in docs/cli.md.');
  const commands = [
    demoCommand(finish),
    localCommand(finish),
    pushCommand(finish),
    initCommand(finish),
    verifyCommand(finish),
    planCommand(finish),
    deployCommand(finish),
    statusCommand(finish),
    historyCommand(finish),
    showCommand(finish),
    logsCommand(finish),
    ...signalCommands(finish),
    freezeCommand(finish),
    unfreezeCommand(finish),
    suspendCommand(finish),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...program.commands])
    command
      .exitOverride()
      .showHelpAfterError(`(see ${command === program ? 'sidestep' : `sidestep ${command.name()}`} --help)`);
  return program;
}

const EXAMPLES = `Examples:
  sidestep demo              watch a deployment happen on this machine
  sidestep local             keep a local cloud running
  sidestep push orders:v2    push an image to it
  sidestep status            say how services stand
`;

function version(): string {
  const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Says on stderr what ended the command, unless it has been said, and gives its exit code. */
function explain(thrown: unknown): number {
  // Commander has printed its own; help that was asked for is no error.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : USAGE;
  const error = explained(thrown);
  if (error instanceof Interrupted) return error.exitCode;
  const isExpected = error instanceof UsageError || error instanceof CannotDo;
  const text =
    error instanceof Error ? (isExpected ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`error: ${text}\n`);
  return error instanceof UsageError ? USAGE : FAILED;
}
