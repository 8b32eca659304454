/** Where the project's files are, from the sources and from the build alike. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest directory upwards that has a package.json: infra/ and dist/infra/ have none. */
export const PROJECT_DIRECTORY = findUpwards(dirname(fileURLToPath(import.meta.url)));

function findUpwards(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error(`no package.json above ${import.meta.url}`);
  return findUpwards(parent);
}
