/** Everything that the history knows of one deployment, as `sidestep show --json` gives it. Times are ISO 8601. Pure. */

import { lastSegment } from '../../lambdas/common/configuration/arn.ts';
import type {
  DeployedImage,
  Deployment,
  ListenerWeights,
  ListenerWrite,
  Outcome,
  RefusedSignal,
  ResolvedSide,
  Signal,
  TaskEnd,
  TrafficStep,
} from '../../lambdas/common/deployment.ts';
import type { ServiceConfiguration } from '../../lambdas/common/service.ts';
import { type AuditEntry, type AuditIntent, type AuditResult, brokenAt } from '../../lambdas/table/audit.ts';
import { iso, revisionName, secondsBetween, startedByWhom } from '../status/progress.ts';

export interface ShownSide {
  readonly kind: 'ecs' | 'fleet';
  readonly cluster: string;
  readonly service: string;
  readonly targetGroup?: string;
  /** What ran there when the deployment began. */
  readonly revision?: string;
  readonly desiredCount: number;
}

export interface ShownStage {
  readonly state: string;
  /** The first time that it was entered. */
  readonly startedAt: string;
  /** Absent of a state that only waits, and of one that did not come to its end. */
  readonly doneAt?: string;
  readonly seconds?: number;
}

export interface ShownWrite {
  /** `attach`: green at weight 0; `test`: the test rule; `shift`: a traffic step; `restore`: back to blue. */
  readonly kind: 'attach' | 'test' | 'shift' | 'restore';
  readonly at: string;
  /** Absent if it was meant, and not noted as done. */
  readonly doneAt?: string;
  /** From 1; of a shift. */
  readonly trafficStep?: number;
  readonly weights: readonly ListenerWeights[];
}

export interface ShownCheck {
  /** `GET /health`, `lambda0`, or a task's ARN. */
  readonly check: string;
  readonly kind: 'http' | 'lambda' | 'task';
  /** Absent of a task: if it failed, the deployment's reason says how. So it does of an HTTP check that did not pass. */
  readonly passed?: boolean;
  readonly reason?: string;
}

/** A person's word; a refused one says why. */
export interface ShownSignal {
  readonly word: string;
  readonly at: string;
  readonly by: string;
  readonly session?: string;
  readonly reason?: string;
  readonly digest?: string;
  readonly refused?: string;
}

/** A write to AWS: what was to be changed, and what came of it. */
export interface ShownAudit {
  readonly sequence: number;
  readonly at: string;
  /** The state of the machine that made it. */
  readonly state: string;
  /** AWS's name, such as `UpdateService`. */
  readonly operation: string;
  readonly resource: string;
  readonly before?: unknown;
  readonly after: unknown;
  /** Absent if it was cut off: nobody can say whether it came about. */
  readonly result?: 'done' | 'failed' | 'unknown';
  readonly error?: string;
  readonly answer?: unknown;
}

export interface ShowDocument {
  readonly place: string;
  readonly deploymentId: string;
  readonly service: string;
  readonly strategy: string;
  /** Absent while it is under way, or waits. */
  readonly outcome?: Outcome;
  readonly reason?: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** To its end, or until now. */
  readonly seconds: number;
  readonly startedBy: {
    readonly kind: string;
    readonly by: string;
    readonly executionArn: string;
    readonly input: object;
  };
  readonly image: DeployedImage;
  /** Every container that got a new image, if there was more than one. */
  readonly images?: Readonly<Record<string, DeployedImage>>;
  readonly revision?: string;
  readonly baseRevision?: string;
  readonly blue: ShownSide;
  readonly green: ShownSide;
  readonly blueServed: boolean;
  readonly trafficSteps: readonly TrafficStep[];
  readonly despite?: Deployment['despite'];
  readonly rollback?: Deployment['rollback'];
  readonly deadline?: string;
  readonly successor?: string;
  readonly supersededBy?: Deployment['supersededBy'];
  readonly steppedBackWith?: Deployment['steppedBackWith'];
  readonly pausedBecause?: string;
  /** In order of their start. */
  readonly stages: readonly ShownStage[];
  /** In order. */
  readonly weightsBefore: readonly ListenerWeights[];
  readonly writes: readonly ShownWrite[];
  readonly checks: readonly ShownCheck[];
  readonly migration?: TaskEnd;
  readonly scaling?: Deployment['scaling'];
  readonly downtimeSeconds?: number;
  /** In order of time, with those that were refused. */
  readonly signals: readonly ShownSignal[];
  /** How many were refused; the newest of them are among the signals. */
  readonly refusedCount: number;
  /** Every write to AWS, in order. */
  readonly audit: readonly ShownAudit[];
  /** Where the chain of the audit's hashes does not hold: an entry was changed, or is missing. Absent if it is whole. */
  readonly auditBrokenAt?: number;
  /** The snapshot that it worked by. */
  readonly configuration: ServiceConfiguration;
}

export interface ShowInput {
  readonly record: Deployment;
  /** Oldest first. */
  readonly audit: readonly AuditEntry[];
  readonly place: string;
  readonly nowMs: number;
}

