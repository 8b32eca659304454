/** Header lists on their way through the load balancer: hop-by-hop ones stay behind, X-Forwarded ones come in. */
import type { IncomingMessage } from 'node:http';

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);
const FORWARDED = new Set(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-port']);

/** The side of the listener that a request came in by. */
export interface Entrance {
  port: number;
  protocol: 'http' | 'https';
}

/** Headers for the target, as a flat list of names and values, in the client's own order and case. */
export function toTarget(request: IncomingMessage, entrance: Entrance): string[] {
  const headers = endToEnd(request, FORWARDED);
  const before = request.headers['x-forwarded-for'];
  const client = request.socket.remoteAddress ?? '127.0.0.1';
  if (!request.headers.host) headers.push('Host', `127.0.0.1:${entrance.port}`);
  headers.push('X-Forwarded-For', before ? `${String(before)}, ${client}` : client);
  headers.push('X-Forwarded-Proto', entrance.protocol, 'X-Forwarded-Port', String(entrance.port));
  return headers;
}

/** How the body of a request travels on: its length is kept; a chunked one stays chunked. */
export function bodyHeaders(request: IncomingMessage): string[] {
  if (request.headers['transfer-encoding']) return ['Transfer-Encoding', 'chunked'];
  const mayHaveBody = !['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'].includes(request.method ?? 'GET');
  return mayHaveBody && request.headers['content-length'] === undefined ? ['Content-Length', '0'] : [];
}

/** Headers for the client: the target's own, and the load balancer's cookies. */
export function toClient(answer: IncomingMessage, setCookies: readonly string[]): string[] {
  const headers = endToEnd(answer);
  for (const cookie of setCookies) headers.push('Set-Cookie', cookie);
  return headers;
}

function endToEnd(message: IncomingMessage, without?: ReadonlySet<string>): string[] {
  const named = connectionTokens(message);
  const headers: string[] = [];
  for (let i = 0; i + 1 < message.rawHeaders.length; i += 2) {
    const name = message.rawHeaders[i] as string;
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || without?.has(lower) || named?.includes(lower)) continue;
    headers.push(name, message.rawHeaders[i + 1] as string);
  }
  return headers;
}

/** The Connection header may name further headers that are meant for one hop only. */
function connectionTokens(message: IncomingMessage): string[] | undefined {
  const connection = message.headers.connection;
  if (!connection || connection === 'keep-alive' || connection === 'close') return undefined;
  return connection.split(',').map((token) => token.trim().toLowerCase());
}
