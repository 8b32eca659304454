/** One HTTP listener of the proxy: a port on loopback, whose requests are routed and carried. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Server } from 'node:net';
import type { Duplex } from 'node:stream';
import type { PlaneListener } from '../data-plane.ts';
import type { Route, RouteRequest, Router } from '../routing.ts';
import { answerItself, carry } from './exchange.ts';
import { errorPage, type OwnAnswer, ownAnswer, rawAnswer } from './own-answer.ts';
import type { Passage } from './passage.ts';
import { carryUpgrade } from './tunnel.ts';

/** A listener that holds its port. Reconfiguring its load balancer does not touch its connections. */
export interface OpenListener {
  reconfigure(listener: PlaneListener, idleTimeoutSeconds: number): void;
  /** Accepts nothing more; requests in flight finish. */
  close(): void;
  /** Cuts every connection too. */
  destroy(): void;
}

/** What a listener needs of its load balancer. */
export type Surroundings = Omit<Passage, 'entrance' | 'idleTimeoutSeconds'> & { router: Router };

/** Binds the port. Rejects with the socket's own error (EADDRINUSE, EACCES) if it cannot. */
export async function openListener(
  listener: PlaneListener,
  idleTimeoutSeconds: number,
  surroundings: Surroundings,
): Promise<OpenListener> {
  const server = createServer({ requestTimeout: 0 });
  let passage = passageOf(listener, idleTimeoutSeconds, surroundings);
  const reconfigure: OpenListener['reconfigure'] = (next, idleSeconds) => {
    passage = passageOf(next, idleSeconds, surroundings);
    server.keepAliveTimeout = idleSeconds * 1000;
  };
  reconfigure(listener, idleTimeoutSeconds);
  server.on('request', (incoming, outgoing) => handle(incoming, outgoing, surroundings.router, passage));
  server.on('upgrade', (incoming, client, head) =>
    handleUpgrade(incoming, client, head, surroundings.router, passage),
  );
  server.on('clientError', (_error, client) => refuseMalformed(client));
  await listen(server, listener.port);
  return {
    reconfigure,
    close: () => server.close(),
    destroy: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function passageOf(
  { port, protocol }: PlaneListener,
  idleTimeoutSeconds: number,
  surroundings: Surroundings,
): Passage {
  return {
    ...surroundings,
    idleTimeoutSeconds,
    entrance: { port, protocol: protocol === 'https' ? 'https' : 'http' },
  };
}

/** Binds a port of loopback. Rejects with the socket's own error. */
export function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

function handle(incoming: IncomingMessage, outgoing: ServerResponse, router: Router, passage: Passage): void {
  const route = router.route(passage.entrance.port, toRouteRequest(incoming));
  outgoing.on('error', () => {});
  if (route.kind === 'target') carry(incoming, outgoing, route, passage);
  else answerItself(outgoing, answerWithoutTarget(route, passage));
}

function handleUpgrade(
  incoming: IncomingMessage,
  client: Duplex,
  head: Buffer,
  router: Router,
  passage: Passage,
): void {
  const route = router.route(passage.entrance.port, toRouteRequest(incoming));
  client.on('error', () => {});
  if (route.kind === 'target') carryUpgrade(incoming, client, head, route, passage);
  else client.end(rawAnswer(answerWithoutTarget(route, passage)));
}

function answerWithoutTarget(
  route: Exclude<Route, { kind: 'target' }>,
  { loadBalancerArn, counters }: Passage,
): OwnAnswer {
  const answer = ownAnswerFor(route);
  const targetGroupArn = route.kind === 'unavailable' ? route.targetGroupArn : undefined;
  const { statusCode } = answer;
  counters.count({
    loadBalancerArn,
    targetGroupArn,
    reachedTarget: false,
    answer: { statusCode, madeBy: 'elb' },
  });
  return answer;
}

function ownAnswerFor(route: Exclude<Route, { kind: 'target' }>): OwnAnswer {
  if (route.kind === 'unavailable') return errorPage(503);
  if (route.kind === 'fixed-response') return ownAnswer(route.statusCode, route.body, route.contentType);
  const answer = ownAnswer(route.statusCode);
  return { ...answer, headers: { ...answer.headers, Location: route.location } };
}

function toRouteRequest(incoming: IncomingMessage): RouteRequest {
  const [path = '/', query = ''] = splitOnce(incoming.url ?? '/', '?');
  return {
    method: incoming.method ?? 'GET',
    path,
    query,
    host: incoming.headers.host ?? '',
    sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
    header: (name) => incoming.headers[name]?.toString(),
  };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function refuseMalformed(client: Duplex): void {
  if (client.writable) client.end(rawAnswer(errorPage(400)));
  else client.destroy();
}
