/** One HTTP request to a load balancer and to nothing else: the one way by which a handler reaches what is not AWS. */
import { lookup as resolve } from 'node:dns';
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { refusedAddress } from './addresses.ts';
import type { HttpAnswer, HttpOrigin, HttpRequest } from './runtime.ts';

/** Characters of a body that are looked at; the rest is not read. */
const BODY_MAX = 65_536;

/** One path, perhaps with a query, of visible ASCII: nothing in it can begin another line, or name another host. */
const PATH = /^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/;

export interface HttpPorts {
  readonly now: () => number;
  /** Aborts after so many milliseconds. */
  readonly limit: (ms: number) => AbortSignal;
  /** Whether load balancers are on this machine, as in the local cloud. */
  readonly isLocal: boolean;
}

/**
 * Connects to the origin, whatever the host header says. Redirects are answers like any other.
 * @throws Error if there is no answer within the time-out, or the request could reach anything but a load balancer
 */
export async function sendHttp(
  { origin, method, path, headers, timeoutMs }: HttpRequest,
  { now, limit, isLocal }: HttpPorts,
): Promise<HttpAnswer> {
  if (!PATH.test(path)) throw new Error(`the path ${JSON.stringify(path)} is not one of a check`);
  const guard = isLocal ? {} : guardFor(origin);
  const startedAtMs = now();
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = origin.isTls ? requestTls : requestPlain;
    const outgoing = send({
      ...guard,
      host: origin.host,
      port: origin.port,
      // The certificate is the one of the host that the rule asks for, not of the load balancer's own name.
      ...(origin.isTls && { servername: (headers.host ?? origin.host).replace(/:\d+$/, '') }),
      method,
      path,
      headers,
      agent: false,
      signal: limit(timeoutMs),
    });
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
    outgoing.end();
  });
  const body = await readBody(incoming);
  return { statusCode: incoming.statusCode ?? 0, body, durationMs: now() - startedAtMs };
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  let body = '';
  incoming.setEncoding('utf8');
  for await (const chunk of incoming) {
    body += chunk;
    if (body.length >= BODY_MAX) break;
  }
  return body.slice(0, BODY_MAX);
}

/** The addresses are judged where they are connected to: between a look and the connection a name could change. */
function guardFor({ host, isInternal }: HttpOrigin): { lookup: LookupFunction } {
  // A host that is an address already is not looked up.
  const refused = isIP(host) ? refusedAddress(host, isInternal) : undefined;
  if (refused) throw new Error(refused);
  const lookup: LookupFunction = (name, options, callback) => {
    resolve(name, { ...options, all: true }, (error, found) => {
      const reason = found?.map(({ address }) => refusedAddress(address, isInternal)).find(Boolean);
      const [first] = found ?? [];
      if (error || reason || !first)
        callback(error ?? new Error(`${name}: ${reason ?? 'no address'}`), '', 0);
      else if (options.all) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
  return { lookup };
}
