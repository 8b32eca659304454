/** Where a command's words go: results to stdout, progress to stderr. */
import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

export interface Output {
  /** One line of progress. */
  progress(line: string): void;
  /** What goes on now: shown on a terminal only, until the next line of progress takes its place. */
  transient(line: string): void;
  /** One line of the result, on stdout. */
  result(line: string): void;
  /** Styled for where progress goes; see {@link paintFor}. */
  paint(style: Style, text: string): string;
}

/** @param told where progress goes: stdout only of a command whose result it is, and never with --json */
export function createOutput({ told = 'stderr' }: { told?: 'stderr' | 'stdout' } = {}): Output {
  const progress = process[told];
  const clear = isAnimated(progress) ? '\r\u001b[K' : '';
  return {
    progress: (line) => void progress.write(`${clear}${line}\n`),
    transient: (line) => {
      if (clear) progress.write(`${clear}${line}`);
    },
    result: (line) => void process.stdout.write(`${line}\n`),
    paint: paintFor(progress),
  };
}

/** As much of a stream as decides how it is written to. */
export type Terminal = Pick<NodeJS.WriteStream, 'isTTY'>;

/** Styles for a terminal; plain text without one, with NO_COLOR, or on one that knows no colours. */
export function paintFor(stream: Terminal, env: NodeJS.ProcessEnv = process.env): Output['paint'] {
  const isColoured = isAnimated(stream, env) && !env.NO_COLOR;
  // The stream was looked at here, so styleText need not look at stdout.
  return (style, text) => (isColoured ? styleText(style, text, { validateStream: false }) : text);
}

/** Whether lines may be written over. */
export const isAnimated = ({ isTTY }: Terminal, env: NodeJS.ProcessEnv = process.env): boolean =>
  isTTY === true && env.TERM !== 'dumb';

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
