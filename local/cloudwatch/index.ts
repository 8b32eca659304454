/** CloudWatch: metrics, and alarms that watch them. */
import type { Platform } from '../platform.ts';
import type { AlarmStates, Deliver, MetricSink } from '../simulators.ts';
import type { CloudWatchApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { alarmOperations } from './alarm-operations.ts';
import { createAlarms } from './alarms.ts';
import { dashboardOperations } from './dashboards.ts';
import { metricOperations } from './metric-operations.ts';
import { createMetricStore } from './metric-store.ts';
import { distributionOf } from './statistics.ts';

export interface CloudWatchSimulator {
  readonly operations: Operations<typeof CloudWatchApi>;
  readonly metrics: MetricSink;
  readonly alarms: AlarmStates;
  /** Ends the alarms' timers. */
  close(): void;
}

/**
 * Weaker than AWS: samples are kept for three hours, percentiles are of values to three digits, metric math knows only
 * + - * / and parentheses, dashboards are not drawn, and composite, anomaly and log alarms and metric streams are absent.
 */
export function createCloudWatch(platform: Platform, { deliver }: { deliver: Deliver }): CloudWatchSimulator {
  const store = createMetricStore();
  const alarms = createAlarms(platform, store, deliver);
  return {
    close: alarms.close,
    alarms: { stateOf: (name) => alarms.find(name)?.state.value },
    operations: {
      ...metricOperations(platform, store),
      ...alarmOperations(platform, alarms),
      ...dashboardOperations(platform),
    },
    metrics: {
      record: (namespace, name, dimensions, values, unit, atMs = platform.clock.now()) => {
        if (values.length === 0) return;
        store.add({ namespace, name, dimensions }, atMs, distributionOf(values), unit);
      },
    },
  };
}
