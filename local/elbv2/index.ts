/** Elastic Load Balancing v2: the control plane of load balancers over a data plane that carries the requests. */
import type { DataPlane } from '../dataplane/data-plane.ts';
import type { Platform } from '../platform.ts';
import type { ListenerRules, MetricSink, TargetRegistry } from '../simulators.ts';
import type { Elbv2Api } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { createConnectionDrains } from './connection-drains.ts';
import type { Elbv2Context } from './context.ts';
import { listenerOperations } from './listeners.ts';
import { loadBalancerOperations } from './load-balancers.ts';
import { startMetrics } from './metrics.ts';
import { createPlaneWriter } from './plane-writer.ts';
import { createRecords } from './records.ts';
import { listenerRules } from './rule-weights.ts';
import { ruleOperations } from './rules.ts';
import { tagOperations } from './tags.ts';
import { targetGroupOperations } from './target-groups.ts';
import { targetOperations } from './target-health.ts';
import { createTargets } from './targets.ts';

export interface Elbv2Simulator {
  readonly operations: Operations<typeof Elbv2Api>;
  readonly targets: TargetRegistry;
  readonly rules: ListenerRules;
  /** Stops health checks, drains and metrics; the data plane is the caller's to close. */
  close(): void;
}

export interface Elbv2Ports {
  plane: DataPlane;
  metrics: MetricSink;
}

export interface Elbv2Options {
  /**
   * Whether a draining target becomes `unused` as soon as it has no requests. AWS finishes then, but shows
   * `draining` until the deregistration delay has passed: the default.
   */
  unusedWhenIdle?: boolean;
  /** Cloud time between two publications of metrics. */
  metricsPeriodSeconds?: number;
}

export function createElbv2(
  platform: Platform,
  { plane, metrics }: Elbv2Ports,
  options: Elbv2Options = {},
): Elbv2Simulator {
  const { unusedWhenIdle = false, metricsPeriodSeconds = 10 } = options;
  const records = createRecords();
  const writer = createPlaneWriter(platform, plane, records, () => {
    targets.reviewUse();
    drains.review();
  });
  const drains = createConnectionDrains({ platform, plane, records, writer });
  const targets = createTargets({ platform, plane, records, writer, unusedWhenIdle });
  const stopMetrics = startMetrics({
    platform,
    plane,
    records,
    metrics,
    periodSeconds: metricsPeriodSeconds,
  });
  const context: Elbv2Context = { platform, records, writer, targets };
  return {
    operations: {
      ...loadBalancerOperations(context),
      ...listenerOperations(context),
      ...ruleOperations(context),
      ...targetGroupOperations(context),
      ...targetOperations(context),
      ...tagOperations(records),
    },
    targets,
    rules: listenerRules(context),
    close: () => {
      stopMetrics();
      drains.close();
      writer.close();
      targets.close();
    },
  };
}
