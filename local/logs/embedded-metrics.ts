/** The embedded metric format: metrics that a log line carries. */
import type { MetricSink } from '../simulators.ts';

interface Directive {
  Namespace?: unknown;
  Dimensions?: unknown;
  Metrics?: unknown;
}

/** Records the metrics in a line; a line without any, or that is not in the format, is only a line. */
export function recordEmbedded(line: string, metrics: MetricSink): void {
  if (!line.includes('"_aws"')) return;
  const members = objectIn(line);
  const { Timestamp, CloudWatchMetrics } = recordOf(members._aws);
  for (const directive of listOf(CloudWatchMetrics)) {
    recordDirective(recordOf(directive), members, Number(Timestamp), metrics);
  }
}

function recordDirective(
  { Namespace, Dimensions, Metrics }: Directive,
  members: Record<string, unknown>,
  atMs: number,
  metrics: MetricSink,
): void {
  for (const set of listOf(Dimensions)) {
    const dimensions = Object.fromEntries(listOf(set).map((name) => [name, String(members[`${name}`])]));
    for (const definition of listOf(Metrics)) {
      const { Name, Unit } = recordOf(definition);
      const value = members[`${Name}`];
      const values = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'number');
      metrics.record(`${Namespace}`, `${Name}`, dimensions, values, Unit as string | undefined, atMs);
    }
  }
}

function objectIn(line: string): Record<string, unknown> {
  try {
    return recordOf(JSON.parse(line));
  } catch {
    return {};
  }
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
