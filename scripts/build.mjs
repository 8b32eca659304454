/** Bundles what has to run without a TypeScript loader: the command, the proxy, the function hosts, the CDK app. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Output under dist/, without `.js` → entry point. */
const ENTRIES = {
  'cli/sidestep': 'cli/sidestep.ts',
  'local/proxy': 'local/dataplane/proxy/main.ts',
  'local/lambda-child': 'local/lambda/child.ts',
  'local/sample-app': 'local/world/sample-app.ts',
  'infra/app': 'infra/app.ts',
};

const SHEBANG = '#!/usr/bin/env node';

/** Bundles every entry that exists, and gives the paths written. */
export async function build() {
  const present = Object.entries(ENTRIES).filter(([, entry]) => existsSync(join(root, entry)));
  await Promise.all(present.map(([out, entry]) => bundle(out, entry)));
  return present.map(([out]) => `dist/${out}.js`);
}

async function bundle(out, entry) {
  const isCommand = out.startsWith('cli/');
  const outfile = join(root, 'dist', `${out}.js`);
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'warning',
    banner: { js: isCommand && !hasShebang(entry) ? SHEBANG : '' },
    write: false,
  });
  for (const file of outputFiles) replaceFile(file.path, file.contents);
  if (isCommand) chmodSync(outfile, 0o755);
}

/** Replaces a file at one stroke, and only if it differs: a process that runs it may be starting right now. */
function replaceFile(path, contents) {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.draft`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}

const hasShebang = (entry) => readFileSync(join(root, entry), 'utf8').startsWith('#!');

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const path of await build()) console.log(path);
}
