/** An esbuild plugin: leaves out what SDK clients carry that no handler can use, about a quarter of a bundle. */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const CLIENT = '[\\\\/]@aws-sdk[\\\\/]client-[a-z0-9-]+[\\\\/]';
const SCHEMAS = new RegExp(`${CLIENT}dist-es[\\\\/]schemas[\\\\/]schemas_\\d+\\.js$`);
const MANIFEST = new RegExp(`${CLIENT}package\\.json$`);

/** An error's schema and, right behind it, its registration. */
const ERROR = /^export var (\w+)\$ = \[-3, [^;]*\];\nn\d+_registry\.registerError\(\1\$, \1\);$/gm;

/**
 * A client registers every error of its service, and so keeps its class and schema (SSM: 140 of them, 90 KB).
 * An error that is not registered still arrives with its code as its name, its message, status and fault, as an
 * instance of the service's base class. So only those stay that a handler's source mentions by name, for `instanceof`.
 * If a later SDK is written otherwise, nothing is trimmed and the test of the bundles' size says so.
 */
export function trimSdk(isMentioned: (errorName: string) => boolean): Plugin {
  return {
    name: 'trim-sdk',
    setup: (build) => {
      build.onLoad({ filter: SCHEMAS }, async ({ path }) => {
        const schemas = await readFile(path, 'utf8');
        const contents = schemas.replace(ERROR, (text, error: string) => (isMentioned(error) ? text : ''));
        return { contents, loader: 'js' };
      });
      // Only the version is read from it, for the user agent.
      build.onLoad({ filter: MANIFEST }, async ({ path }) => {
        const { version } = JSON.parse(await readFile(path, 'utf8'));
        return { contents: JSON.stringify({ version }), loader: 'json' };
      });
    },
  };
}
