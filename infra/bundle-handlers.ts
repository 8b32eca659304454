/** Bundles every handler into a directory of its own, ready for Lambda: one esbuild call for all of them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import * as esbuild from 'esbuild';
import { PROJECT_DIRECTORY } from './project.ts';
import { trimSdk } from './trim-sdk.ts';

export interface HandlerBundle {
  /** `verify-targets`: the source file's name. */
  readonly name: string;
  /** The directory that becomes the function's code; it exports `handler` and `create` from index.mjs. */
  readonly directory: string;
  /** Bytes that Lambda loads at a cold start: index.mjs and all that it imports statically. */
  readonly staticBytes: number;
}

export interface BundleOptions {
  /** The directory whose every *.ts file is a handler; lambdas/ if left out. */
  readonly sources?: string;
  /** dist/lambdas if left out. */
  readonly outdir?: string;
}

interface Chunk {
  readonly bytes: Uint8Array;
  /** Chunks that this one imports, by their paths. */
  readonly imports: readonly { readonly path: string; readonly isStatic: boolean }[];
}

/** The chunks of one esbuild call, by their paths below the common directory (`verify-targets.mjs`, `chunks/x.mjs`). */
type Chunks = ReadonlyMap<string, Chunk>;

/**
 * Bundles all handlers. The same sources give the same bytes.
 * @returns a bundle per handler, in order of their names.
 */
export async function bundleHandlers(options: BundleOptions = {}): Promise<HandlerBundle[]> {
  const plan = planBundles(options);
  return writeBundles(plan, await esbuild.build(esbuildOptions(plan)));
}

interface Plan {
  readonly sources: string;
  readonly outdir: string;
  readonly names: readonly string[];
}

function planBundles({ sources, outdir }: BundleOptions): Plan {
  const directory = resolve(sources ?? join(PROJECT_DIRECTORY, 'lambdas'));
  const names = readdirSync(directory)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
  if (names.length === 0) throw new Error(`${directory} has no handler: found no .ts file in it`);
  return { sources: directory, outdir: resolve(outdir ?? join(PROJECT_DIRECTORY, 'dist/lambdas')), names };
}

/** All handlers share one call, because the SDK is then parsed once: about ten times faster than a call for each. */
function esbuildOptions({ sources, outdir, names }: Plan) {
  return {
    absWorkingDir: PROJECT_DIRECTORY,
    entryPoints: names.map((name) => join(sources, `${name}.ts`)),
    outdir,
    outbase: sources,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minify: true,
    mainFields: ['module', 'main'],
    // What is imported on demand only (credential providers that Lambda never needs) stays out of the cold start.
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    legalComments: 'none',
    plugins: [trimSdk(mentionedIn(sources))],
    logLevel: 'warning',
  } as const satisfies esbuild.BuildOptions;
}

/** Says of a word whether any of the handlers' sources has it. */
function mentionedIn(sources: string): (word: string) => boolean {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const texts = files.map((file) => readFileSync(join(sources, file), 'utf8'));
  const words = new Set(texts.flatMap((text) => text.match(/\w+/g) ?? []));
  return (word) => words.has(word);
}

type Output = esbuild.BuildResult<ReturnType<typeof esbuildOptions>>;

function writeBundles({ outdir, names }: Plan, output: Output): HandlerBundle[] {
  const chunks = readChunks(outdir, output);
  const bundles = names.map((name) => writeBundle(outdir, name, chunks));
  removeAllBut(outdir, names);
  return bundles;
}

function readChunks(outdir: string, { outputFiles, metafile }: Output): Chunks {
  const contents = new Map(outputFiles.map(({ path, contents }) => [path, contents]));
  const chunks = Object.entries(metafile.outputs).map(([output, { imports }]): [string, Chunk] => {
    const path = resolve(PROJECT_DIRECTORY, output);
    const bytes = contents.get(path) ?? new Uint8Array();
    return [
      relative(outdir, path),
      { bytes, imports: imports.filter(isInternal).map((one) => toImport(outdir, one)) },
    ];
  });
  return new Map(chunks);
}

const isInternal = ({ external }: { external?: boolean }): boolean => external !== true;

function toImport(outdir: string, { path, kind }: { path: string; kind: string }): Chunk['imports'][number] {
  return { path: relative(outdir, resolve(PROJECT_DIRECTORY, path)), isStatic: kind === 'import-statement' };
}

/** Entry and chunks keep their places relative to each other, so that a handler's directory is complete in itself. */
function writeBundle(outdir: string, name: string, chunks: Chunks): HandlerBundle {
  const directory = join(outdir, name);
  const entry = `${name}.mjs`;
  const files = new Map(
    [...closure(chunks, entry)].map(([path, { bytes }]) => [path === entry ? 'index.mjs' : path, bytes]),
  );
  for (const [path, bytes] of files) replaceFile(join(directory, path), bytes);
  removeAllBut(directory, ['index.mjs', 'chunks']);
  removeAllBut(
    join(directory, 'chunks'),
    [...files.keys()].map((path) => relative('chunks', path)),
  );
  const cold = closure(chunks, entry, ({ isStatic }) => isStatic);
  return {
    name,
    directory,
    staticBytes: [...cold.values()].reduce((sum, { bytes }) => sum + bytes.length, 0),
  };
}

/** A chunk and all that it imports, directly or not. */
function closure(
  chunks: Chunks,
  path: string,
  follows: (one: Chunk['imports'][number]) => boolean = () => true,
  found = new Map<string, Chunk>(),
): Map<string, Chunk> {
  const chunk = chunks.get(path);
  if (chunk === undefined) throw new Error(`esbuild wrote no ${path}`);
  if (found.has(path)) return found;
  found.set(path, chunk);
  for (const one of chunk.imports.filter(follows)) closure(chunks, one.path, follows, found);
  return found;
}

/** Replaces a file at one stroke, and only if it differs: a function may be loading it right now. */
function replaceFile(path: string, bytes: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(bytes)) return;
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.draft`;
  writeFileSync(draft, bytes);
  renameSync(draft, path);
}

/** Drafts of another process that bundles at the same time are left to it. */
function removeAllBut(directory: string, kept: readonly string[]): void {
  if (!existsSync(directory)) return;
  const stale = readdirSync(directory).filter((name) => !kept.includes(name) && !name.endsWith('.draft'));
  for (const name of stale) rmSync(join(directory, name), { recursive: true, force: true });
}
