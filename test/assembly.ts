/** The cloud assembly of the example configuration, as the global set-up synthesized it. */
import { existsSync, realpathSync } from 'node:fs';
import { distPath } from '../local/paths.ts';

/** Its directory. @throws Error if the stack could not be synthesized */
export function exampleAssembly(): string {
  const path = distPath('test-assembly');
  if (!existsSync(path))
    throw new Error(`${path} is missing: the tests' set-up could not synthesize it, see its error`);
  return realpathSync(path);
}
