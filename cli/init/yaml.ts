/** Writes a configuration as YAML, with its comments where they belong. */
import { Document, isMap, isScalar, type Pair } from 'yaml';
import type { Note } from './draft.ts';

export interface Written {
  readonly document: { readonly services: Readonly<Record<string, unknown>> };
  /** By service. */
  readonly notes: Readonly<Record<string, readonly Note[]>>;
  /** Lines at the top. */
  readonly head: readonly string[];
}

const WIDTH = 100;

export function yamlText({ document, notes, head }: Written): string {
  const yaml = new Document(document);
  yaml.commentBefore = head.map((line) => ` ${line}`).join('\n');
  for (const [service, ofService] of Object.entries(notes))
    for (const { at, text } of ofService) comment(yaml, ['services', service, ...at], text);
  return yaml.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** Before the key at a path; further ones go below. */
function comment(yaml: Document, path: readonly string[], text: string): void {
  const parent = yaml.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return;
  const pair = parent.items.find(({ key }: Pair) => isScalar(key) && key.value === path.at(-1));
  if (!pair || !isScalar(pair.key)) return;
  const lines = wrap(text).map((line) => ` ${line}`);
  pair.key.commentBefore = [pair.key.commentBefore, ...lines].filter(Boolean).join('\n');
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line];
}
