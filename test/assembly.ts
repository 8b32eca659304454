/** Cloud assemblies for tests: of the example configuration, and of the same with another service document. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exampleConfiguration } from '../local/demo/example-configuration.ts';
import { distPath } from '../local/paths.ts';

/** The example's directory, as it would be deployed; the global set-up synthesized it. @throws Error if the stack could not be synthesized */
export function exampleAssembly(): string {
  const path = distPath('test-assembly');
  if (!existsSync(path))
    throw new Error(`${path} is missing: the tests' set-up could not synthesize it, see its error`);
  return realpathSync(path);
}

/** Where the handlers lie that assemblies of tests name: they share their code, for one process that runs them all. */
export const sharedHandlers = (): string => join(dirname(exampleAssembly()), 'handlers');

/**
 * The assembly of the example with changes to its service, for virtual time; made once, whichever worker asks first.
 * @param changes part of a service as sidestep.yaml writes it; see exampleConfiguration
 * @param others services beside it, by name, whole
 * @returns its directory
 * @throws ConfigurationInvalid if the merged document is wrong
 */
export async function assemblyOf(
  changes: Readonly<Record<string, unknown>> = {},
  others: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const document = JSON.stringify(exampleConfiguration(changes, others));
  const example = exampleAssembly();
  const hash = createHash('sha256').update(document).digest('hex').slice(0, 16);
  const directory = join(dirname(example), 'others', hash);
  if (existsSync(directory)) return directory;
  const made = making.get(directory) ?? makeAssembly(directory, document);
  making.set(directory, made);
  await made;
  return directory;
}

/** What this worker is making or has made. */
const making = new Map<string, Promise<void>>();

/** Written aside and then renamed: a directory of that name is complete. */
async function makeAssembly(directory: string, document: string): Promise<void> {
  const draft = `${directory}.${process.pid}.draft`;
  mkdirSync(dirname(directory), { recursive: true });
  const configurationPath = `${draft}.yaml`;
  writeFileSync(configurationPath, document);
  try {
    // CDK takes its second only where there is something to make.
    const { synthesize } = await import('../infra/synthesize.ts');
    const handlersDirectory = sharedHandlers();
    await synthesize(draft, { configurationPath, handlersDirectory, isValidated: false, copiesCode: false });
    putInPlace(draft, directory);
  } finally {
    for (const path of [configurationPath, draft]) rmSync(path, { recursive: true, force: true });
  }
}

/** Another worker that was faster has made the same. */
function putInPlace(draft: string, directory: string): void {
  try {
    renameSync(draft, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
  }
}
