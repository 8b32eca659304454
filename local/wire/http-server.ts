/** The endpoint on a loopback port, for SDKs, the AWS CLI and boto3. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BODY_BYTES_MAX } from './create-endpoint.ts';
import type { Endpoint, WireRequest, WireResponse } from './endpoint.ts';
import { LOOPBACK_HOSTS } from './loopback.ts';

export interface HttpServer {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and ends every socket. */
  close(): Promise<void>;
}

/** Serves `endpoint` on 127.0.0.1, on a free port unless one is given. Rejects if the port is taken. */
export async function startHttpServer(
  endpoint: Endpoint,
  { port = 0 }: { port?: number } = {},
): Promise<HttpServer> {
  const server = createServer((incoming, outgoing) => void exchange(endpoint, incoming, outgoing));
  // Clients keep connections for longer than Node's five seconds; closing one under them loses a request.
  server.keepAliveTimeout = 0;
  await listen(server, port);
  const bound = (server.address() as AddressInfo).port;
  return { url: `http://127.0.0.1:${bound}`, port: bound, close: () => close(server) };
}

async function exchange(
  endpoint: Endpoint,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  // Cloud time may run faster than the wall: a date would make clients "correct" their clocks.
  outgoing.sendDate = false;
  try {
    const refused = refuse(incoming);
    if (refused) return send(outgoing, refused);
    const body = await readBody(incoming);
    if (!body) return send(outgoing, plain(413, `the request's body is larger than ${BODY_BYTES_MAX} bytes`));
    send(outgoing, await endpoint.handle(wireRequest(incoming, body)));
  } catch {
    // The client went away, or an interceptor lost the connection on purpose (ConnectionLost).
    incoming.socket.destroy();
  }
}

/** Only local programs may call: a page in a browser must not reach the local cloud, nor by another name. */
function refuse({ headers }: IncomingMessage): WireResponse | undefined {
  const host = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (!LOOPBACK_HOSTS.includes(host)) {
    return plain(403, `host is ${host || 'not given'}; allowed are ${LOOPBACK_HOSTS.join(', ')}`);
  }
  if (headers.origin !== undefined)
    return plain(403, `the request comes from a page of ${headers.origin}; none is allowed`);
  return undefined;
}

async function readBody(incoming: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += (chunk as Buffer).length;
    if (length <= BODY_BYTES_MAX) chunks.push(chunk as Buffer);
  }
  return length > BODY_BYTES_MAX ? undefined : Buffer.concat(chunks);
}

function wireRequest(incoming: IncomingMessage, body: Uint8Array): WireRequest {
  const [path = '/', query = ''] = (incoming.url ?? '/').split(/\?(.*)/s);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(', ')]);
  return { method: incoming.method ?? 'GET', path, query, headers: Object.fromEntries(headers), body };
}

function send(outgoing: ServerResponse, { statusCode, headers, body }: WireResponse): void {
  outgoing.writeHead(statusCode, { ...headers, 'content-length': body.length });
  outgoing.end(body);
}

function plain(statusCode: number, sentence: string): WireResponse {
  return { statusCode, headers: { 'content-type': 'text/plain' }, body: Buffer.from(`${sentence}\n`) };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
