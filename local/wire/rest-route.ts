/** Finds a REST operation, and its path labels, by method and path. */
import type { Operation } from './service-model.ts';

export interface RestRoute {
  readonly operation: Operation;
  readonly labels: Readonly<Record<string, string>>;
}

/** @returns the operation with the most literal pattern that fits, or undefined. */
export function findRestRoute(
  operations: Iterable<Operation>,
  method: string,
  path: string,
  query: string,
): RestRoute | undefined {
  const segments = segmentsOf(path);
  let best: { route: RestRoute; literals: number } | undefined;
  for (const operation of operations) {
    const [ofMethod, pattern] = operation.traits.http ?? [];
    if (ofMethod !== method || pattern === undefined || !hasLiteralQuery(pattern, query)) continue;
    const labels = matchLabels(segmentsOf(pathOf(pattern)), segments);
    const literals =
      segmentsOf(pathOf(pattern)).filter((segment) => !isLabel(segment)).length + literalQuery(pattern).size;
    if (labels && (!best || literals > best.literals)) best = { route: { operation, labels }, literals };
  }
  return best?.route;
}

const pathOf = (pattern: string): string => pattern.split('?')[0] ?? '';
const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '');
const isLabel = (segment: string): boolean => segment.startsWith('{');

/** What a pattern asks of the query string (`/layers?find=LayerVersion`). */
export function literalQuery(pattern: string): URLSearchParams {
  return new URLSearchParams(pattern.split('?')[1] ?? '');
}

function hasLiteralQuery(pattern: string, query: string): boolean {
  const given = new URLSearchParams(query);
  return [...literalQuery(pattern)].every(([name, value]) => given.get(name) === value);
}

/** `{Name}` takes one segment, `{Name+}` all that remain before what follows it. */
function matchLabels(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const greedyAt = pattern.findIndex((segment) => segment.endsWith('+}'));
  if (greedyAt < 0 ? pattern.length !== segments.length : pattern.length > segments.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    const extra = greedyAt >= 0 && at >= greedyAt ? segments.length - pattern.length : 0;
    const from = at > greedyAt ? at + extra : at;
    const text = segments.slice(from, (at === greedyAt ? at + extra : from) + 1).join('/');
    if (!isLabel(part) && part !== text) return undefined;
    if (!isLabel(part)) continue;
    const label = decodeLabel(text);
    if (label === undefined) return undefined;
    labels[part.replace(/[{}+]/g, '')] = label;
  }
  return labels;
}

/** @returns undefined if `text` is no percent-encoding (`%zz`). */
function decodeLabel(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
