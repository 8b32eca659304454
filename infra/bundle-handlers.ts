/** Bundles every handler into one file in a directory of its own, ready for Lambda. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import * as esbuild from 'esbuild';
import { leaveOutCredentialProviders } from './leave-out-credential-providers.ts';
import { PROJECT_DIRECTORY } from './project.ts';
import { trimSdk } from './trim-sdk.ts';

export interface HandlerBundle {
  /** `verify-targets`: the source file's name. */
  readonly name: string;
  /** The directory that becomes the function's code; it exports `handler` and `create` from index.mjs. */
  readonly directory: string;
  /** What Lambda loads at a cold start. */
  readonly bytes: number;
}

export interface BundleOptions {
  /** The directory whose every *.ts file is a handler; lambdas/ if left out. */
  readonly sources?: string;
  /** dist/lambdas if left out. */
  readonly outdir?: string;
  /**
   * Whether what several handlers have in common lies once in `chunks`, for a process that runs them all: it then loads
   * and compiles that once. Such a bundle works where it lies and cannot be deployed.
   */
  readonly sharesCode?: boolean;
}

/** Beside the bundles: a digest of all that they were made of. */
const MADE_OF = '.made-of';

/** Beside the bundles: what they share. */
const CHUNKS = 'chunks';

/** What decides about the bundles beside the handlers' sources: the packages, and how they are bundled. */
const ALSO = [
  'package-lock.json',
  'infra/bundle-handlers.ts',
  'infra/leave-out-credential-providers.ts',
  'infra/trim-sdk.ts',
];

/**
 * Bundles all handlers, unless the bundles of the same sources are there. The same sources give the same bytes.
 * @returns a bundle per handler, in order of their names.
 */
export async function bundleHandlers(options: BundleOptions = {}): Promise<HandlerBundle[]> {
  const plan = planBundles(options);
  const { outdir, names, madeOf } = plan;
  const stamp = join(outdir, MADE_OF);
  const isMade = existsSync(stamp) && readFileSync(stamp, 'utf8') === madeOf;
  if (!isMade || !names.every((name) => existsSync(fileOf(outdir, name)))) {
    const { outputFiles } = await esbuild.build(esbuildOptions(plan));
    for (const { path, contents } of outputFiles) replaceFile(path, contents);
    for (const name of names) removeAllBut(join(outdir, name), ['index.mjs']);
    const chunks = outputFiles
      .map(({ path }) => path)
      .filter((path) => dirname(path) === join(outdir, CHUNKS));
    removeAllBut(
      join(outdir, CHUNKS),
      chunks.map((path) => basename(path)),
    );
    removeAllBut(outdir, [...names, MADE_OF, ...(chunks.length > 0 ? [CHUNKS] : [])]);
    replaceFile(stamp, Buffer.from(madeOf));
  }
  return names.map((name) => ({
    name,
    directory: join(outdir, name),
    bytes: readFileSync(fileOf(outdir, name)).length,
  }));
}

const fileOf = (outdir: string, name: string): string => join(outdir, name, 'index.mjs');

interface Plan {
  readonly sources: string;
  readonly outdir: string;
  readonly sharesCode: boolean;
  readonly names: readonly string[];
  /** Every word of the sources. */
  readonly words: ReadonlySet<string>;
  readonly madeOf: string;
}

function planBundles({ sources, outdir, sharesCode = false }: BundleOptions): Plan {
  const directory = resolve(sources ?? join(PROJECT_DIRECTORY, 'lambdas'));
  const names = readdirSync(directory)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
  if (names.length === 0) throw new Error(`${directory} has no handler: found no .ts file in it`);
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort();
  const texts = files.map((file) => readFileSync(join(directory, file), 'utf8'));
  const hash = createHash('sha256').update(JSON.stringify([sharesCode, files, texts]));
  for (const path of ALSO.map((file) => join(PROJECT_DIRECTORY, file)).filter(existsSync))
    hash.update(readFileSync(path));
  return {
    sources: directory,
    outdir: resolve(outdir ?? join(PROJECT_DIRECTORY, 'dist/lambdas')),
    sharesCode,
    names,
    words: new Set(texts.flatMap((text) => text.match(/\w+/g) ?? [])),
    madeOf: hash.digest('hex'),
  };
}

/** All handlers share one call, because the SDK is then parsed once. One file each: Lambda loads it in one go. */
function esbuildOptions({ sources, outdir, sharesCode, names, words }: Plan) {
  return {
    absWorkingDir: PROJECT_DIRECTORY,
    entryPoints: names.map((name) => ({ in: join(sources, `${name}.ts`), out: join(name, 'index') })),
    outdir,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minify: true,
    mainFields: ['module', 'main'],
    splitting: sharesCode,
    chunkNames: `${CHUNKS}/[name]-[hash]`,
    outExtension: { '.js': '.mjs' },
    legalComments: 'none',
    plugins: [leaveOutCredentialProviders, trimSdk((word) => words.has(word))],
    logLevel: 'warning',
  } as const satisfies esbuild.BuildOptions;
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
