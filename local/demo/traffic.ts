/** The demo's users: an open-loop load on the production listener, begun as soon as anything serves there. */
import { request } from 'node:http';
import type { Clock } from '../clock/clock.ts';
import { type HttpLoadOptions, type LoadRun, type LoadTotals, startLoad } from '../load/index.ts';

export interface Traffic {
  /** Starts the load, unless it runs. */
  start(): void;
  snapshot(): LoadTotals;
  stop(): Promise<LoadTotals>;
}

const NOTHING_SENT: LoadTotals = {
  sent: 0,
  outstanding: 0,
  byVersion: {},
  failed: 0,
  failedByApplication: 0,
  failures: [],
  latencyMs: { p50: 0, p90: 0, p99: 0, max: 0 },
};

type Users = Pick<HttpLoadOptions, 'url' | 'path' | 'connections' | 'ratePerSecond'>;

/** @param wall a clock at factor 1 */
export function createTraffic(wall: Clock, users: Users): Traffic {
  let load: LoadRun | undefined;
  return {
    start() {
      load ??= startLoad({ clock: wall, ...users, maxSeconds: 600 });
    },
    snapshot: () => load?.snapshot() ?? NOTHING_SENT,
    stop: async () => (await load?.stop()) ?? NOTHING_SENT,
  };
}

/** Resolves to the status of one GET; 0 if there was no answer. */
export function statusOf(url: string): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(url, { agent: false, timeout: 2_000 }, (answer) => {
      answer.resume();
      answer.on('close', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(0));
    sent.end();
  });
}
