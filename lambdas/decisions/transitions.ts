/** What came about between two images of one of the table's items: the transitions that are told. */
import type { Deployment, Outcome, Signal } from '../common/deployment.ts';
import type { DeploymentEvent, ServiceEvent } from '../common/event-schema.ts';
import type { ServiceTransition, Transition } from '../common/transition-words.ts';
import { percentOf } from './weights.ts';

/** The waiting place, as far as it is told of. */
interface Waiting {
  readonly service: string;
  readonly deploymentId: string;
  readonly digest: string;
  readonly byPerson: boolean;
  readonly sinceMs: number;
  readonly waitsFor?: string;
}

interface Lock {
  readonly service: string;
  readonly deploymentId: string;
  readonly executionArn: string;
  readonly recoveryCount: number;
}

/** A person's word about a service. */
interface SpokenWord {
  readonly service: string;
  readonly word: 'freeze' | 'unfreeze' | 'suspend' | 'resume' | 'rollback';
  readonly by: string;
  readonly session?: string;
  readonly atMs: number;
  readonly why?: string;
  readonly untilMs?: number;
  readonly deploymentId?: string;
}

/** One change of an item, as a stream tells it. */
export interface Change {
  readonly pk: string;
  readonly sk: string;
  readonly before?: object;
  readonly after?: object;
  /** Greater for later changes of the same item. */
  readonly sequence: string;
  readonly atMs: number;
}

export type Told =
  | {
      readonly of: 'deployment';
      readonly event: DeploymentEvent;
      /** The record as it was then; absent where only the waiting place or the lock tells. */
      readonly deployment?: Deployment;
    }
  | { readonly of: 'service'; readonly event: ServiceEvent };

/** A transition, before it is known as which of its change. */
type Draft<E> = Omit<E, 'version' | 'sequence' | 'service'>;
type DeploymentDraft = Draft<DeploymentEvent>;

/** The same change always gives the same transitions, in the same order, with the same sequences. */
export function transitionsOf(change: Change): Told[] {
  const { pk, sk, before, after } = change;
  if (!after) return [];
  if (sk.startsWith('deployment#')) {
    const deployment = after as Deployment;
    const drafts = deploymentTransitions(before as Deployment | undefined, deployment, change.atMs);
    return drafts.map((draft, index) => ({
      of: 'deployment',
      event: { ...signed(change, deployment.service, index), ...subjectOf(deployment), ...draft },
      deployment,
    }));
  }
  if (pk === 'waiting') return queued(before as Waiting | undefined, after as Waiting, change);
  if (pk === 'locks') return recovered(before as Lock | undefined, after as Lock, change);
  if (sk.startsWith('word#') && !before) return [spoken(after as SpokenWord, change)];
  return [];
}

