/** Where a command's words go: results to stdout, progress to stderr when stdout has to be JSON. */
import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

export interface Output {
  /** One line of progress. */
  progress(line: string): void;
  /** What goes on now: shown on a terminal only, until the next line of progress takes its place. */
  transient(line: string): void;
  /** One line of the result, on stdout. */
  result(line: string): void;
  /** Styled for where progress goes; plain without a terminal, or with NO_COLOR. */
  paint(style: Style, text: string): string;
}

/** @param json whether stdout has to stay free of progress */
export function createOutput({ json = false }: { json?: boolean } = {}): Output {
  const progress = json ? process.stderr : process.stdout;
  const isColoured = progress.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  const clear = progress.isTTY === true ? '\r\u001b[K' : '';
  return {
    progress: (line) => void progress.write(`${clear}${line}\n`),
    transient: (line) => {
      if (clear) progress.write(`${clear}${line}`);
    },
    result: (line) => void process.stdout.write(`${line}\n`),
    paint: (style, text) => (isColoured ? styleText(style, text) : text),
  };
}

/** How this command was called, for the commands that it suggests. */
export const commandName = (): string =>
  process.env.npm_lifecycle_event === 'sidestep' ? 'npm run sidestep --' : 'sidestep';

/** For a reader who has gone (`sidestep … | head`): that is no failure of ours. */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
