/** A local cloud on the virtual clock, with a load balancer's metrics put into it by hand or by requests. */
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { expect, onTestFinished } from 'vitest';
import { type CloudWatch, cloudwatch } from '../../../lambdas/aws/cloudwatch.ts';
import type { Runtime } from '../../../lambdas/common/runtime.ts';
import { loadBalancerArn, targetGroupArn } from '../../../local/arns.ts';
import { dimensionOf } from '../../../local/elbv2/metrics.ts';
import { createVirtualCloud, type VirtualCloud } from '../../../local/virtual.ts';
import { LOAD_BALANCER, type SideName } from '../../../local/world/names.ts';

export const START_MS = Date.UTC(2026, 0, 15, 12);
export const MINUTE_MS = 60_000;

/** What a target group carried in one period. */
export interface Carried {
  readonly requests: number;
  readonly errors?: number;
  /** Response times in seconds. */
  readonly times?: readonly number[];
}

export interface MetricsBed {
  readonly cloud: VirtualCloud;
  /** As the handlers see it. */
  readonly cloudwatch: CloudWatch;
  /** Puts one period after the other, from `fromMs`. */
  put(side: SideName, fromMs: number, periodSeconds: number, carried: readonly Carried[]): Promise<void>;
}

/** The bed ends with the test, and no background work may have failed. */
export async function makeMetricsBed(): Promise<MetricsBed> {
  const cloud = await createVirtualCloud({ seed: 'metrics', startMs: START_MS });
  const client = new CloudWatchClient(cloud.clientConfiguration('balancer'));
  onTestFinished(async () => {
    client.destroy();
    await cloud.close();
    expect(cloud.faults).toEqual([]);
  });
  const clientConfiguration = cloud.clientConfiguration('step');
  return {
    cloud,
    cloudwatch: cloudwatch({ clientConfiguration } as Partial<Runtime> as Runtime),
    async put(side, fromMs, periodSeconds, carried) {
      const data = carried.flatMap((one, index) =>
        datumsOf(side, one, new Date(fromMs + index * periodSeconds * 1000)),
      );
      for (let at = 0; at < data.length; at += 1000) {
        const MetricData = data.slice(at, at + 1000);
        await client.send(new PutMetricDataCommand({ Namespace: 'AWS/ApplicationELB', MetricData }));
      }
    },
  };
}

function datumsOf(side: SideName, { requests, errors = 0, times = [] }: Carried, Timestamp: Date) {
  const base = {
    Timestamp,
    StorageResolution: 1,
    Dimensions: [
      { Name: 'TargetGroup', Value: dimensionOf(targetGroupArn(side)) },
      { Name: 'LoadBalancer', Value: dimensionOf(loadBalancerArn(LOAD_BALANCER)) },
    ],
  };
  // As a load balancer does it: nothing to count, no sample.
  return [
    ...(requests > 0 ? [{ ...base, MetricName: 'RequestCount', Value: requests }] : []),
    ...(errors > 0 ? [{ ...base, MetricName: 'HTTPCode_Target_5XX_Count', Value: errors }] : []),
    ...(times.length > 0 ? [{ ...base, MetricName: 'TargetResponseTime', Values: [...times] }] : []),
  ];
}
