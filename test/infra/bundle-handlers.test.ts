/** What Lambda loads: every handler complete in its directory, small, and the same for the same sources. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { bundleHandlers, type HandlerBundle } from '../../infra/bundle-handlers.ts';
import { PROJECT_DIRECTORY } from '../../infra/project.ts';
import { filesBelow, temporaryDirectory, writeFile } from './files.ts';

// A limit for a machine that is busy with other tests, never a measure.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const STATIC_BYTES_MAX = 400_000;

describe('the bundles of the handlers', () => {
  const outdir = temporaryDirectory();
  let bundles: HandlerBundle[] = [];

  beforeAll(async () => {
    bundles = await bundleHandlers({ outdir });
  });

  it('are one file each, of one file in lambdas/', () => {
    const files = readdirSync(join(PROJECT_DIRECTORY, 'lambdas')).filter((file) => file.endsWith('.ts'));

    expect(bundles.map(({ name }) => name)).toEqual(files.map((file) => file.slice(0, -'.ts'.length)).sort());
    expect(bundles.flatMap(({ directory }) => readdirSync(directory))).toEqual(
      bundles.map(() => 'index.mjs'),
    );
  });

  it('load in a plain Node from their own directories, and export handler and create', () => {
    const urls = bundles.map(({ directory }) => pathToFileURL(join(directory, 'index.mjs')).href);
    const script = `for (const url of ${JSON.stringify(urls)}) console.log(Object.keys(await import(url)).sort().join());`;

    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });

    expect(printed.trim().split('\n')).toEqual(bundles.map(() => 'create,handler'));
  });

  it(`make Lambda load at most ${STATIC_BYTES_MAX} bytes at a cold start`, () => {
    const sizes = bundles.map(({ name, bytes }) => ({ name, bytes }));

    expect(sizes.filter(({ bytes }) => bytes > STATIC_BYTES_MAX)).toEqual([]);
    expect(Math.min(...sizes.map(({ bytes }) => bytes))).toBeGreaterThan(10_000);
  });

  it('hold nothing of the schema of the configuration, which was checked before the deployment', () => {
    const texts = [...filesBelow(outdir).values()];

    expect(texts.filter((text) => text.includes('a mapping with the key services'))).toEqual([]);
  });

  it('are the same bytes when they are made again elsewhere', async () => {
    const again = temporaryDirectory();

    await bundleHandlers({ outdir: again });

    expect(filesBelow(again)).toEqual(filesBelow(outdir));
  });

  it('leave nothing behind of what was there before', async () => {
    const used = temporaryDirectory();
    writeFile(join(used, 'renamed-step/index.mjs'), '');
    writeFile(join(used, 'sweep/chunks/old.mjs'), '');
    writeFile(join(used, '.made-of'), 'other sources');

    await bundleHandlers({ outdir: used });

    expect(filesBelow(used)).toEqual(filesBelow(outdir));
  });

  it('are made again when a source has changed, and only then', async () => {
    const [sources, made] = [temporaryDirectory(), temporaryDirectory()];
    const bundle = join(made, 'echo/index.mjs');
    writeFile(join(sources, 'echo.ts'), 'export const handler = 1;');
    await bundleHandlers({ sources, outdir: made });
    const first = readFileSync(bundle, 'utf8');
    writeFileSync(bundle, 'touched');

    await bundleHandlers({ sources, outdir: made });
    const untouched = readFileSync(bundle, 'utf8');
    writeFile(join(sources, 'echo.ts'), 'export const handler = 2;');
    await bundleHandlers({ sources, outdir: made });

    expect(untouched).toBe('touched');
    expect(readFileSync(bundle, 'utf8')).toBe(first.replace('1', '2'));
  });

  it('may share what they have in common, for a process that runs them all', async () => {
    const sources = temporaryDirectory();
    writeFile(join(sources, 'common/text.ts'), "export const text = 'said once';");
    for (const name of ['one', 'two'])
      writeFile(
        join(sources, `${name}.ts`),
        `import { text } from './common/text.ts'; export const handler = () => text + '${name}';`,
      );
    const shared = temporaryDirectory();

    const made = await bundleHandlers({ sources, outdir: shared, sharesCode: true });

    const texts = [...filesBelow(shared).values()];
    expect(texts.filter((text) => text.includes('said once'))).toHaveLength(1);
    const [one] = made;
    const { handler } = await import(pathToFileURL(join(one?.directory ?? '', 'index.mjs')).href);
    expect(handler()).toBe('said onceone');
  });

  it('cannot be made of a directory without handlers', async () => {
    await expect(bundleHandlers({ sources: temporaryDirectory() })).rejects.toThrow(/has no handler/);
  });
});

describe('a bundled SDK client', () => {
  const sources = join(PROJECT_DIRECTORY, 'test/infra/fixtures/handlers');

  /** What the bundled handler makes of an answer of the service. */
  async function errorFor(code: string): Promise<object> {
    const [bundle] = await bundleHandlers({ sources, outdir: temporaryDirectory() });
    const { handler } = await import(pathToFileURL(join(bundle?.directory ?? '', 'index.mjs')).href);
    const server = createServer((_, response) => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ __type: code, message: 'no such thing' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await handler({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    } finally {
      server.close();
    }
  }

  it('still names an error whose class was left out, with its message', async () => {
    expect(await errorFor('InvalidFilterKey')).toEqual({
      name: 'InvalidFilterKey',
      message: 'no such thing',
      fault: 'client',
      isNamed: false,
    });
  });

  it('keeps the class of an error that a handler mentions', async () => {
    expect(await errorFor('InvalidFilterOption')).toMatchObject({
      name: 'InvalidFilterOption',
      isNamed: true,
    });
  });
});
