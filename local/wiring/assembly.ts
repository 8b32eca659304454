/** Reads a CDK cloud assembly: its one stack's template, and where its assets lie. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type Template, templateSchema } from './template.ts';

export interface Assembly {
  readonly stackName: string;
  readonly template: Template;
  /** Absolute paths by S3 object key: a directory for what would be zipped, else a file. */
  readonly assets: ReadonlyMap<string, string>;
}

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z
        .object({ templateFile: z.string().optional(), stackName: z.string().optional() })
        .optional(),
    }),
  ),
});

const assetsSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
  dockerImages: z.record(z.string(), z.unknown()).optional(),
});

/**
 * Reads `manifest.json`, the template and the assets manifest in `directory` (a `cdk.out`).
 * @throws Error that names the file, if it is missing or not as expected, or if there is more than one stack.
 */
export function readAssembly(directory: string): Assembly {
  const { artifacts } = readJson(join(directory, 'manifest.json'), manifestSchema);
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [stack, ...others] = stacks;
  if (!stack || others.length > 0) {
    throw new Error(`${directory} has ${stacks.length} stacks; the local cloud deploys an assembly of one`);
  }
  const [id, { properties }] = stack;
  return {
    stackName: properties?.stackName ?? id,
    template: readJson(join(directory, properties?.templateFile ?? `${id}.template.json`), templateSchema),
    assets: readAssets(directory, join(directory, `${id}.assets.json`)),
  };
}

function readAssets(directory: string, path: string): Map<string, string> {
  if (!existsSync(path)) return new Map();
  const { files, dockerImages } = readJson(path, assetsSchema);
  const [image] = Object.keys(dockerImages ?? {});
  if (image) throw new Error(`${path}: the local cloud has no Docker images as assets; found ${image}`);
  return new Map(
    Object.values(files).flatMap(({ source, destinations }) =>
      Object.values(destinations).map(
        ({ objectKey }) => [objectKey, resolve(directory, source.path)] as const,
      ),
    ),
  );
}

function readJson<S extends z.ZodType>(path: string, schema: S): z.output<S> {
  if (!existsSync(path)) throw new Error(`${path} is missing; \`npm run synth\` writes it`);
  const parsed = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(`${path} is not what CDK writes: ${z.prettifyError(parsed.error)}`);
}
