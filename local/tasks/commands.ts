/** What the command of a local image may start with, beside the name of a program. */
import { sampleAppPath } from '../paths.ts';

/** First word of the command that stands for the packaged sample application. */
export const SAMPLE_APP_COMMAND = 'sidestep:sample-app';

/**
 * The command as it can be spawned: `node` is the Node.js that runs this, `sidestep:sample-app` the sample application.
 * @throws Error if the command is empty, the word after `sidestep:` unknown, or the sample application not built
 */
export function spawnableCommand(command: readonly string[]): [file: string, ...args: string[]] {
  const [first, ...rest] = command;
  if (!first) throw new Error('the image names no command, and the task definition gives none');
  if (first === 'node') return [process.execPath, ...rest];
  if (first === SAMPLE_APP_COMMAND) return [process.execPath, sampleAppPath(), ...rest];
  if (first.startsWith('sidestep:')) {
    throw new Error(`no program is called ${first}; there is ${SAMPLE_APP_COMMAND}`);
  }
  return [first, ...rest];
}
