/** What `sidestep history` tells, as --json gives it: its keys are a promise to scripts. Times are ISO 8601. Pure. */
import type { Deployment, Outcome } from '../../lambdas/common/deployment.ts';
import type { ServiceConfiguration } from '../../lambdas/common/service.ts';
import { type Dora, doraOf, type Period } from '../../lambdas/decisions/dora.ts';
import type { SpokenWord } from '../../lambdas/table/restraints.ts';
import type { PastDeployment } from '../status/facts.ts';
import { iso, pastOf, secondsBetween, startedByWhom } from '../status/progress.ts';

/** A deployment; without an outcome it is under way, or waits. */
export interface HistoryDeployment extends Omit<PastDeployment, 'outcome' | 'reason'> {
  readonly outcome?: Outcome;
  readonly reason?: string;
}

/** A word about the service. */
export interface HistoryWord {
  readonly word: string;
  readonly at: string;
  readonly by: string;
  readonly session?: string;
  readonly why?: string;
  /** Of a freeze. */
  readonly until?: string;
  readonly deploymentId?: string;
}

export interface ServiceHistory {
  readonly service: string;
  /** Newest first. */
  readonly deployments: readonly HistoryDeployment[];
  /** Newest first. */
  readonly words: readonly HistoryWord[];
  /** With --dora. */
  readonly dora?: Dora;
}

export interface HistoryDocument {
  readonly place: string;
  readonly from: string;
  readonly to: string;
  readonly services: readonly ServiceHistory[];
}

export interface HistoryInput {
  readonly configuration: Pick<ServiceConfiguration, 'name'>;
  /** Those before the period too, if the figures are asked for. Any order. */
  readonly records: readonly Deployment[];
  readonly words: readonly SpokenWord[];
  readonly period: Period;
  /** Those that are shown; all if absent. The figures always count all. */
  readonly outcomes?: readonly Outcome[];
  readonly withDora: boolean;
}

export function historyOf(input: HistoryInput): ServiceHistory {
  const { configuration, records, words, period, outcomes, withDora } = input;
  const { fromMs, toMs } = period;
  const isIn = (atMs: number): boolean => atMs >= fromMs && atMs <= toMs;
  const shown = records.filter(
    ({ startedAtMs, outcome }) => isIn(startedAtMs) && (!outcomes || (outcome && outcomes.includes(outcome))),
  );
  return {
    service: configuration.name,
    deployments: newestFirst(shown, ({ startedAtMs }) => startedAtMs).map((record) =>
      deploymentOf(record, toMs),
    ),
    words: newestFirst(
      words.filter(({ atMs }) => isIn(atMs)),
      ({ atMs }) => atMs,
    ).map(wordOf),
    ...(withDora && { dora: doraOf(records, period) }),
  };
}

function deploymentOf(record: Deployment, nowMs: number): HistoryDeployment {
  const past = pastOf(record);
  if (past) return past;
  const { deploymentId, startedAtMs, startedBy, image } = record;
  return {
    deploymentId,
    startedAt: iso(startedAtMs),
    seconds: secondsBetween(startedAtMs, nowMs),
    startedBy: startedBy.kind,
    by: startedByWhom(record),
    digest: image.digest,
    tag: image.tag,
  };
}

const wordOf = ({ word, atMs, by, session, why, untilMs, deploymentId }: SpokenWord): HistoryWord => ({
  word,
  at: iso(atMs),
  by,
  session,
  why,
  until: untilMs === undefined ? undefined : iso(untilMs),
  deploymentId,
});

const newestFirst = <T>(list: readonly T[], atMs: (one: T) => number): T[] =>
  [...list].sort((a, b) => atMs(b) - atMs(a));
