/** The page about the configuration says what the code does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderConfigurationSchema } from '../../infra/configuration-schema.ts';
import { PROJECT_DIRECTORY } from '../../infra/project.ts';
import { parseConfiguration } from '../../lambdas/common/configuration.ts';

const page = (name: string): string => readFileSync(join(PROJECT_DIRECTORY, 'docs', name), 'utf8');

/** Every key that a schema allows, at any depth. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {} } = schema as { properties?: object };
  return [...Object.keys(properties), ...Object.values(schema).flatMap(keysOf)];
}

/** The page's YAML, each under its heading; what is no whole file is put into the service of the first. */
function examples(): { heading: string; document: unknown }[] {
  const sections = page('configuration.md').split(/^##+ /m);
  const blocks = sections.flatMap((section) =>
    [...section.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => ({
      heading: section.slice(0, section.indexOf('\n')),
      value: parse(text),
    })),
  );
  const [first] = blocks;
  return blocks.map(({ heading, value }) => ({
    heading,
    document: value.services
      ? value
      : { services: { orders: { ...first?.value.services.orders, ...value } } },
  }));
}

describe('docs/configuration.md', () => {
  it('names every key of the configuration', () => {
    const text = page('configuration.md');
    const keys = [
      ...new Set(keysOf(JSON.parse(renderConfigurationSchema()).properties.services.additionalProperties)),
    ];

    expect(keys.length).toBeGreaterThan(20);
    expect(keys.filter((key) => !text.includes(`${key}\``) && !text.includes(`\`{ ${key}:`))).toEqual([]);
  });

  it.each(examples())('shows what can be copied: $heading', ({ document }) => {
    expect(parseConfiguration(document).services).toHaveLength(1);
  });

  it('has an example of every strategy', () => {
    const types = examples().map(({ document }) => parseConfiguration(document).services[0]?.strategy.type);

    expect([...new Set(types)].sort()).toEqual(
      ['all-at-once', 'canary', 'linear', 'native', 'recreate', 'rolling', 'steps'].sort(),
    );
  });
});

describe.each(['checks.md', 'migration.md'])('docs/%s', (name) => {
  it('begins with a service that can be copied', () => {
    const [, example = ''] = page(name).match(/```yaml\n([\s\S]*?)```/) ?? [];

    expect(parseConfiguration(parse(example)).services).toHaveLength(1);
  });
});
