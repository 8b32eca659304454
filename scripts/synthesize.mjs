/** Synthesizes the example configuration into dist/test-assembly, unless nothing that goes into it has changed. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const assemblies = join(root, 'dist/test-assemblies');
const current = join(root, 'dist/test-assembly');

/** Files and directories that an assembly is made of. */
const SOURCES = [
  'scripts/synthesize.mjs',
  'infra',
  'lambdas',
  'statemachine',
  'sidestep.yaml',
  'cdk.json',
  'package-lock.json',
];

/** What is kept of other sources: another run of the tests may still use the one before. */
const KEPT = 3;
const KEPT_MS = 3_600_000;

/**
 * Makes dist/test-assembly, a link to the assembly of these very sources, and gives its path.
 * Needs dist/infra/app.js of the build. On a failure there is no dist/test-assembly, rather than a stale one.
 */
export async function synthesizeForTests() {
  const directory = join(assemblies, hashOf(SOURCES));
  try {
    if (!existsSync(directory)) await synthesize(directory);
  } catch (error) {
    rmSync(current, { force: true });
    throw error;
  }
  pointTo(join(directory, 'example'));
  removeOldest();
  return current;
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) addTo(hash, join(root, path));
  return hash.digest('hex').slice(0, 16);
}

function addTo(hash, path) {
  if (!existsSync(path)) return;
  if (lstatSync(path).isDirectory()) {
    for (const name of readdirSync(path).sort()) addTo(hash, join(path, name));
  } else {
    hash.update(path).update(readFileSync(path));
  }
}

/** Written aside and then renamed: a directory of that name is complete. */
async function synthesize(directory) {
  const draft = `${directory}.${process.pid}.draft`;
  mkdirSync(assemblies, { recursive: true });
  await promisify(execFile)(process.execPath, [join(root, 'dist/infra/app.js')], {
    cwd: root,
    env: { ...process.env, CDK_OUTDIR: join(draft, 'example'), CDK_VALIDATION: 'false' },
  });
  if (existsSync(directory)) rmSync(draft, { recursive: true });
  else renameSync(draft, directory);
}

function pointTo(directory) {
  const link = `${current}.${process.pid}.draft`;
  symlinkSync(directory, link);
  renameSync(link, current);
}

function removeOldest() {
  const byAge = readdirSync(assemblies)
    .map((name) => ({ path: join(assemblies, name), atMs: lstatSync(join(assemblies, name)).mtimeMs }))
    .sort((a, b) => b.atMs - a.atMs);
  const stale = byAge.slice(KEPT).filter(({ atMs }) => Date.now() - atMs > KEPT_MS);
  for (const { path } of stale) rmSync(path, { recursive: true, force: true });
}
