/** Carries an upgrade (WebSocket): asks the target for it, then joins the two connections until either ends. */
import { type IncomingMessage, request as requestTarget, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { addressOf } from '../routing.ts';
import type { CarriedRequest } from '../traffic-counters.ts';
import type { Flight } from './flights.ts';
import { toClient, toTarget } from './headers.ts';
import { errorPage, rawAnswer } from './own-answer.ts';
import type { Passage, TargetRoute } from './passage.ts';
import { createTimeLimits, type TimeLimits } from './time-limits.ts';

/** One upgraded connection, or the attempt at one. */
interface Tunnel {
  client: Duplex;
  route: TargetRoute;
  passage: Passage;
  limits: TimeLimits;
  answer?: CarriedRequest['answer'];
}

/** Chunks of a client that speaks before its upgrade is answered; then it has to wait. */
const HELD_CHUNKS_MAX = 16;

/** @param head what the client sent after its request. */
export function carryUpgrade(
  incoming: IncomingMessage,
  client: Duplex,
  head: Buffer,
  route: TargetRoute,
  passage: Passage,
): void {
  const tunnel: Tunnel = {
    client,
    route,
    passage,
    limits: createTimeLimits(passage.now, passage.idleTimeoutSeconds),
  };
  const upstream = requestTarget({
    agent: false,
    host: route.target.host,
    port: route.target.port,
    method: incoming.method,
    path: incoming.url,
    headers: [
      ...toTarget(incoming, passage.entrance),
      'Connection',
      'Upgrade',
      'Upgrade',
      incoming.headers.upgrade ?? '',
    ],
  });
  trackFlight(tunnel, () => upstream.destroy());
  upstream.on('socket', (socket) => socket.once('connect', tunnel.limits.connected));
  const takeHeld = holdEarly(client, head);
  upstream.on('upgrade', (answer, target, early) => join(tunnel, answer, target, [takeHeld(), early]));
  upstream.on('response', (answer) => passRefusal(tunnel, answer));
  upstream.on('error', () => fail(tunnel, 502));
  upstream.end();
}

function trackFlight(tunnel: Tunnel, abandon: () => void): void {
  const { passage, route, client, limits } = tunnel;
  const flight: Flight = {
    targetGroupArn: route.targetGroupArn,
    target: addressOf(route.target),
    cut: () => fail(tunnel, 502),
    checkTime: (nowMs) => {
      if (limits.isOver(nowMs)) fail(tunnel, 504);
    },
  };
  passage.flights.add(flight);
  client.on('close', () => {
    passage.flights.remove(flight);
    abandon();
    const { loadBalancerArn } = passage;
    passage.counters.count({
      loadBalancerArn,
      targetGroupArn: route.targetGroupArn,
      reachedTarget: true,
      answer: tunnel.answer,
    });
  });
}

/**
 * Keeps what the client sends before the target has answered, for that answer's sake, and lets a client that
 * leaves meanwhile go: an upgraded socket that nobody reads would not notice.
 * @returns takes what was kept; from then on the caller reads.
 */
function holdEarly(client: Duplex, head: Buffer): () => Buffer {
  const held = [head];
  const hold = (chunk: Buffer): void => {
    held.push(chunk);
    if (held.length > HELD_CHUNKS_MAX) client.pause();
  };
  const leave = (): void => void client.destroy();
  client.on('data', hold);
  client.on('end', leave);
  return () => {
    client.off('data', hold);
    client.off('end', leave);
    return Buffer.concat(held);
  };
}

function join(
  tunnel: Tunnel,
  answer: IncomingMessage,
  target: Duplex,
  [head, early]: [Buffer, Buffer],
): void {
  const { client, limits, route } = tunnel;
  tunnel.answer = { statusCode: 101, madeBy: 'target' };
  const upgraded = ['Connection', 'Upgrade', 'Upgrade', answer.headers.upgrade ?? 'websocket'];
  client.write(rawHead(answer, [...toClient(answer, route.setCookies), ...upgraded]));
  client.write(early);
  target.write(head);
  for (const [from, to] of [
    [client, target],
    [target, client],
  ] as const) {
    from.on('data', limits.touch);
    from.on('error', () => {});
    from.on('close', () => to.destroy());
    from.on('end', () => to.end(() => to.destroy()));
    from.pipe(to, { end: false });
  }
}

/** The target answers the request instead of upgrading: the answer passes, then the connection closes. */
function passRefusal(tunnel: Tunnel, answer: IncomingMessage): void {
  tunnel.answer = { statusCode: answer.statusCode ?? 502, madeBy: 'target' };
  tunnel.client.write(rawHead(answer, [...toClient(answer, tunnel.route.setCookies), 'Connection', 'close']));
  answer.on('error', () => tunnel.client.destroy());
  answer.pipe(tunnel.client);
}

function rawHead(answer: IncomingMessage, headers: readonly string[]): string {
  const status = answer.statusCode ?? 502;
  const lines = [`HTTP/1.1 ${status} ${answer.statusMessage ?? STATUS_CODES[status] ?? ''}`];
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function fail(tunnel: Tunnel, statusCode: number): void {
  const { client, answer } = tunnel;
  if (client.destroyed) return;
  if (answer) client.destroy();
  else {
    tunnel.answer = { statusCode, madeBy: 'elb' };
    client.end(rawAnswer(errorPage(statusCode)), () => client.destroy());
  }
}
