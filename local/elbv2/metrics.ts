/** Publishes what the load balancers carried as CloudWatch would have it: AWS/ApplicationELB and AWS/NetworkELB. */
import type { DataPlane, FlowEnd, PlaneFlows, PlaneMetrics } from '../dataplane/data-plane.ts';
import type { Platform } from '../platform.ts';
import type { MetricSink } from '../simulators.ts';
import type { LoadBalancerRecord, Records, TargetGroupRecord } from './records.ts';
import { loadBalancersOf } from './target-groups.ts';

const NAMESPACES = { application: 'AWS/ApplicationELB', network: 'AWS/NetworkELB' } as const;

/** The ELB codes that have a metric of their own. */
const ELB_CODES = [500, 502, 503, 504];

type Dimensions = Record<string, string>;

export interface MetricsContext {
  platform: Platform;
  plane: DataPlane;
  records: Records;
  metrics: MetricSink;
  /** Cloud time. */
  periodSeconds: number;
}

/** Publishes at the end of each period, by the clock's own, until the result is called. */
export function startMetrics(context: MetricsContext): () => void {
  const { clock } = context.platform;
  const periodMs = context.periodSeconds * 1000;
  const again = () =>
    clock.setTimer(periodMs - (clock.now() % periodMs), () => {
      timer = again();
      const endMs = Math.floor(clock.now() / periodMs) * periodMs;
      publish(context, endMs - periodMs).catch((error) => {
        if (!isStopped) context.platform.fault(error);
      });
    });
  let isStopped = false;
  let timer = again();
  return () => {
    isStopped = true;
    timer.cancel();
  };
}

/** @param fromMs when the period began: as on AWS the figures are of the time in which the requests were */
async function publish({ plane, records, metrics: sink }: MetricsContext, fromMs: number): Promise<void> {
  const metrics: MetricSink = {
    record: (namespace, name, dimensions, values, unit) =>
      sink.record(namespace, name, dimensions, values, unit, fromMs),
  };
  for (const carried of await plane.takeMetrics()) recordTraffic(carried, metrics);
  const flows = new Map((await plane.takeFlows()).map((one) => [one.loadBalancerArn, one]));
  for (const loadBalancer of records.loadBalancers.values()) {
    if (loadBalancer.type === 'network') recordFlows(loadBalancer, flows.get(loadBalancer.arn), metrics);
  }
  for (const group of records.targetGroups.values()) recordHealth(group, records, metrics);
}

function recordTraffic(carried: PlaneMetrics, metrics: MetricSink): void {
  const LoadBalancer = dimensionOf(carried.loadBalancerArn);
  const both: Dimensions[] = [{ LoadBalancer }];
  if (carried.targetGroupArn) both.push({ TargetGroup: dimensionOf(carried.targetGroupArn), LoadBalancer });
  for (const dimensions of both) recordTargetSide(carried, dimensions, metrics);
  recordElbSide(carried.elbResponses, { LoadBalancer }, metrics);
}

function recordTargetSide(
  { requestCount, targetResponses, responseTimes }: PlaneMetrics,
  dimensions: Dimensions,
  metrics: MetricSink,
): void {
  recordCount('RequestCount', requestCount, dimensions, metrics);
  for (const statusClass of [2, 3, 4, 5] as const) {
    recordCount(
      `HTTPCode_Target_${statusClass}XX_Count`,
      targetResponses[statusClass] ?? 0,
      dimensions,
      metrics,
    );
  }
  if (responseTimes.length > 0)
    metrics.record(NAMESPACES.application, 'TargetResponseTime', dimensions, responseTimes, 'Seconds');
}

/** AWS gives the load balancer's own answers by load balancer only, not by target group. */
function recordElbSide(
  elbResponses: PlaneMetrics['elbResponses'],
  dimensions: Dimensions,
  metrics: MetricSink,
): void {
  const codes = Object.entries(elbResponses).map(([code, count]) => ({ code: Number(code), count }));
  for (const statusClass of [3, 4, 5]) {
    const count = codes
      .filter(({ code }) => Math.floor(code / 100) === statusClass)
      .reduce((sum, one) => sum + one.count, 0);
    recordCount(`HTTPCode_ELB_${statusClass}XX_Count`, count, dimensions, metrics);
  }
  for (const { code, count } of codes.filter((one) => ELB_CODES.includes(one.code))) {
    recordCount(`HTTPCode_ELB_${code}_Count`, count, dimensions, metrics);
  }
}

/** As on AWS there is no sample where there was nothing to count. */
function recordCount(metric: string, count: number, dimensions: Dimensions, metrics: MetricSink): void {
  if (count > 0) metrics.record(NAMESPACES.application, metric, dimensions, [count], 'Count');
}

/** Counts of connections are always there; resets, as other counts, where there was something to count. */
function recordFlows(
  { arn, type }: LoadBalancerRecord,
  flows: PlaneFlows | undefined,
  metrics: MetricSink,
): void {
  const dimensions = { LoadBalancer: dimensionOf(arn) };
  const record = (metric: string, value: number, unit = 'Count'): void =>
    metrics.record(NAMESPACES[type], metric, dimensions, [value], unit);
  for (const suffix of ['', '_TCP']) {
    record(`ActiveFlowCount${suffix}`, flows?.activeFlows ?? 0);
    record(`NewFlowCount${suffix}`, flows?.newFlows ?? 0);
    record(`ProcessedBytes${suffix}`, flows?.processedBytes ?? 0, 'Bytes');
  }
  for (const [end, metric] of Object.entries(RESET_METRICS)) {
    const count = flows?.resets[end as FlowEnd] ?? 0;
    if (count > 0) record(metric, count);
  }
}

const RESET_METRICS: Readonly<Record<FlowEnd, string>> = {
  client: 'TCP_Client_Reset_Count',
  target: 'TCP_Target_Reset_Count',
  elb: 'TCP_ELB_Reset_Count',
};

function recordHealth({ arn, targets }: TargetGroupRecord, records: Records, metrics: MetricSink): void {
  for (const loadBalancer of loadBalancersOf(arn, records)) {
    const dimensions = { TargetGroup: dimensionOf(arn), LoadBalancer: dimensionOf(loadBalancer.arn) };
    const countOf = (state: string): number =>
      [...targets.values()].filter(({ health }) => health.state === state).length;
    if (targets.size === 0) continue;
    const namespace = NAMESPACES[loadBalancer.type];
    metrics.record(namespace, 'HealthyHostCount', dimensions, [countOf('healthy')], 'Count');
    metrics.record(namespace, 'UnHealthyHostCount', dimensions, [countOf('unhealthy')], 'Count');
  }
}

/** `app/web/0123…` or `targetgroup/orders/0123…`: the end of the ARN, as CloudWatch names it. */
export function dimensionOf(arn: string): string {
  return arn.replace(/^(?:[^:]*:){5}/, '').replace(/^loadbalancer\//, '');
}
