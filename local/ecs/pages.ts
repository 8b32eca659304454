/** Cuts a list of ARNs into pages with opaque tokens. */
import { AwsError } from '../wire/aws-error.ts';

export interface PageRequest {
  maxResults?: number | undefined;
  nextToken?: string | undefined;
}

/**
 * One page and the token of the next. The token names the last entry given, so that entries which come or go between
 * two calls neither repeat nor hide others.
 * @throws AwsError `InvalidParameterException` for a foreign token or a size out of range
 */
export function pageOf(
  entries: readonly string[],
  request: PageRequest,
  sizeMax: number,
): { page: string[]; nextToken?: string } {
  const size = request.maxResults ?? sizeMax;
  if (size < 1 || size > 100) {
    throw new AwsError('InvalidParameterException', `maxResults is ${size}; allowed are 1 to 100`);
  }
  const start = request.nextToken === undefined ? 0 : entries.indexOf(decode(request.nextToken)) + 1;
  if (request.nextToken !== undefined && start === 0) {
    throw new AwsError('InvalidParameterException', 'Invalid token.');
  }
  const page = entries.slice(start, start + size);
  const last = page.at(-1);
  const hasMore = start + size < entries.length && last !== undefined;
  return { page, ...(hasMore ? { nextToken: Buffer.from(last).toString('base64') } : {}) };
}

const decode = (token: string): string => Buffer.from(token, 'base64').toString();
