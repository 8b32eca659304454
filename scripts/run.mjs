/** Runs the `sidestep` command of this clone, and builds it first if a source is newer than the build. */
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'dist', '.built');
const SOURCES = ['cli', 'infra', 'lambdas', 'local', 'scripts', 'package-lock.json'];

if (SOURCES.some((source) => isNewer(join(root, source), builtAtMs()))) await buildAndStamp();
await import('../dist/cli/sidestep.js');

function builtAtMs() {
  return existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
}

/** Whether a file, or any file under a directory, was changed after that time. */
function isNewer(path, timeMs) {
  const { mtimeMs } = statSync(path);
  if (mtimeMs > timeMs) return true;
  if (!statSync(path).isDirectory()) return false;
  return readdirSync(path).some((name) => isNewer(join(path, name), timeMs));
}

/** The stamp bears the time of the beginning: what is changed during the build is built the next time. */
async function buildAndStamp() {
  mkdirSync(dirname(stamp), { recursive: true });
  const draft = `${stamp}.${process.pid}`;
  writeFileSync(draft, '');
  const [{ build }, esbuild] = await Promise.all([import('./build.mjs'), import('esbuild')]);
  await build();
  // Its process would idle for as long as ours runs.
  await esbuild.stop();
  renameSync(draft, stamp);
}
