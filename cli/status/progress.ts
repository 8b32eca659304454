/** Where a deployment stands, what it waits for, and what a person can say to it now. Pure. */
import type { Deployment, SignalName } from '../../lambdas/common/deployment.ts';
import { judgeSignal } from '../../lambdas/decisions/signals.ts';
import type { Lock } from '../../lambdas/table/locks.ts';
import type { OpenWait } from '../../lambdas/table/open-waits.ts';
import type { Waiting } from '../../lambdas/table/waiting-place.ts';
import type {
  Answer,
  DeploymentUnderWay,
  PastDeployment,
  TrafficStepStatus,
  WaitingStatus,
} from './facts.ts';

export const iso = (ms: number): string => new Date(ms).toISOString();
const isoOf = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : iso(ms));

/** `…:task-definition/orders:42` → `orders:42` */
export const revisionName = (arn: string | undefined): string | undefined => arn?.split('/').at(-1);

/** As much of an open wait as may be shown: never its token. */
export type SeenWait = Pick<OpenWait, 'deploymentId' | 'state' | 'openedAtMs' | 'waitingFor'>;

export interface Standing {
  readonly lock: Pick<Lock, 'heldBecause'>;
  readonly wait?: SeenWait;
  readonly nowMs: number;
  /** The command line that says a word: `sidestep abort orders`. */
  readonly commandOf: (word: string) => string;
}

export function underWayOf(record: Deployment, standing: Standing): DeploymentUnderWay {
  const { deploymentId, startedAtMs, startedBy, image, revisionArn, outcome, succeededAtMs } = record;
  const wait = standing.wait?.deploymentId === deploymentId ? standing.wait : undefined;
  const stage = stageOf(record, wait);
  return {
    deploymentId,
    startedAt: iso(startedAtMs),
    elapsedSeconds: secondsBetween(startedAtMs, standing.nowMs),
    startedBy: startedBy.kind,
    digest: image.digest,
    tag: image.tag,
    revision: revisionName(revisionArn),
    stage: stage?.name,
    stageSince: isoOf(stage?.sinceMs),
    trafficStep: trafficStepOf(record),
    waitsFor: wait && {
      what: wait.waitingFor ?? 'its first look',
      since: iso(wait.openedAtMs),
      until: isoOf(limitOf(record, wait)),
    },
    approvals: approvalsOf(record),
    answers: answersTo(record, stage?.name, standing),
    standsBy: !outcome && succeededAtMs !== undefined && !record.pointOfNoReturn,
    heldBecause: standing.lock.heldBecause,
  };
}

/** The state that waits, or else the newest one that something was written of. */
export function stageOf(
  { stages }: Pick<Deployment, 'stages'>,
  wait?: Pick<SeenWait, 'state' | 'openedAtMs'>,
): { readonly name: string; readonly sinceMs: number } | undefined {
  if (wait) return { name: wait.state, sinceMs: wait.openedAtMs };
  const written = Object.entries(stages).map(([name, { intendedAtMs, doneAtMs = 0 }]) => ({
    name,
    sinceMs: Math.max(intendedAtMs, doneAtMs),
  }));
  return written.sort((a, b) => a.sinceMs - b.sinceMs).at(-1);
}

function trafficStepOf({
  trafficSteps,
  trafficStep,
  bakeStartedAtMs,
  shift,
  configuration,
}: Deployment): TrafficStepStatus | undefined {
  const step = trafficStep === undefined ? undefined : trafficSteps[trafficStep];
  if (trafficStep === undefined || !step) return undefined;
  // A bake that began before the newest shift is the last step's.
  const hasBegun = bakeStartedAtMs !== undefined && bakeStartedAtMs >= (shift?.intendedAtMs ?? 0);
  const bakeSeconds = step.bakeSeconds ?? configuration.bakeSeconds;
  return {
    number: trafficStep + 1,
    count: trafficSteps.length,
    percent: step.percent,
    bakeEndsAt: hasBegun ? iso(bakeStartedAtMs + bakeSeconds * 1000) : undefined,
  };
}

