/** Carries one request to a target and the answer back, streaming both, with an ALB's answers when the target fails. */
import {
  type ClientRequest,
  type IncomingMessage,
  request as requestTarget,
  type ServerResponse,
} from 'node:http';
import { addressOf } from '../routing.ts';
import type { CarriedRequest } from '../traffic-counters.ts';
import type { Flight } from './flights.ts';
import { bodyHeaders, toClient, toTarget } from './headers.ts';
import { errorPage, type OwnAnswer } from './own-answer.ts';
import type { Passage, TargetRoute } from './passage.ts';
import { createTimeLimits, type TimeLimits } from './time-limits.ts';

/** What one exchange's parts share. */
interface Exchange {
  passage: Passage;
  route: TargetRoute;
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  upstream: ClientRequest;
  limits: TimeLimits;
  sentMs: number;
  outcome: Pick<CarriedRequest, 'answer' | 'responseSeconds'>;
}

export function carry(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  route: TargetRoute,
  passage: Passage,
): void {
  const limits = createTimeLimits(passage.now, passage.idleTimeoutSeconds);
  const upstream = openUpstream(incoming, route, passage);
  const exchange: Exchange = {
    passage,
    route,
    incoming,
    outgoing,
    upstream,
    limits,
    sentMs: passage.now(),
    outcome: {},
  };
  trackFlight(exchange);
  watchConnect(upstream, limits);
  upstream.on('response', (answer) => passAnswer(exchange, answer));
  upstream.on('error', () => fail(exchange, 502));
  sendBody(exchange);
}

function openUpstream(incoming: IncomingMessage, route: TargetRoute, passage: Passage): ClientRequest {
  return requestTarget({
    agent: passage.pool.agentFor(addressOf(route.target)),
    host: route.target.host,
    port: route.target.port,
    method: incoming.method,
    path: incoming.url,
    headers: [...toTarget(incoming, passage.entrance), ...bodyHeaders(incoming)],
  });
}

/** In flight until the client has its answer or is gone; what became of it is counted then. */
function trackFlight(exchange: Exchange): void {
  const { passage, route, outgoing, upstream, limits, outcome } = exchange;
  const flight: Flight = {
    targetGroupArn: route.targetGroupArn,
    target: addressOf(route.target),
    cut: () => fail(exchange, 502),
    checkTime: (nowMs) => {
      if (limits.isOver(nowMs)) fail(exchange, exchange.incoming.complete ? 504 : 408);
    },
  };
  passage.flights.add(flight);
  outgoing.on('close', () => {
    passage.flights.remove(flight);
    if (!outgoing.writableFinished) upstream.destroy();
    const { loadBalancerArn } = passage;
    passage.counters.count({
      loadBalancerArn,
      targetGroupArn: route.targetGroupArn,
      reachedTarget: true,
      ...outcome,
    });
  });
}

function watchConnect(upstream: ClientRequest, limits: TimeLimits): void {
  upstream.on('socket', (socket) => {
    if (socket.connecting) socket.once('connect', limits.connected);
    else limits.connected();
  });
}

function sendBody({ incoming, upstream, limits }: Exchange): void {
  const hasBody =
    incoming.headers['transfer-encoding'] !== undefined || Number(incoming.headers['content-length']) > 0;
  if (!hasBody) {
    upstream.end();
    return;
  }
  incoming.on('data', limits.touch);
  incoming.pipe(upstream);
}

function passAnswer(exchange: Exchange, answer: IncomingMessage): void {
  const { outgoing, limits, outcome, passage, route } = exchange;
  if (outgoing.headersSent || outgoing.destroyed) {
    answer.destroy();
    return;
  }
  const statusCode = answer.statusCode ?? 502;
  outcome.answer = { statusCode, madeBy: 'target' };
  outcome.responseSeconds = (passage.now() - exchange.sentMs) / 1000;
  outgoing.writeHead(statusCode, answer.statusMessage, toClient(answer, route.setCookies));
  answer.on('data', limits.touch);
  answer.on('error', () => {});
  answer.on('close', () => {
    // A body that breaks off, shorter than its content-length, counts as 504, as on an ALB.
    if (!answer.complete) fail(exchange, 504);
  });
  answer.pipe(outgoing);
}

/** Ends an exchange as the load balancer's: with its own answer, or, if the target's has begun, by breaking off. */
function fail({ incoming, outgoing, upstream, outcome }: Exchange, statusCode: number): void {
  if (outgoing.writableEnded || outgoing.destroyed) return;
  outcome.answer = { statusCode, madeBy: 'elb' };
  if (outgoing.headersSent) outgoing.destroy();
  else answerItself(outgoing, errorPage(statusCode));
  // What the client still sends is read and dropped, so that its connection can carry the next request.
  incoming.unpipe(upstream);
  incoming.resume();
  upstream.destroy();
}

/** Sends an answer of the load balancer's own. */
export function answerItself(outgoing: ServerResponse, { statusCode, headers, body }: OwnAnswer): void {
  outgoing.writeHead(statusCode, headers);
  outgoing.end(body);
}
