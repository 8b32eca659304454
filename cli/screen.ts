/** Draws lines over the ones drawn before, on a terminal. */
import { isAnimated } from './output.ts';

/** As much of a terminal as is drawn on. */
export type Canvas = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows'> & {
  write(text: string): unknown;
};

export interface Screen {
  /** Takes the place of what was drawn before. Lines that do not fit are cut. */
  draw(lines: readonly string[]): void;
}

/** @returns undefined if lines cannot be written over */
export function screenOn(canvas: Canvas, env: NodeJS.ProcessEnv = process.env): Screen | undefined {
  if (!isAnimated(canvas, env)) return undefined;
  let drawnCount = 0;
  return {
    draw(lines) {
      // The last row stays free: a line that ends there scrolls the screen.
      const rowsMax = Math.max(1, (canvas.rows ?? 24) - 1);
      const isTooLong = lines.length > rowsMax;
      const shown = isTooLong ? [...lines.slice(0, rowsMax - 1), '… the terminal has no more rows'] : lines;
      const up = drawnCount > 0 ? `\u001b[${drawnCount}A` : '';
      const text = shown.map((line) => `${cutTo(line, canvas.columns ?? 80)}\u001b[K\n`).join('');
      canvas.write(`${up}\r${text}\u001b[J`);
      drawnCount = shown.length;
    },
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a style is one.
const STYLE = /^\u001b\[[0-9;]*m/;

/** Cuts a line to so many columns; styles take none, and those that are open are ended. */
export function cutTo(line: string, columns: number): string {
  let kept = '';
  let width = 0;
  let rest = line;
  let isStyled = false;
  while (rest !== '') {
    const style = STYLE.exec(rest)?.[0];
    const [letter = ''] = rest;
    if (style === undefined && width === columns) return `${kept}${isStyled ? '\u001b[0m' : ''}`;
    kept += style ?? letter;
    if (style === undefined) width += 1;
    else isStyled = true;
    rest = rest.slice((style ?? letter).length);
  }
  return kept;
}
