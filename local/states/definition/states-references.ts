/** Finds what an expression reads of `$states`, in jsonata's syntax tree. */
import { isObject } from '../json.ts';

/** The names that follow `$states.` anywhere in a tree. A bare `$states` is not one. */
export function statesFieldsOf(ast: unknown): Set<string> {
  const found = new Set<string>();
  visit(ast, found, new Set());
  return found;
}

function visit(node: unknown, found: Set<string>, seen: Set<unknown>): void {
  if (typeof node !== 'object' || node === null || seen.has(node)) return;
  seen.add(node);
  const name = statesField(node);
  if (name !== undefined) found.add(name);
  for (const child of Object.values(node)) visit(child, found, seen);
}

function statesField(node: unknown): string | undefined {
  const [head, next] = (isObject(node) && Array.isArray(node.steps) ? node.steps : []) as {
    type?: string;
    value?: string;
  }[];
  if (head?.type !== 'variable' || head.value !== 'states' || next?.type !== 'name') return undefined;
  return next.value;
}
