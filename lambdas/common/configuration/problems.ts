/** What is wrong with a configuration, in words: every problem with its path, what was found and what is allowed. */

export interface Problem {
  /** `services.orders.sides[1].targetGroup`; empty for the document itself. */
  readonly path: string;
  readonly found: string;
  readonly allowed: string;
}

export type Path = readonly PropertyKey[];

export class ConfigurationInvalid extends Error {
  override readonly name = 'ConfigurationInvalid';
  readonly problems: readonly Problem[];

  /** `source` is what the reader would open: a file's path, or whatever the document came from. */
  constructor(problems: readonly Problem[], source = 'the configuration') {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super(
      [`${source} has ${count}:`, ...problems.map((problem) => `  ${describeProblem(problem)}`)].join('\n'),
    );
    this.problems = problems;
  }
}

/** `services.orders.bake: found 10, allowed: a duration such as 30s, 10m or 1h`. */
export function describeProblem({ path, found, allowed }: Problem): string {
  return `${path === '' ? 'the document' : path}: found ${found}, allowed: ${allowed}`;
}

/** A problem at a place of the document, with what stands there. */
export function problemAt(document: unknown, path: Path, allowed: string, found?: string): Problem {
  return { path: formatPath(path), found: found ?? describeFound(valueAt(document, path)), allowed };
}

export function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const key of path)
    value = isMapping(value) || Array.isArray(value) ? Reflect.get(value, key) : undefined;
  return value;
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function formatPath(path: Path): string {
  return path.map(formatKey).join('').replace(/^\./, '');
}

function formatKey(key: PropertyKey): string {
  if (typeof key === 'number') return `[${key}]`;
  const text = String(key);
  return /^[A-Za-z_][\w-]*$/.test(text) ? `.${text}` : `['${text}']`;
}

function describeFound(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return `'${shorten(value)}'`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isMapping(value)) return 'a mapping';
  return `${String(value)} (a ${typeof value})`;
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** `image, traffic (did you mean 'traffic'?)`: what may stand where an unknown word was found. */
export function allowedWords(words: readonly string[], found: string): string {
  const meant = words.find((word) => isTypo(found, word));
  return words.join(', ') + (meant === undefined ? '' : ` (did you mean '${meant}'?)`);
}

function isTypo(found: string, word: string): boolean {
  return editDistance(found.toLowerCase(), word.toLowerCase()) <= Math.max(1, Math.floor(word.length / 3));
}

function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const replace = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replace, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
