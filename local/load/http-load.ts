/** Open-loop load over real connections. */
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Clock } from '../clock/clock.ts';
import { createScaledClock } from '../clock/scaled-clock.ts';
import type { LoadOutcome, LoadRun } from './load-run.ts';
import { startOpenLoop } from './open-loop.ts';

/** The Server header of an answer that the load balancer made itself. */
const ELB_SERVER = /^awselb\//;

/** An idle connection is not used again after this time, well before a load balancer closes it. */
const IDLE_CONNECTION_MS = 5_000;

export interface HttpLoadOptions {
  /** A real clock if absent. */
  clock?: Clock;
  /** `http://127.0.0.1:8080` */
  url: string;
  /** With query; `/` if absent. Several are asked in turn. */
  path?: string | readonly string[];
  ratePerSecond: number;
  /** Whether requests share kept-alive connections (the default), or open one each. */
  connections?: 'kept' | 'new';
  /** Limit of each request, wall time. */
  timeoutMs?: number;
  /** The load ends by itself after this time, wall time. */
  maxSeconds?: number;
}

/** Starts sending GET requests, over as many kept-alive connections as the rate needs unless told otherwise. */
export function startLoad(options: HttpLoadOptions): LoadRun {
  const {
    clock = createScaledClock(),
    url,
    path = '/',
    ratePerSecond,
    connections = 'kept',
    timeoutMs = 10_000,
    maxSeconds = 600,
  } = options;
  const agent = new Agent({
    keepAlive: connections === 'kept',
    maxFreeSockets: 1024,
    timeout: IDLE_CONNECTION_MS,
  });
  const targets = [path].flat().map((one) => new URL(one, url));
  let ordinal = 0;
  const nextTarget = (): URL => targets[ordinal++ % targets.length] as URL;
  const run = startOpenLoop({
    clock,
    ratePerSecond,
    maxSeconds,
    timeoutMs,
    send: () => send({ agent, target: nextTarget(), clock, timeoutMs }),
  });
  return {
    snapshot: run.snapshot,
    stop: async () => {
      const totals = await run.stop();
      agent.destroy();
      return totals;
    },
  };
}

interface Sending {
  agent: Agent;
  target: URL;
  clock: Clock;
  timeoutMs: number;
}

function send({ agent, target, clock, timeoutMs }: Sending): Promise<LoadOutcome> {
  return new Promise((resolve) => {
    const { hostname: host, port, pathname, search } = target;
    const sent = request({ agent, host, port, path: `${pathname}${search}` });
    const limit = clock.setWallTimer(timeoutMs, () => {
      settle({ kind: 'failed', by: 'connection', reason: `no answer within ${timeoutMs} ms` });
      sent.destroy();
    });
    const settle = (outcome: LoadOutcome): void => {
      limit.cancel();
      resolve(outcome);
    };
    sent.on('error', ({ message }) => settle({ kind: 'failed', by: 'connection', reason: message }));
    sent.on('response', (answer) => {
      answer.resume();
      answer.on('error', () => {});
      answer.on('close', () => settle(judgeAnswer(answer)));
    });
    sent.end();
  });
}

function judgeAnswer({ complete, statusCode = 0, headers }: IncomingMessage): LoadOutcome {
  if (!complete) return { kind: 'failed', by: 'connection', reason: `the answer (${statusCode}) broke off` };
  if (ELB_SERVER.test(headers.server?.toString() ?? '') && statusCode >= 500) {
    return { kind: 'failed', by: 'load balancer', reason: `${statusCode} from the load balancer` };
  }
  return { kind: 'answered', statusCode, version: headers['x-version']?.toString() ?? 'none' };
}
