/** One health check of one target, on a connection of its own. */
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Clock } from '../../clock/clock.ts';
import type { HealthProbe, ProbeResult, TargetAddress } from '../data-plane.ts';

const USER_AGENT = 'ELB-HealthChecker/2.0';

/** Probes within `timeoutMs` of wall time. Never rejects. */
export function probeTarget({ target, path, timeoutMs }: HealthProbe, clock: Clock): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const limit = clock.setWallTimer(timeoutMs, () => settle({ reason: 'Target.Timeout' }));
    const settle = (result: ProbeResult): void => {
      limit.cancel();
      resolve(result);
      probe.destroy();
    };
    const probe = path === undefined ? knock(target, settle) : ask(target, path, settle);
    probe.on('error', () => settle({ reason: 'Target.FailedHealthChecks' }));
  });
}

function ask({ host, port }: TargetAddress, path: string, settle: (result: ProbeResult) => void) {
  const headers = { 'user-agent': USER_AGENT, connection: 'close' };
  const probe = request({ agent: false, host, port, path, headers });
  probe.on('response', ({ statusCode }) => settle({ statusCode }));
  probe.end();
  return probe;
}

function knock({ host, port }: TargetAddress, settle: (result: ProbeResult) => void) {
  return connect({ host, port }, () => settle({ connected: true }));
}
