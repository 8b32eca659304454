/** Whether an answer passes an HTTP check. Of the body only what the check names is told: it may hold secrets. */
import type { HttpCheck } from '../common/service.ts';

export interface AnswerFacts {
  readonly statusCode: number;
  readonly body: string;
  readonly durationMs: number;
}

/** @returns why the answer does not pass; undefined if it does */
export function judgeAnswer(
  { status, contains, json, latencyMs }: HttpCheck,
  { statusCode, body, durationMs }: AnswerFacts,
): string | undefined {
  if (statusCode !== status) return `answered ${statusCode}; expected ${status}`;
  if (latencyMs !== undefined && durationMs > latencyMs)
    return `answered after ${Math.ceil(durationMs)} ms; allowed are ${latencyMs} ms`;
  if (contains !== undefined && !body.includes(contains))
    return `answered without ${JSON.stringify(contains)} in its body`;
  return json && judgeJson(json, body);
}

function judgeJson(expected: NonNullable<HttpCheck['json']>, body: string): string | undefined {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return 'answered with a body that is no JSON';
  }
  for (const [pointer, value] of Object.entries(expected)) {
    const found = at(document, pointer);
    if (found === value) continue;
    const place = pointer === '' ? 'its body' : pointer;
    return `answered with ${kindOf(found, value)} at ${place}; expected ${JSON.stringify(value)}`;
  }
  return undefined;
}

/** What a JSON pointer (RFC 6901) points to; undefined if it points to nothing. */
function at(document: unknown, pointer: string): unknown {
  const tokens = pointer.split('/').slice(1);
  return tokens.reduce<unknown>((value, token) => {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined;
    if (typeof value !== 'object' || value === null) return undefined;
    return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }, document);
}

function kindOf(found: unknown, expected: unknown): string {
  if (found === undefined) return 'nothing';
  if (found === null) return 'null';
  if (Array.isArray(found)) return 'a list';
  return typeof found === typeof expected ? `another ${typeof found}` : `a ${typeof found}`;
}
