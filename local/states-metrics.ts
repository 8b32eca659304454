/** Counts how executions end, as CloudWatch's AWS/States metrics have it. */
import type { ServiceEvent } from './platform.ts';
import type { MetricSink } from './simulators.ts';

const METRIC_OF_STATUS: Readonly<Record<string, string>> = {
  RUNNING: 'ExecutionsStarted',
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
};

/** Records a status change of Step Functions; any other event is left alone. */
export function recordExecutionMetrics({ source, detail }: ServiceEvent, metrics: MetricSink): void {
  if (source !== 'aws.states') return;
  const metric = METRIC_OF_STATUS[String(detail.status)];
  const dimensions = { StateMachineArn: String(detail.stateMachineArn) };
  if (metric) metrics.record('AWS/States', metric, dimensions, [1], 'Count');
}
