/** The example configuration, with changes to its one service: what scenarios and tests deploy that need another strategy. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../paths.ts';

/** The service of the example that changes are made to. */
const SERVICE = 'orders';

export const exampleConfigurationPath = (): string => join(packageRoot(), 'sidestep.yaml');

/**
 * The example's document, as sidestep.yaml would have it.
 * @param changes part of a service, as sidestep.yaml writes it: mappings are merged at every depth, any other value replaces
 *   the one that is there, and undefined removes it.
 * @param others services beside it, by name, whole
 */
export function exampleConfiguration(
  changes: Readonly<Record<string, unknown>> = {},
  others: Readonly<Record<string, unknown>> = {},
): { services: Record<string, unknown> } {
  const document = parse(readFileSync(exampleConfigurationPath(), 'utf8'));
  return { ...document, services: { [SERVICE]: merge(document.services[SERVICE], changes), ...others } };
}

function merge(value: unknown, change: unknown): unknown {
  if (!isMapping(change)) return change;
  const merged = isMapping(value) ? { ...value } : {};
  for (const [key, changed] of Object.entries(change)) {
    if (changed === undefined) delete merged[key];
    else merged[key] = merge(merged[key], changed);
  }
  return merged;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
