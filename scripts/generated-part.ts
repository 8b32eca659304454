/** Parts of hand-written pages that are generated: each stands between two marks, and is replaced as a whole. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface GeneratedPart {
  /** From the project's root: `docs/cli.md`. */
  readonly page: string;
  /** What its marks call it: `<!-- scenarios: npm run scenarios -->` and `<!-- /scenarios -->`. */
  readonly thing: string;
  /** The script of package.json that writes it. */
  readonly script: string;
  /** The Markdown between the marks, as it is now. */
  render(): string;
}

const ROOT = join(import.meta.dirname, '..');

export const readPage = ({ page }: GeneratedPart): string => readFileSync(join(ROOT, page), 'utf8');

/** The page's text with the part put in anew. @throws Error if it lacks a mark */
export function withPart(text: string, part: GeneratedPart): string {
  const begin = `<!-- ${part.thing}: npm run ${part.script} -->`;
  const end = `<!-- /${part.thing} -->`;
  const [before, rest = ''] = text.split(begin);
  const after = rest.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${part.page} lacks the marks ${begin} and ${end}`);
  return `${before}${begin}\n${part.render()}\n${end}${after}`;
}

/** Writes the page if `file`, the script's own, is what was started. */
export function writeWhenRun(file: string, part: GeneratedPart): void {
  if (process.argv[1] === file) writeFileSync(join(ROOT, part.page), withPart(readPage(part), part));
}

/** A Markdown table; a bar in a cell does not end it. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
