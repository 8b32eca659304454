/** What a person's words amount to: a deployment's signals, read in order of their time. */
import type { Deployment, Signal, SteppedBackWith, SupersededBy } from '../common/deployment.ts';

export interface Orders {
  /** Stop, and step back. */
  readonly abort?: Signal;
  /** Go no further before `resume` or `promote`. */
  readonly pause?: Signal;
  /** Skip the rest of this bake, or of all. */
  readonly promote?: Signal;
  readonly rollback?: Signal;
  readonly resume?: Signal;
}

type Told = Pick<Deployment, 'signals' | 'trafficStep'>;
type Standing = Told & Pick<Deployment, 'deadlineMs' | 'supersededBy' | 'steppedBackWith' | 'succeededAtMs'>;

/** The orders that stand now. */
export function ordersOf({ signals, trafficStep }: Told): Orders {
  const told = Object.values(signals).sort((a, b) => a.atMs - b.atMs);
  const last = (...names: Signal['name'][]) => told.findLast(({ name }) => names.includes(name));
  const paused = last('pause', 'resume', 'promote');
  const promotions = told.filter(({ name }) => name === 'promote');
  return {
    abort: last('abort'),
    pause: paused?.name === 'pause' ? paused : undefined,
    promote: promotions.findLast((signal) => signal.all || signal.trafficStep === trafficStep),
    rollback: last('rollback'),
    resume: last('resume', 'promote'),
  };
}

/** An abort that does not wait for a migration that runs. */
export function forcedAbortOf({ signals }: Pick<Told, 'signals'>): Signal | undefined {
  return Object.values(signals).find(({ name, force }) => name === 'abort' && force);
}

/** States in which green is on its way in: an order to stop, or a deadline, ends them. Two judge that for themselves, because tasks of theirs may run. */
const FORWARD: readonly string[] = [
  'RegisterRevision',
  'VerifyImage',
  'AttachGreen',
  'StopBlue',
  'StartGreen',
  'WaitForSteadyState',
  'VerifyTargets',
  'WaitForApproval',
  'JudgeApproval',
  'WaitForGroup',
  'JudgeGroup',
  'ModifyListener',
  'Bake',
  'JudgeBake',
  'Pause',
  'StartServiceDeployment',
  'FollowServiceDeployment',
];

const OF_GROUP: readonly string[] = ['WaitForGroup', 'JudgeGroup'];

/** A person's word, the time, a newer deployment, or another member of the group. */
export type StopCause = 'aborted' | 'late' | 'superseded' | 'steppedBack';

export type StopVerdict =
  | { readonly stop: false }
  | { readonly stop: true; readonly because: StopCause; readonly reason: string };

/** Whether a state may still go forward. */
export function mayGoOn(state: string, deployment: Standing, nowMs: number): StopVerdict {
  // A group that has come through as one does not step back by single members: what is late now comes to the clean-up.
  const isThrough = OF_GROUP.includes(state) && deployment.succeededAtMs !== undefined;
  return FORWARD.includes(state) && !isThrough ? mayStart(state, deployment, nowMs) : { stop: false };
}

/** Whether anything new may still be started in a state. */
export function mayStart(state: string, deployment: Standing, nowMs: number): StopVerdict {
  const { abort, rollback } = ordersOf(deployment);
  const order = abort ?? rollback;
  if (order) return { stop: true, because: 'aborted', reason: describeSignal(order) };
  const { supersededBy, steppedBackWith } = deployment;
  if (supersededBy) return { stop: true, because: 'superseded', reason: describeSuperseded(supersededBy) };
  if (steppedBackWith)
    return { stop: true, because: 'steppedBack', reason: describeSteppedBack(steppedBackWith) };
  const { deadlineMs } = deployment;
  if (deadlineMs === undefined || nowMs < deadlineMs) return { stop: false };
  const reason = `green does not serve by the deadline, ${new Date(deadlineMs).toISOString()}; it stood in ${state}`;
  return { stop: true, because: 'late', reason };
}

/** `superseded by orders-…, started by a push`, for people. */
export function describeSuperseded({ deploymentId, kind }: SupersededBy): string {
  return `superseded by ${deploymentId}, started by a ${kind}, before it had moved any traffic`;
}

/** `steps back with users (users-…): why`, for people. */
export function describeSteppedBack({ service, deploymentId, reason }: SteppedBackWith): string {
  return `steps back with ${service} (${deploymentId}), of the same group: ${reason}`;
}

/** `abort by arn:…: why`, for people. */
export function describeSignal({ name, by, reason }: Signal): string {
  return `${name} by ${by}${reason ? `: ${reason}` : ''}`;
}
