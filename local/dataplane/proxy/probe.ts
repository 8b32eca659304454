/** One health check of one target, on a connection of its own. */
import { request } from 'node:http';
import type { Clock } from '../../clock/clock.ts';
import type { HealthProbe, ProbeResult } from '../data-plane.ts';

const USER_AGENT = 'ELB-HealthChecker/2.0';

/** Probes within `timeoutMs` of wall time. Never rejects. */
export function probeTarget({ target, path, timeoutMs }: HealthProbe, clock: Clock): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const headers = { 'user-agent': USER_AGENT, connection: 'close' };
    const probe = request({ agent: false, host: target.host, port: target.port, path, headers });
    const limit = clock.setWallTimer(timeoutMs, () => settle({ reason: 'Target.Timeout' }));
    const settle = (result: ProbeResult): void => {
      limit.cancel();
      resolve(result);
      probe.destroy();
    };
    probe.on('response', ({ statusCode }) => settle({ statusCode }));
    probe.on('error', () => settle({ reason: 'Target.FailedHealthChecks' }));
    probe.end();
  });
}
