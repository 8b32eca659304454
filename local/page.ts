/** Pages of a list, with opaque tokens as AWS's list operations give them. */
import type { AwsError } from './wire/aws-error.ts';

export interface Page<Element> {
  elements: Element[];
  /** Absent on the last page. */
  nextToken?: string;
}

/**
 * The page of at most `limit` elements that `token` asks for: the first one without a token.
 * @throws what `invalidToken` makes, for a token that no page gave.
 */
export function pageOf<Element>(
  elements: readonly Element[],
  limit: number,
  token: string | undefined,
  invalidToken: () => AwsError,
): Page<Element> {
  const from = token === undefined ? 0 : offsetOf(token);
  if (Number.isNaN(from)) throw invalidToken();
  const to = from + limit;
  return { elements: elements.slice(from, to), ...(to < elements.length && { nextToken: tokenOf(to) }) };
}

const tokenOf = (offset: number): string => Buffer.from(`page:${offset}`).toString('base64url');

function offsetOf(token: string): number {
  const match = /^page:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString());
  return match ? Number(match[1]) : Number.NaN;
}