export function shownOf({ record, audit, place, nowMs }: ShowInput): ShowDocument {
  const { deploymentId, service, configuration, outcome, reason, startedAtMs, endedAtMs } = record;
  return {
    place,
    deploymentId,
    service,
    strategy: configuration.strategy.type,
    outcome,
    reason,
    startedAt: iso(startedAtMs),
    endedAt: isoOf(endedAtMs),
    seconds: secondsBetween(startedAtMs, endedAtMs ?? nowMs),
    startedBy: startedByOf(record),
    image: record.image,
    images: record.images,
    revision: revisionName(record.revisionArn),
    baseRevision: revisionName(record.baseTaskDefinitionArn || undefined),
    blue: sideOf(record.blue),
    green: sideOf(record.green),
    blueServed: record.blueServes,
    trafficSteps: record.trafficSteps,
    despite: record.despite,
    rollback: record.rollback,
    deadline: isoOf(record.deadlineMs),
    successor: record.successor,
    supersededBy: record.supersededBy,
    steppedBackWith: record.steppedBackWith,
    pausedBecause: record.pausedBecause,
    stages: stagesOf(record),
    weightsBefore: record.liveWeights,
    writes: writesOf(record),
    checks: checksOf(record),
    migration: record.migration,
    scaling: record.scaling,
    downtimeSeconds: record.downtimeSeconds,
    signals: signalsOf(record),
    refusedCount: record.refusedCount ?? 0,
    audit: auditOf(audit),
    auditBrokenAt: brokenAt(audit),
    configuration,
  };
}

const isoOf = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : iso(ms));

function startedByOf(record: Deployment): ShowDocument['startedBy'] {
  const { kind, executionArn, input } = record.startedBy;
  return { kind, by: startedByWhom(record), executionArn, input };
}

function sideOf({
  kind,
  cluster,
  service,
  targetGroup,
  taskDefinitionArn,
  desiredCount,
}: ResolvedSide): ShownSide {
  return {
    kind,
    cluster: lastSegment(cluster),
    service: lastSegment(service),
    targetGroup: targetGroup || undefined,
    revision: revisionName(taskDefinitionArn || undefined),
    desiredCount,
  };
}

function stagesOf({ stages }: Deployment): ShownStage[] {
  return Object.entries(stages)
    .sort(([, a], [, b]) => a.intendedAtMs - b.intendedAtMs)
    .map(([state, { intendedAtMs, doneAtMs }]) => ({
      state,
      startedAt: iso(intendedAtMs),
      doneAt: isoOf(doneAtMs),
      seconds: doneAtMs === undefined ? undefined : secondsBetween(intendedAtMs, doneAtMs),
    }));
}

/** Every write that was made, and the one that was meant last and may not have been. */
function writesOf({
  attach,
  testTraffic,
  shift,
  restore,
  trafficStep,
  trafficWrites = [],
}: Deployment): ShownWrite[] {
  const made = trafficWrites.map(({ kind, weights, trafficStep, intendedAtMs, doneAtMs }) => ({
    kind,
    at: iso(intendedAtMs),
    doneAt: iso(doneAtMs),
    trafficStep: trafficStep === undefined ? undefined : trafficStep + 1,
    weights,
  }));
  const isKnown = (kind: string, { intendedAtMs }: ListenerWrite): boolean =>
    trafficWrites.some((write) => write.kind === kind && write.intendedAtMs === intendedAtMs);
  const meant = { attach, test: testTraffic, shift, restore };
  const others = (Object.keys(meant) as (keyof typeof meant)[]).flatMap((kind) => {
    const write = meant[kind];
    if (!write || isKnown(kind, write)) return [];
    return [
      {
        kind,
        at: iso(write.intendedAtMs),
        doneAt: isoOf(write.doneAtMs),
        trafficStep: kind === 'shift' && trafficStep !== undefined ? trafficStep + 1 : undefined,
        weights: write.to,
      },
    ];
  });
  return [...made, ...others].sort((a, b) => (a.at < b.at ? -1 : 1));
}

function checksOf({ httpChecks, checkResults = {}, checkTaskArns = [] }: Deployment): ShownCheck[] {
  return [
    ...(httpChecks?.passed ?? []).map((check) => ({ check, kind: 'http' as const, passed: true })),
    ...Object.entries(checkResults).map(([check, { passed, reason }]) => ({
      check,
      kind: 'lambda' as const,
      passed,
      reason,
    })),
    ...checkTaskArns.map((check) => ({ check, kind: 'task' as const })),
  ];
}

function signalsOf({ signals, refusedSignals = [] }: Deployment): ShownSignal[] {
  const said: readonly (Signal & Partial<RefusedSignal>)[] = [...Object.values(signals), ...refusedSignals];
  return [...said]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ name, atMs, by, session, reason, digest, refused }) => ({
      word: name,
      at: iso(atMs),
      by,
      session,
      reason,
      digest,
      refused,
    }));
}

/** Each intent with its result. */
function auditOf(entries: readonly AuditEntry[]): ShownAudit[] {
  const results = entries.filter((entry): entry is AuditResult => entry.kind === 'result');
  const intents = entries.filter((entry): entry is AuditIntent => entry.kind === 'intent');
  return intents.map(({ sequence, atMs, cause, operation, resource, before, after }) => {
    const result = results.find(({ of }) => of === sequence);
    return {
      sequence,
      at: iso(atMs),
      state: cause,
      operation,
      resource,
      before,
      after,
      result: result?.result,
      error: result?.error,
      answer: result?.answer,
    };
  });
}
