/** Where things lie in the package, whether this code runs from its sources or from a bundle in dist/. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The directory of the package's own package.json. */
export function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}`);
    directory = parent;
  }
  return directory;
}

/** `dist/local/proxy.js` under the package's root: what `npm run build` writes. Does not check that it is there. */
export function distPath(...parts: string[]): string {
  return join(packageRoot(), 'dist', ...parts);
}

/**
 * A built file that is about to be run.
 * @throws Error that says how to build it, if it is not there.
 */
export function builtFile(...parts: string[]): string {
  const path = distPath(...parts);
  if (!existsSync(path)) throw new Error(`${path} is missing; \`npm run build\` makes it`);
  return path;
}

/** The bundled proxy process. */
export const proxyPath = (): string => builtFile('local', 'proxy.js');
/** The bundled host of one function. */
export const lambdaChildPath = (): string => builtFile('local', 'lambda-child.js');
/** The bundled sample application that local images stand for. */
export const sampleAppPath = (): string => builtFile('local', 'sample-app.js');
/** The bundled CDK app. */
export const cdkAppPath = (): string => builtFile('infra', 'app.js');
/** The directory of the handlers' bundles: one sub-directory each, with `index.mjs`. */
export const lambdasPath = (): string => distPath('lambdas');
