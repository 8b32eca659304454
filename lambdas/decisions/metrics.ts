/** The metrics of transitions, in CloudWatch's embedded metric format: a log line that carries them. */
import type { Deployment, Outcome } from '../common/deployment.ts';
import { GREEN_SERVES } from './outcomes.ts';
import type { Told } from './transitions.ts';

type Unit = 'Count' | 'Seconds';
export type Measured = readonly (readonly [name: string, unit: Unit, value: number])[];

/** A log line's keys. */
export type EmbeddedMetrics = Readonly<Record<string, unknown>>;

const WENT_BACK: readonly Outcome[] = ['ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED', 'STOPPED'];

/** @returns undefined if the transition is no end of a deployment */
export function metricsOf(told: Told, namespace: string): EmbeddedMetrics | undefined {
  if (told.of !== 'deployment' || told.deployment?.outcome !== told.event.transition) return undefined;
  const { service, outcome, endedAtMs = 0 } = told.deployment;
  return embedded({
    namespace,
    atMs: endedAtMs,
    dimensions: { Service: service, Outcome: outcome },
    // A graph of a service needs the one set, a graph of how deployments end the other.
    sets: [['Service'], ['Service', 'Outcome']],
    measured: measuredOf(told.deployment),
  });
}

function measuredOf(deployment: Deployment): Measured {
  const { outcome, startedAtMs, endedAtMs = startedAtMs, succeededAtMs, order, image, stages } = deployment;
  const measured: [string, Unit, number][] = [['Deployments', 'Count', 1]];
  if (Object.keys(stages).length === 0) return measured;
  const seconds = (fromMs: number, toMs: number) => Math.max(0, toMs - fromMs) / 1000;
  measured.push(['DurationSeconds', 'Seconds', seconds(startedAtMs, endedAtMs)]);
  measured.push(['TrafficSteps', 'Count', shiftsOf(deployment)]);
  measured.push(['Rollbacks', 'Count', outcome && WENT_BACK.includes(outcome) ? 1 : 0]);
  if (succeededAtMs === undefined || !outcome || !GREEN_SERVES.includes(outcome)) return measured;
  measured.push(['TimeToServeSeconds', 'Seconds', seconds(startedAtMs, succeededAtMs)]);
  if (image.digest.startsWith('sha256:'))
    measured.push(['LeadTimeSeconds', 'Seconds', seconds(order.imagePushedAtMs, succeededAtMs)]);
  return measured;
}

const shiftsOf = ({ trafficWrites = [] }: Deployment): number =>
  trafficWrites.filter(({ kind }) => kind === 'shift').length;

/** @param sets of names of dimensions: each metric is recorded by each set; an empty one stands for the whole stack */
export function embedded({
  namespace,
  atMs,
  dimensions = {},
  sets,
  measured,
}: {
  namespace: string;
  atMs: number;
  dimensions?: Readonly<Record<string, string | undefined>>;
  sets: readonly (readonly string[])[];
  measured: Measured;
}): EmbeddedMetrics {
  const Metrics = measured.map(([Name, unit]) => ({ Name, Unit: unit }));
  return {
    _aws: {
      Timestamp: Math.floor(atMs),
      CloudWatchMetrics: [{ Namespace: namespace, Dimensions: sets, Metrics }],
    },
    ...dimensions,
    ...Object.fromEntries(measured.map(([name, , value]) => [name, value])),
  };
}
