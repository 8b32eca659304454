/** What target groups carried, read from the local cloud as from CloudWatch. */
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { cloudwatch } from '../../../lambdas/aws/cloudwatch.ts';
import type { Runtime } from '../../../lambdas/common/runtime.ts';
import { targetGroupArn } from '../../../local/arns.ts';
import { startVirtualLoad } from '../../../local/load/virtual-load.ts';
import { createClients, createWorld } from '../../../local/world/index.ts';
import { PRODUCTION_RULE_ARN } from '../../../local/world/names.ts';
import { MINUTE_MS, makeMetricsBed, START_MS } from './metrics-bed.ts';

const [A, B] = [targetGroupArn('orders-a'), targetGroupArn('orders-b')] as const;
const asked = (minutes: number, targetGroups: readonly string[] = [A, B]) => ({
  loadBalancer: PRODUCTION_RULE_ARN,
  targetGroups,
  fromMs: START_MS,
  toMs: START_MS + minutes * MINUTE_MS,
  periodSeconds: 60,
});

describe('getTargetGroupMetrics', () => {
  it('gives each group its own figures by period, and zeros where nothing was counted', async () => {
    const bed = await makeMetricsBed();
    await bed.put('orders-a', START_MS, 60, [
      { requests: 100, errors: 2, times: [0.1, 0.2, 0.3] },
      { requests: 0 },
      { requests: 50, times: [0.4] },
    ]);
    await bed.put('orders-b', START_MS + MINUTE_MS, 60, [{ requests: 7, errors: 7 }]);
    const metrics = await bed.cloudwatch.getTargetGroupMetrics(asked(3));
    expect(metrics).toEqual({
      [A]: [
        { startMs: START_MS, requests: 100, errors: 2, p50: 0.2, p90: 0.3, p99: 0.3 },
        { startMs: START_MS + MINUTE_MS, requests: 0, errors: 0 },
        { startMs: START_MS + 2 * MINUTE_MS, requests: 50, errors: 0, p50: 0.4, p90: 0.4, p99: 0.4 },
      ],
      [B]: [
        { startMs: START_MS, requests: 0, errors: 0 },
        { startMs: START_MS + MINUTE_MS, requests: 7, errors: 7 },
        { startMs: START_MS + 2 * MINUTE_MS, requests: 0, errors: 0 },
      ],
    });
  });

  it('reads all pages of a long bake', async () => {
    const bed = await makeMetricsBed();
    const periods = Array.from({ length: 1080 }, (_, index) => ({
      requests: index + 1,
      errors: 1,
      times: [0.1],
    }));
    await bed.put('orders-a', START_MS, 10, periods);
    await bed.put('orders-b', START_MS, 10, periods);
    const before = bed.cloud.endpoint.calls.length;
    const metrics = await bed.cloudwatch.getTargetGroupMetrics({ ...asked(180), periodSeconds: 10 });
    for (const group of [A, B]) {
      expect(metrics[group]?.map(({ requests }) => requests)).toEqual(
        periods.map(({ requests }) => requests),
      );
      expect(metrics[group]?.every(({ errors, p99 }) => errors === 1 && p99 === 0.1)).toBe(true);
    }
    expect(bed.cloud.endpoint.calls.length - before).toBe(3);
  });

  it('counts requests in the minute in which the load balancer carried them', async () => {
    const bed = await makeMetricsBed();
    const { clock, plane } = bed.cloud;
    const clients = createClients(bed.cloud.clientConfiguration('person'));
    await createWorld(clients, {
      blueEnvironment: { REQUEST_STATUS: '503', REQUEST_FAILURE_RATE: '0.25', RESPONSE_MS: '80' },
    });
    const passUntil = async (ms: number) => {
      let isOver = false;
      clock.setTimer(ms - clock.now(), () => {
        isOver = true;
      });
      await clock.run(() => isOver, ms - clock.now());
    };
    await passUntil(START_MS + 2 * MINUTE_MS);
    const load = startVirtualLoad({ clock, plane, listenerPort: 8080, ratePerSecond: 10, maxSeconds: 60 });
    await passUntil(START_MS + 4 * MINUTE_MS);
    await load.stop();
    const metrics = await bed.cloudwatch.getTargetGroupMetrics(asked(4));
    const [, , minute, after] = metrics[A] ?? [];
    // The last request may be answered in the next minute, where it is counted.
    expect((minute?.requests ?? 0) + (after?.requests ?? 0)).toBe(600);
    expect(after?.requests).toBeLessThanOrEqual(2);
    expect(metrics[A]?.slice(0, 2).map(({ requests }) => requests)).toEqual([0, 0]);
    expect((minute?.errors ?? 0) + (after?.errors ?? 0)).toBe(150);
    expect(minute?.p50).toBeCloseTo(0.08);
    expect(metrics[B]?.map(({ requests }) => requests)).toEqual([0, 0, 0, 0]);
    clients.close();
  });

  it.each(['InternalError', 'PartialData', 'Forbidden'] as const)(
    'calls %s at the end no answer, rather than a quiet target group',
    async (StatusCode) => {
      const mock = mockClient(CloudWatchClient);
      mock.on(GetMetricDataCommand).resolves({ MetricDataResults: [{ Id: 'errors_0', StatusCode }] });
      const port = cloudwatch({ clientConfiguration: {} } as Partial<Runtime> as Runtime);
      await expect(port.getTargetGroupMetrics(asked(1))).rejects.toMatchObject({ name: 'AwsNotAnswering' });
      mock.restore();
    },
  );
});
