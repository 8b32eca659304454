/** What a function URL hands over: who calls, by AWS's word, and what they ask. */
import { type Identity, identityOf } from '../decisions/identity.ts';
import { BadInput, CallerNotKnown } from './errors.ts';

export interface UrlRequest {
  readonly caller: Identity;
  readonly method: string;
  /** The body's JSON; undefined if there is none. */
  readonly body: unknown;
  readonly query: Readonly<Record<string, string>>;
}

interface UrlEvent {
  version?: unknown;
  requestContext?: {
    authorizer?: { iam?: { userArn?: unknown } | null } | null;
    http?: { method?: unknown };
  };
  queryStringParameters?: Record<string, string> | null;
  body?: unknown;
  isBase64Encoded?: unknown;
}

/**
 * @throws CallerNotKnown if the event is not of a function URL that authenticates with IAM; BadInput if its body is no JSON
 */
export function parseUrlEvent(event: unknown): UrlRequest {
  const { requestContext, queryStringParameters, body, isBase64Encoded } = (event ?? {}) as UrlEvent;
  const userArn = requestContext?.authorizer?.iam?.userArn;
  const method = requestContext?.http?.method;
  if (typeof userArn !== 'string' || userArn === '' || typeof method !== 'string') {
    throw new CallerNotKnown(
      'the call came without an identity by the word of AWS; call the function by its URL, with a signed request',
    );
  }
  return {
    caller: identityOf(userArn),
    method,
    body: parseBody(body, isBase64Encoded === true),
    query: queryStringParameters ?? {},
  };
}

function parseBody(body: unknown, isBase64: boolean): unknown {
  if (typeof body !== 'string' || body === '') return undefined;
  const text = isBase64 ? Buffer.from(body, 'base64').toString('utf8') : body;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BadInput(`the body is no JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
