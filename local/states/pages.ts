/** Pages of a list that grows at its end: a token stands for a position, which later additions do not move. */
import { AwsError } from '../wire/aws-error.ts';

export interface Page<T> {
  items: T[];
  nextToken: string | undefined;
}

export interface PageRequest {
  /** What is listed: a token of another list is refused. */
  subject: string;
  /** The newest first. */
  reverse: boolean;
  maxResults: number | undefined;
  nextToken: string | undefined;
}

/** The size of a page for a maxResults of 0 or none. */
const PAGE_DEFAULT = 100;

/**
 * @param all from the oldest to the newest
 * @throws AwsError `InvalidToken`
 */
export function pageOf<T>(
  all: readonly T[],
  { subject, reverse, maxResults, nextToken }: PageRequest,
): Page<T> {
  const size = maxResults || PAGE_DEFAULT;
  const position = nextToken === undefined ? (reverse ? all.length : 0) : positionOf(nextToken, subject);
  const next = reverse ? Math.max(0, position - size) : Math.min(all.length, position + size);
  const items = reverse ? all.slice(next, position).reverse() : all.slice(position, next);
  const isLast = reverse ? next === 0 : next === all.length;
  return { items, nextToken: isLast ? undefined : tokenOf(next, subject) };
}

function tokenOf(position: number, subject: string): string {
  return Buffer.from(JSON.stringify([position, subject])).toString('base64');
}

function positionOf(token: string, subject: string): number {
  try {
    const [position, ofSubject] = JSON.parse(Buffer.from(token, 'base64').toString()) as [number, string];
    if (ofSubject === subject && Number.isInteger(position)) return position;
  } catch {
    // Garbage is as invalid as another list's token.
  }
  throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
}
