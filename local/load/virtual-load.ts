/** Open-loop load on the virtual data plane: the same totals, in virtual time. */
import type { Clock } from '../clock/clock.ts';
import type { VirtualAnswer, VirtualPlane } from '../dataplane/virtual-plane.ts';
import type { LoadOutcome, LoadRun } from './load-run.ts';
import { startOpenLoop } from './open-loop.ts';

export interface VirtualLoadOptions {
  clock: Clock;
  plane: Pick<VirtualPlane, 'request'>;
  listenerPort: number;
  path?: string;
  host?: string;
  ratePerSecond: number;
  timeoutMs?: number;
  maxSeconds?: number;
  /** Which version made an answer; by default the `version` of a JSON body, or else the body itself. */
  versionOf?: (body: string) => string;
}

export function startVirtualLoad(options: VirtualLoadOptions): LoadRun {
  const {
    clock,
    plane,
    listenerPort,
    path = '/',
    host,
    ratePerSecond,
    timeoutMs = 10_000,
    maxSeconds = 600,
  } = options;
  const { versionOf = versionInBody } = options;
  const send = (): Promise<LoadOutcome> =>
    withLimit(clock, timeoutMs, async () =>
      judgeAnswer(await plane.request(listenerPort, { path, host }), versionOf),
    );
  return startOpenLoop({ clock, ratePerSecond, maxSeconds, timeoutMs, send });
}

function withLimit(clock: Clock, timeoutMs: number, send: () => Promise<LoadOutcome>): Promise<LoadOutcome> {
  return new Promise((resolve, reject) => {
    const reason = `no answer within ${timeoutMs} ms`;
    const limit = clock.setTimer(timeoutMs, () => resolve({ kind: 'failed', by: 'connection', reason }));
    send()
      .then(resolve, reject)
      .finally(() => limit.cancel());
  });
}

function judgeAnswer(
  { madeBy, statusCode, body }: VirtualAnswer,
  versionOf: (body: string) => string,
): LoadOutcome {
  if (madeBy === 'elb' && statusCode >= 500) {
    return { kind: 'failed', by: 'load balancer', reason: `${statusCode} from the load balancer` };
  }
  if (madeBy === 'nobody') return { kind: 'failed', by: 'connection', reason: body };
  return { kind: 'answered', statusCode, version: madeBy === 'elb' ? 'none' : versionOf(body) };
}

function versionInBody(body: string): string {
  try {
    const { version } = JSON.parse(body) as { version?: unknown };
    if (version !== undefined) return String(version);
  } catch {
    // Not every body is JSON.
  }
  return body || 'none';
}
