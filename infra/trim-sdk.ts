/** An esbuild plugin: leaves out what SDK clients carry that no handler can use, about a third of a bundle. */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const CLIENT = '[\\\\/]@aws-sdk[\\\\/]client-[a-z0-9-]+[\\\\/]';
const CLIENT_FILE = new RegExp(CLIENT);
const EVENT_STREAMS = /^@smithy\/core\/event-streams$/;
const NO_EVENT_STREAMS = `
export const resolveEventStreamSerdeConfig = (configuration) => configuration;
export const eventStreamSerdeProvider = () => undefined;
`;
const ENDPOINT_CACHE = /^@aws-sdk\/endpoint-cache$/;
const SCHEMAS = new RegExp(`${CLIENT}dist-es[\\\\/]schemas[\\\\/]schemas_\\d+\\.js$`);
const MANIFEST = new RegExp(`${CLIENT}package\\.json$`);

/** An error's schema and, right behind it, its registration. */
const ERROR = /^export var (\w+)\$ = \[-3, [^;]*\];\nn\d+_registry\.registerError\(\1\$, \1\);$/gm;

/** A name that a file gives to a text, and a key of an object that is written as such a name. */
const NAMED_TEXT = /^const (_\w+) = ("[^"\n]*");$/gm;
const NAMED_KEY = /\[(_\w+)\]: /g;

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
        const trimmed = schemas.replace(ERROR, (text, error: string) => (isMentioned(error) ? text : ''));
        return { contents: withPlainKeys(trimmed), loader: 'js' };
      });
      // Two clients carry what their streaming operations need (14 KB); no handler calls one.
      build.onResolve({ filter: EVENT_STREAMS }, ({ importer }) =>
        CLIENT_FILE.test(importer) ? { path: 'none', namespace: 'event-streams' } : undefined,
      );
      build.onLoad({ filter: /^none$/, namespace: 'event-streams' }, () => ({ contents: NO_EVENT_STREAMS }));
      // DynamoDB's client makes one for endpoints that it would have to discover (6 KB); none of its operations does.
      build.onResolve({ filter: ENDPOINT_CACHE }, () => ({ path: 'none', namespace: 'endpoint-cache' }));
      build.onLoad({ filter: /^none$/, namespace: 'endpoint-cache' }, () => ({
        contents: 'export class EndpointCache {}',
      }));
      // Only the version is read from it, for the user agent.
      build.onLoad({ filter: MANIFEST }, async ({ path }) => {
        const { version } = JSON.parse(await readFile(path, 'utf8'));
        return { contents: JSON.stringify({ version }), loader: 'json' };
      });
    },
  };
}

/**
 * A computed key could run code, so that esbuild keeps every schema that has one, used or not: in a REST client nearly
 * all of them (Lambda: 37 of 40 KB). The keys are texts that stand in the same file.
 */
function withPlainKeys(schemas: string): string {
  const texts = new Map([...schemas.matchAll(NAMED_TEXT)].map(([, name = '', text = '']) => [name, text]));
  return schemas.replace(NAMED_KEY, (key, name: string) => (texts.has(name) ? `${texts.get(name)}: ` : key));
}
