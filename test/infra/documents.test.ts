/** The pages about configuration and deployment say what the code does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderConfigurationSchema } from '../../infra/configuration-schema.ts';
import { PERMISSIONS, type Permission } from '../../infra/permissions.ts';
import { PROJECT_DIRECTORY } from '../../infra/project.ts';
import type { ServiceReach, StackReach } from '../../infra/reach.ts';
import { parseConfiguration } from '../../lambdas/common/configuration.ts';

const page = (name: string): string => readFileSync(join(PROJECT_DIRECTORY, 'docs', name), 'utf8');

/** Every key that a schema allows, at any depth. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {} } = schema as { properties?: object };
  return [...Object.keys(properties), ...Object.values(schema).flatMap(keysOf)];
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

  it('shows an example that is valid', () => {
    const [, example = ''] = page('configuration.md').match(/```yaml\n([\s\S]*?)```/) ?? [];

    expect(parseConfiguration(parse(example)).services).toHaveLength(1);
  });
});

describe('docs/deploy.md', () => {
  const isRead = (action: string) => /:(Describe|List|Get|Query|ConditionCheck)/.test(action);
  const actionsOf = (permission: Permission) =>
    'onStack' in permission
      ? permission.onStack({} as StackReach).actions
      : permission.onService({} as ServiceReach).actions;

  it.each(Object.entries(PERMISSIONS))('lists what %s may change', (handler, permissions) => {
    const actions = [...new Set(permissions.flatMap(actionsOf))].filter((action) => !isRead(action)).sort();

    expect(page('deploy.md')).toContain(
      `| \`${handler}\` | ${actions.map((action) => `\`${action}\``).join(', ')} |`,
    );
  });
});