/** When a wait ends by itself, as far as the record knows. */
function limitOf(record: Deployment, { state, openedAtMs }: SeenWait): number | undefined {
  const { configuration, trafficSteps, trafficStep = 0, bakeStartedAtMs } = record;
  const inSeconds = (seconds: number): number => openedAtMs + seconds * 1000;
  switch (state) {
    case 'WaitForSteadyState':
      return record.steadyStateDeadlineMs;
    case 'RunMigration':
      return record.migrationDeadlineMs;
    case 'WaitForApproval':
      return record.openGate?.expiresAtMs;
    case 'Bake': {
      const seconds = trafficSteps[trafficStep]?.bakeSeconds ?? configuration.bakeSeconds;
      return (bakeStartedAtMs ?? openedAtMs) + seconds * 1000;
    }
    case 'Pause':
      return inSeconds(configuration.pauseTimeoutSeconds);
    case 'Standby':
      return inSeconds(configuration.keepBlueSeconds);
    case 'DrainBlue':
      return inSeconds(configuration.drainTimeoutSeconds);
    default:
      return undefined;
  }
}

/** Gates that nobody has passed yet; one whose silence is up to its default is still one to come. */
function approvalsOf({
  trafficSteps,
  gatesPassed = [],
  openGate,
  outcome,
}: Deployment): DeploymentUnderWay['approvals'] {
  if (outcome) return [];
  return trafficSteps.flatMap(({ gate, percent }) =>
    gate === undefined || gatesPassed.includes(gate)
      ? []
      : [{ gate, percent, expiresAt: gate === openGate?.gate ? iso(openGate.expiresAtMs) : undefined }],
  );
}

/** What is worth saying in a stage; whether it is accepted is the signal's own verdict. */
function answersTo(record: Deployment, stage: string | undefined, { nowMs, commandOf }: Standing): Answer[] {
  if (record.outcome) return [];
  const worth: Readonly<Record<SignalName, boolean>> = {
    approve: stage === 'WaitForApproval',
    reject: stage === 'WaitForApproval',
    promote: stage === 'Bake',
    pause: stage !== 'Pause' && record.succeededAtMs === undefined,
    resume: stage === 'Pause',
    abort: record.succeededAtMs === undefined,
    rollback: stage === 'Standby',
  };
  const said = { by: '', atMs: nowMs, digest: record.openGate?.digest };
  return (Object.keys(worth) as SignalName[])
    .filter((name) => worth[name] && judgeSignal({ ...said, name }, record).accepted)
    .map((word) => ({ word, command: commandOf(word) }));
}

export function waitingOf(waiting: Waiting, isBusy: boolean): WaitingStatus {
  const { deploymentId, digest, sinceMs, byPerson, waitsFor, notBeforeMs } = waiting;
  return {
    deploymentId,
    digest,
    since: iso(sinceMs),
    by: byPerson ? 'person' : 'push',
    waitsFor:
      waitsFor ?? (isBusy ? 'its turn: another deployment is under way' : 'its call, within a minute'),
    notBefore: isoOf(notBeforeMs),
  };
}

export function pastOf(record: Deployment): PastDeployment | undefined {
  const { deploymentId, outcome, reason = '', startedAtMs, endedAtMs, startedBy, image } = record;
  if (!outcome) return undefined;
  return {
    deploymentId,
    outcome,
    reason,
    startedAt: iso(startedAtMs),
    endedAt: isoOf(endedAtMs),
    seconds: endedAtMs === undefined ? undefined : secondsBetween(startedAtMs, endedAtMs),
    startedBy: startedBy.kind,
    by: startedByWhom(record),
    digest: image.digest,
    tag: image.tag,
  };
}

/** `the push of v2`, `schedule nightly`, or how a person named their execution. */
export function startedByWhom({
  startedBy: { kind, executionArn, input },
}: Pick<Deployment, 'startedBy'>): string {
  const { push, schedule } = input as { push?: { tag?: string }; schedule?: string };
  if (schedule) return `schedule ${schedule}`;
  if (push?.tag) return `push of ${push.tag}`;
  return kind === 'person' ? `execution ${executionArn.split(':').at(-1)}` : kind;
}

export const secondsBetween = (fromMs: number, toMs: number): number =>
  Math.max(0, Math.round((toMs - fromMs) / 1000));
