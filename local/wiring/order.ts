/** The order in which a template's resources come to exist: each after all that it refers to. */
import type { Template } from './template.ts';

/**
 * Sorts the logical ids so that a resource stands behind what it depends on, otherwise as in the template.
 * @throws Error that names the circle, if resources depend on each other.
 */
export function creationOrder(resources: Template['Resources']): string[] {
  const ordered = new Set<string>();
  const visit = (logicalId: string, above: readonly string[]): void => {
    if (ordered.has(logicalId)) return;
    if (above.includes(logicalId)) {
      throw new Error(`resources depend on each other: ${[...above, logicalId].join(' → ')}`);
    }
    for (const needed of dependenciesOf(logicalId, resources)) visit(needed, [...above, logicalId]);
    ordered.add(logicalId);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId, []);
  return [...ordered];
}

function dependenciesOf(logicalId: string, resources: Template['Resources']): string[] {
  const resource = resources[logicalId];
  if (!resource) return [];
  const named = [...resource.DependsOn, ...namesIn(resource.Properties)];
  return named.filter((name) => Object.hasOwn(resources, name));
}

/** Every name that a value's Ref, GetAtt and Sub could mean. */
function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, argument]) => {
    if (key === 'Ref') return [String(argument)];
    if (key === 'Fn::GetAtt')
      return [String(Array.isArray(argument) ? argument[0] : argument).split('.')[0] ?? ''];
    if (key === 'Fn::Sub')
      return [...namesInText(Array.isArray(argument) ? argument[0] : argument), ...namesIn(argument)];
    return namesIn(argument);
  });
}

function namesInText(text: unknown): string[] {
  return [...String(text).matchAll(/\$\{([^!}.][^}.]*)/g)].map(([, name = '']) => name);
}