function signed({ sequence }: Change, service: string, index: number) {
  const order = `${sequence.padStart(40, '0')}-${`${index}`.padStart(2, '0')}`;
  return { version: '1' as const, service, sequence: order };
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** What every event of a deployment says of it. */
function subjectOf(deployment: Deployment) {
  const { deploymentId, image, configuration, startedBy, startedAtMs } = deployment;
  return {
    deploymentId,
    strategy: configuration.strategy.type,
    startedBy: startedBy.kind,
    startedAt: iso(startedAtMs),
    digest: image.digest,
    ...(image.tag !== undefined && { tag: image.tag }),
    ...(image.uri && { image: image.uri }),
  };
}

/** States that are entered only on the way back. */
const WAY_BACK = ['RestoreListener', 'StopGreen', 'StartBlue', 'StopServiceDeployment'];

function deploymentTransitions(
  before: Deployment | undefined,
  after: Deployment,
  atMs: number,
): DeploymentDraft[] {
  const drafts: (DeploymentDraft | undefined)[] = [
    before ? undefined : requested(after),
    ...stageTransitions(before, after),
    ...weightChanges(before, after),
    approvalAsked(before, after),
    paused(before, after, atMs),
    ...signals(before, after),
    succeeded(before, after),
    after.pointOfNoReturn && !before?.pointOfNoReturn ? draftOf('POINT_OF_NO_RETURN', atMs) : undefined,
    ended(before, after, atMs),
  ];
  return drafts.filter((draft) => draft !== undefined);
}

const draftOf = (
  transition: Transition | Outcome,
  atMs: number,
  more: Partial<DeploymentDraft> = {},
): DeploymentDraft => ({ transition, at: iso(atMs), ...more }) as DeploymentDraft;

/** A record that is born with its outcome was never begun. */
const requested = ({ outcome, startedAtMs }: Deployment): DeploymentDraft | undefined =>
  outcome === undefined ? draftOf('REQUESTED', startedAtMs) : undefined;

function stageTransitions(before: Deployment | undefined, after: Deployment): DeploymentDraft[] {
  const was = before?.stages ?? {};
  const isFirst = Object.keys(was).length === 0;
  // A table gives members back in an order of its own.
  const stages = Object.entries(after.stages).sort(([, a], [, b]) => a.intendedAtMs - b.intendedAtMs);
  return stages.flatMap(([stage, { intendedAtMs, doneAtMs }], index) => {
    const known = was[stage];
    const drafts: DeploymentDraft[] = [];
    const isBegun = !known || isBegunAgain(stage, before, after);
    if (isBegun) {
      const begunAtMs = known && stage === 'Bake' ? (after.bakeStartedAtMs ?? intendedAtMs) : intendedAtMs;
      if (isFirst && index === 0) drafts.push(draftOf('STARTED', intendedAtMs));
      const isOnTheWayBack = WAY_BACK.includes(stage) && !WAY_BACK.some((one) => was[one]);
      if (isOnTheWayBack) drafts.push(draftOf('ROLLBACK_STARTED', intendedAtMs));
      drafts.push(draftOf('STAGE_STARTED', begunAtMs, { stage }));
    }
    if (doneAtMs !== undefined && known?.doneAtMs !== doneAtMs)
      drafts.push(draftOf('STAGE_COMPLETED', doneAtMs, { stage }));
    return drafts;
  });
}

/** The next traffic step's: a stage that was done has its intent again, and each bake begins anew. */
function isBegunAgain(stage: string, before: Deployment | undefined, after: Deployment): boolean {
  if (stage === 'Bake') return after.bakeStartedAtMs !== before?.bakeStartedAtMs;
  return before?.stages[stage]?.doneAtMs !== undefined && after.stages[stage]?.doneAtMs === undefined;
}

/** Green's attachment at weight 0 changes nothing for users. */
function weightChanges(before: Deployment | undefined, after: Deployment): DeploymentDraft[] {
  const known = before?.trafficWrites?.length ?? 0;
  const writes = (after.trafficWrites ?? []).slice(known).filter(({ kind }) => kind !== 'attach');
  const shifts = writes.map(({ weights, trafficStep, doneAtMs }) =>
    draftOf('WEIGHTS_CHANGED', doneAtMs, {
      greenPercent: percentOf(weights[0]?.weights ?? {}, after.green.targetGroup),
      weights: weights.map((place) => ({ arn: place.arn, weights: { ...place.weights } })),
      ...(trafficStep !== undefined && { trafficStep }),
    }),
  );
  const { nativeStep } = after;
  if (!nativeStep || nativeStep.startedAtMs === before?.nativeStep?.startedAtMs) return shifts;
  // ECS itself has shifted.
  const { startedAtMs, percent: greenPercent } = nativeStep;
  return [...shifts, draftOf('WEIGHTS_CHANGED', startedAtMs, { greenPercent })];
}

function approvalAsked(
  before: Deployment | undefined,
  { openGate }: Deployment,
): DeploymentDraft | undefined {
  if (!openGate || openGate.openedAtMs === before?.openGate?.openedAtMs) return undefined;
  const { gate, openedAtMs, expiresAtMs, trafficStep } = openGate;
  return draftOf('WAITING_FOR_APPROVAL', openedAtMs, { gate, expiresAt: iso(expiresAtMs), trafficStep });
}

/** The state Pause, or the lifecycle hook that holds ECS's own shift. */
function paused(
  before: Deployment | undefined,
  { stages, pausedBecause, configuration, nextTrafficStep }: Deployment,
  atMs: number,
): DeploymentDraft | undefined {
  const isInState =
    stages.Pause !== undefined && (!before?.stages.Pause || nextTrafficStep !== before.nextTrafficStep);
  const isHeld =
    configuration.strategy.type === 'native' &&
    pausedBecause !== undefined &&
    pausedBecause !== before?.pausedBecause;
  if (!isInState && !isHeld) return undefined;
  return draftOf('PAUSED', atMs, { reason: pausedBecause ?? 'a person paused it' });
}

function signals(before: Deployment | undefined, after: Deployment): DeploymentDraft[] {
  const fresh = Object.entries(after.signals).filter(([key]) => !before?.signals[key]);
  return fresh
    .map(([, signal]) => signal)
    .sort((a, b) => a.atMs - b.atMs)
    .map((signal) => draftOf('SIGNAL_RECEIVED', signal.atMs, { signal: told(signal) }));
}

const told = ({ name, by, session, reason }: Signal) => ({
  name,
  by,
  ...(session !== undefined && { session }),
  ...(reason !== undefined && { reason }),
});

function succeeded(
  before: Deployment | undefined,
  { succeededAtMs }: Deployment,
): DeploymentDraft | undefined {
  if (succeededAtMs === undefined || before?.succeededAtMs !== undefined) return undefined;
  return draftOf('SUCCEEDED', succeededAtMs);
}

/** A recovery by a person's order may end a deployment that had ended once. */
function ended(
  before: Deployment | undefined,
  { outcome, reason, endedAtMs, successor }: Deployment,
  atMs: number,
): DeploymentDraft | undefined {
  const isEnd = outcome !== undefined && (outcome !== before?.outcome || endedAtMs !== before.endedAtMs);
  if (!isEnd) return undefined;
  return draftOf(outcome, endedAtMs ?? atMs, {
    endedAt: iso(endedAtMs ?? atMs),
    ...(reason && { reason }),
    ...(successor !== undefined && { successor }),
  });
}

function queued(before: Waiting | undefined, after: Waiting, change: Change): Told[] {
  if (before?.deploymentId === after.deploymentId) return [];
  const { service, deploymentId, digest, sinceMs, byPerson, waitsFor } = after;
  const event: DeploymentEvent = {
    ...signed(change, service, 0),
    transition: 'QUEUED',
    at: iso(sinceMs),
    deploymentId,
    digest,
    ...(byPerson && { startedBy: 'person' as const }),
    ...(waitsFor && { reason: waitsFor }),
  };
  return [{ of: 'deployment', event }];
}

function recovered(before: Lock | undefined, after: Lock, change: Change): Told[] {
  const isTakenOver =
    before?.deploymentId === after.deploymentId && before.recoveryCount < after.recoveryCount;
  if (!isTakenOver) return [];
  const event: DeploymentEvent = {
    ...signed(change, after.service, 0),
    transition: 'RECOVERY_STARTED',
    at: iso(change.atMs),
    deploymentId: after.deploymentId,
    reason: `${before.executionArn} ended before its deployment did; ${after.executionArn} goes on`,
  };
  return [{ of: 'deployment', event }];
}

const WORDS: Readonly<Record<SpokenWord['word'], ServiceTransition>> = {
  freeze: 'FROZEN',
  unfreeze: 'UNFROZEN',
  suspend: 'SUSPENDED',
  resume: 'RESUMED',
  rollback: 'ROLLBACK_REQUESTED',
};

function spoken(
  { service, word, by, session, atMs, why, untilMs, deploymentId }: SpokenWord,
  change: Change,
): Told {
  const event: ServiceEvent = {
    ...signed(change, service, 0),
    transition: WORDS[word],
    at: iso(atMs),
    by,
    ...(session !== undefined && { session }),
    ...(why && { reason: why }),
    ...(untilMs !== undefined && { until: iso(untilMs) }),
    ...(deploymentId !== undefined && { deploymentId }),
  };
  return { of: 'service', event };
}
