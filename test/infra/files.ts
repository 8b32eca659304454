/** Directories and files that the tests of the stack make and read. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { HANDLER_NAMES } from '../../infra/handler-names.ts';

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'sidestep-infra-'));
}

export function writeFile(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Every file below a directory: its path to its text. */
export function filesBelow(directory: string): Map<string, string> {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  const files = paths.filter((path) => statSync(join(directory, path)).isFile());
  return new Map(files.map((path) => [path, readFileSync(join(directory, path), 'utf8')]));
}

/** Stands for the bundles where a test is not about them. */
export function emptyHandlers(): string {
  const directory = temporaryDirectory();
  for (const name of [...HANDLER_NAMES, 'check-http'])
    writeFile(join(directory, name, 'index.mjs'), `// ${name}\n`);
  return directory;
}
