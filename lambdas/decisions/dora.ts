/** The four DORA figures of a service, from its deployments' records. */
import type { Deployment } from '../common/deployment.ts';
import { GREEN_SERVES } from './outcomes.ts';

/** From, included, to, excluded: milliseconds since the epoch. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Dora {
  /** Deployments after which green served, in the period; and so many a day. */
  readonly deployments: number;
  readonly deploymentsPerDay: number;
  /** From the image's push to the moment at which it served: the median. Absent if no new image was deployed. */
  readonly leadTimeSeconds?: number;
  /** Changes that reached users, and those among them that failed. */
  readonly changes: number;
  readonly failedChanges: number;
  /** 0 to 1; absent without changes. */
  readonly changeFailureRate?: number;
  /** From the moment at which a failed change met users to the one at which they were served well again: the median. */
  readonly timeToRestoreSeconds?: number;
}

type Judged = Pick<
  Deployment,
  | 'deploymentId'
  | 'startedAtMs'
  | 'startedBy'
  | 'image'
  | 'order'
  | 'outcome'
  | 'endedAtMs'
  | 'succeededAtMs'
  | 'trafficWrites'
  | 'shift'
  | 'restore'
  | 'nativeStep'
  | 'configuration'
  | 'stages'
>;

const DAY_MS = 86_400_000;

/**
 * @param records of one service, those before the period included: they tell which images are new. Any order.
 */
export function doraOf(records: readonly Judged[], { fromMs, toMs }: Period): Dora {
  const inPeriod = (atMs: number | undefined): boolean => atMs !== undefined && atMs >= fromMs && atMs < toMs;
  const sorted = [...records].sort((a, b) => a.startedAtMs - b.startedAtMs);
  const served = sorted.filter((record) => inPeriod(servedAtMs(record)));
  const changes = sorted.filter((record) => inPeriod(metUsersAtMs(record)) && !isRollback(record));
  const failed = changes.filter((record) => hasFailed(record, sorted));
  const restored = failed.flatMap((record) => restoreSeconds(record, sorted) ?? []);
  return {
    deployments: served.length,
    deploymentsPerDay: served.length / ((toMs - fromMs) / DAY_MS),
    leadTimeSeconds: median(served.filter((record) => isNew(record, sorted)).map(leadSeconds)),
    changes: changes.length,
    failedChanges: failed.length,
    ...(changes.length > 0 && { changeFailureRate: failed.length / changes.length }),
    timeToRestoreSeconds: median(restored),
  };
}

/** When green had all the traffic for good; undefined if it never did, or lost it again. */
function servedAtMs({ outcome, succeededAtMs, endedAtMs }: Judged): number | undefined {
  const stands = outcome === undefined ? succeededAtMs !== undefined : GREEN_SERVES.includes(outcome);
  return stands ? (succeededAtMs ?? endedAtMs) : undefined;
}

/** When the new version met its first users. In place it does so with its first tasks. */
function metUsersAtMs(record: Judged): number | undefined {
  const { trafficWrites = [], shift, nativeStep, configuration, stages } = record;
  const first = trafficWrites.find(({ kind }) => kind === 'shift');
  const { type } = configuration.strategy;
  const inPlace = type === 'rolling' || type === 'recreate' ? stages.StartGreen?.intendedAtMs : undefined;
  return (
    first?.intendedAtMs ??
    shift?.intendedAtMs ??
    nativeStep?.startedAtMs ??
    inPlace ??
    // Of a native deployment whose steps nobody told of.
    servedAtMs(record)
  );
}

const isRollback = ({ startedBy }: Judged): boolean => startedBy.input.rollback !== undefined;

/** It was taken back from users, by itself or by a person afterwards, or it waits for a person. */
function hasFailed(record: Judged, sorted: readonly Judged[]): boolean {
  const { outcome } = record;
  if (outcome === undefined) return false;
  return !GREEN_SERVES.includes(outcome) || rollbackOf(record, sorted) !== undefined;
}

/** The rollback that a person asked for while this one served. */
function rollbackOf(record: Judged, sorted: readonly Judged[]): Judged | undefined {
  const next = sorted.find(
    (other) => other.startedAtMs > record.startedAtMs && metUsersAtMs(other) !== undefined,
  );
  return next && isRollback(next) ? next : undefined;
}

function restoreSeconds(record: Judged, sorted: readonly Judged[]): number | undefined {
  const fromMs = metUsersAtMs(record);
  const toMs = restoredAtMs(record, sorted);
  return fromMs === undefined || toMs === undefined ? undefined : Math.max(0, toMs - fromMs) / 1000;
}

/** When blue had the traffic again, or else when the next deployment served. */
function restoredAtMs(record: Judged, sorted: readonly Judged[]): number | undefined {
  const { outcome, restore, endedAtMs } = record;
  if (outcome === 'ROLLBACK_SUCCESSFUL' || outcome === 'STOPPED') return restore?.doneAtMs ?? endedAtMs;
  const later = sorted.filter((other) => other.startedAtMs > record.startedAtMs);
  return later.map(servedAtMs).find((atMs) => atMs !== undefined);
}

/** A digest that had served before is no change, nor is a fleet. */
function isNew(record: Judged, sorted: readonly Judged[]): boolean {
  if (isRollback(record) || !record.image.digest.startsWith('sha256:')) return false;
  const earlier = sorted.filter((other) => other.startedAtMs < record.startedAtMs);
  return !earlier.some(
    (other) => other.image.digest === record.image.digest && servedAtMs(other) !== undefined,
  );
}

const leadSeconds = (record: Judged): number =>
  Math.max(0, (servedAtMs(record) ?? 0) - record.order.imagePushedAtMs) / 1000;

function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
