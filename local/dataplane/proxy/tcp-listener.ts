/** One TCP listener of the proxy: each connection goes to one target by weight, and is joined with it both ways. */
import { connect, createServer, type Socket } from 'node:net';
import type { FlowEnd, PlaneListener } from '../data-plane.ts';
import type { CountedFlow } from '../flow-counters.ts';
import { addressOf, type RouteRequest } from '../routing.ts';
import type { Flight } from './flights.ts';
import { listen, type OpenListener, type Surroundings } from './listener.ts';
import type { TargetRoute } from './passage.ts';
import { createTimeLimits, type TimeLimits } from './time-limits.ts';

/** A connection of a client, and its other half. */
interface Connection {
  client: Socket;
  target: Socket;
  limits: TimeLimits;
  flow: CountedFlow;
}

/** Binds the port. Rejects with the socket's own error (EADDRINUSE, EACCES) if it cannot. */
export async function openTcpListener(
  listener: PlaneListener,
  idleTimeoutSeconds: number,
  surroundings: Surroundings,
): Promise<OpenListener> {
  const clients = new Set<Socket>();
  let idleSeconds = idleTimeoutSeconds;
  // Either side may say that it has no more to send, and still listen.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.on('error', () => {});
    accept(client, listener, idleSeconds, surroundings);
  });
  await listen(server, listener.port);
  return {
    reconfigure: (_listener, nextIdleSeconds) => {
      idleSeconds = nextIdleSeconds;
    },
    close: () => server.close(),
    destroy: () => {
      server.close();
      for (const client of clients) client.destroy();
    },
  };
}

/** Without a target the connection is reset at once. */
function accept(
  client: Socket,
  { arn, port }: PlaneListener,
  idleSeconds: number,
  surroundings: Surroundings,
): void {
  const { router, flows, loadBalancerArn } = surroundings;
  const route = router.route(port, connectionRequest(client));
  const flow = flows.open(loadBalancerArn);
  if (route.kind === 'target') carry({ client, flow, route, listenerArn: arn, idleSeconds }, surroundings);
  else breakOff({ client, flow }, 'elb');
}

/** Nothing is known of a connection but where it comes from. */
function connectionRequest(client: Socket): RouteRequest {
  const sourceIp = client.remoteAddress ?? '127.0.0.1';
  return { method: '', path: '', query: '', host: '', sourceIp, header: () => undefined };
}

interface Accepted {
  client: Socket;
  flow: CountedFlow;
  route: TargetRoute;
  listenerArn: string;
  idleSeconds: number;
}

function carry(
  { client, flow, route, listenerArn, idleSeconds }: Accepted,
  { flights, now }: Surroundings,
): void {
  const { host, port } = route.target;
  const limits = createTimeLimits(now, idleSeconds);
  const target = connect({ host, port, allowHalfOpen: true, noDelay: true }, limits.connected);
  const connection: Connection = { client, target, limits, flow };
  const flight: Flight = {
    listenerArn,
    targetGroupArn: route.targetGroupArn,
    target: addressOf(route.target),
    cut: () => breakOff(connection, 'elb'),
    checkTime: (nowMs) => {
      if (limits.isOver(nowMs)) breakOff(connection, 'elb');
    },
  };
  flights.add(flight);
  pass(client, target, connection, 'client');
  pass(target, client, connection, 'target');
  client.on('close', () => {
    flights.remove(flight);
    flow.end();
    target.destroySoon();
  });
}

/** Passes on what one side sends, its end, and its breaking off. */
function pass(from: Socket, to: Socket, connection: Connection, sender: FlowEnd): void {
  from.on('data', (chunk: Buffer) => {
    connection.limits.touch();
    connection.flow.moved(chunk.length);
  });
  from.on('error', () => breakOff(connection, sender));
  from.on('close', () => {
    if (!to.writableEnded) to.destroySoon();
  });
  from.pipe(to);
}

/** Both sides see a reset, as they would of a connection that the load balancer no longer knows. */
function breakOff(
  { client, target, flow }: Pick<Connection, 'client' | 'flow'> & { target?: Socket },
  by: FlowEnd,
): void {
  flow.end(by);
  for (const socket of [client, target]) {
    if (socket && !socket.destroyed) socket.resetAndDestroy();
  }
  // A reset waits for a target that is still being connected: nobody waits any more.
  target?.destroy();
}
