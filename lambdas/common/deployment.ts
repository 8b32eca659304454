/** The nouns that flow: a deployment, its sides, its progress and its outcome. */
import type { Gate, ServiceConfiguration, Side } from './service.ts';

/** How a deployment ended. Only SUCCESSFUL means that green serves everything. */
export const OUTCOMES = [
  'SUCCESSFUL',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
  'HALTED',
  'STOPPED',
  'REFUSED',
  'DRAIN_FAILED',
  'SUPERSEDED',
  'NOTHING_TO_DEPLOY',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Target group ARN → weight, as one rule (or default action) has it. */
export type Weights = Readonly<Record<string, number>>;

/** The weights of one place that can be written: a listener rule, or a listener's default action. */
export interface ListenerWeights {
  /** ARN of the rule or of the listener. */
  readonly arn: string;
  readonly weights: Weights;
}

/** A write to the listener as the record keeps it, from before it is made: live weights are ours if they are `from` or `to`. */
export interface ListenerWrite {
  readonly from: readonly ListenerWeights[];
  /** A way back begins from either end of the write that it takes back. */
  readonly orFrom?: readonly ListenerWeights[];
  readonly to: readonly ListenerWeights[];
  readonly intendedAtMs: number;
  readonly doneAtMs?: number;
}

/** A write of weights that was made, as the history keeps it. */
export interface TrafficWrite {
  /** `attach`: green at weight 0; `shift`: a traffic step; `restore`: back to blue. */
  readonly kind: 'attach' | 'shift' | 'restore';
  readonly weights: readonly ListenerWeights[];
  /** Of a shift. */
  readonly trafficStep?: number;
  readonly intendedAtMs: number;
  readonly doneAtMs: number;
}

/** A side with what was found there when the deployment was resolved. */
export interface ResolvedSide extends Side {
  readonly serviceArn: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly desiredCount: number;
}

/**
 * What is deployed. An image goes by digest: `uri` is `registry/repository@sha256:…`. Back to a fleet no image goes: then
 * the digest is `fleet:<name>`, for whatever its machines run, and the URI is empty.
 */
export interface DeployedImage {
  readonly uri: string;
  readonly digest: string;
  readonly tag?: string;
}

/** Where a push stands among pushes: versions first if both have one, then times, then the digest. */
export interface PushOrder {
  /** Its version, where the service follows versions. */
  readonly version?: string;
  /** The repository, if it is a sidecar's: versions of different repositories say nothing of each other. */
  readonly sidecar?: string;
  /** The event's time; when the tag was read, for a service that follows one exact tag. */
  readonly pushedAtMs: number;
  readonly imagePushedAtMs: number;
  readonly digest: string;
}

/** A person's reason for a deployment that would have been refused. */
export interface Despite {
  readonly reason: string;
  /** Those that fired. */
  readonly alarms: readonly string[];
  /** The refusals that it overruled, such as `OutsideWindow`; absent of old records. */
  readonly refusals?: readonly string[];
}

/** What started the deployment. Automation obeys the rules on order and on failed digests; a person may overrule. */
export interface StartedBy {
  readonly kind: 'push' | 'schedule' | 'person';
  readonly executionArn: string;
  /** The execution's input as given: the waiting place starts it again from here. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** How much production traffic green has after a step, and how long that is watched. */
export interface TrafficStep {
  /** 0.1 to 100. */
  readonly percent: number;
  readonly bakeSeconds: number;
  /** The gate that has to be passed before the step. */
  readonly gate?: Gate;
}

/** What a person can say to a deployment that is under way. */
export const SIGNALS = ['approve', 'reject', 'promote', 'pause', 'resume', 'abort', 'rollback'] as const;
export type SignalName = (typeof SIGNALS)[number];

/** A person's word as the record keeps it. */
export interface Signal {
  readonly name: SignalName;
  /** Who sent it, by AWS's word: the ARN of a role or user. */
  readonly by: string;
  /** What the caller called the role's session: the caller's own choice. */
  readonly session?: string;
  readonly atMs: number;
  readonly reason?: string;
  /** The digest that an approval is for. */
  readonly digest?: string;
  /** The traffic step at which the deployment stood. */
  readonly trafficStep?: number;
  /** Of `promote`: every later bake too. */
  readonly all?: boolean;
  /** Of `abort`: do not wait for a migration that runs. */
  readonly force?: boolean;
  /** The execution whose input it was, if it did not come by the function's URL. */
  readonly execution?: string;
}

/** A word that was refused, and why. */
export interface RefusedSignal extends Signal {
  readonly refused: string;
}

/** Whether a word answers an approval: such a word counts once, for its digest and its step. */
export const isAnswer = ({ name }: Pick<Signal, 'name'>): boolean => name === 'approve' || name === 'reject';

/** An approval that is asked for: only while it is open can it be given, once, for this digest and step. */
export interface OpenGate {
  readonly gate: Gate;
  readonly trafficStep: number;
  readonly digest: string;
  readonly openedAtMs: number;
  readonly expiresAtMs: number;
  /** ECS's id of the PAUSE hook that waits for it (native). */
  readonly hookId?: string;
}

/** A production step of ECS's own strategy, as our lifecycle hook learnt of it. */
export interface NativeStep {
  /** Green's share. */
  readonly percent: number;
  readonly startedAtMs: number;
  /** How long ECS lets both run before it goes on. */
  readonly bakeSeconds: number;
  readonly productionRule: string;
  /** The groups take turns from deployment to deployment: those of this one's revisions. */
  readonly blueTargetGroup: string;
  readonly greenTargetGroup: string;
}

/** What the machine does next within a deployment: its choices read this word. */
export type NextAct =
  | 'runChecks'
  | 'waitForApproval'
  | 'waitForGroup'
  | 'modifyListener'
  | 'bake'
  | 'pause'
  | 'done';

/** A scalable target as it was found. */
export interface CapturedScaling {
  readonly min: number;
  readonly max: number;
  /** Which kinds of scaling are suspended. */
  readonly suspended: {
    readonly dynamicIn: boolean;
    readonly dynamicOut: boolean;
    readonly scheduled: boolean;
  };
}

/** How the sides scaled before the deployment changed anything about it; a side without a scalable target is absent. */
export interface DeploymentScaling {
  readonly blue?: CapturedScaling;
  readonly green?: CapturedScaling;
  /** In words: how the sides scale differently, whatever the deployment does. */
  readonly differences?: readonly string[];
}

/** How a one-off task ended. */
export interface TaskEnd {
  readonly taskArn: string;
  /** Of the container that was asked; absent if it never ran. */
  readonly exitCode?: number;
  /** Oldest first. */
  readonly lastLogLines: readonly string[];
}

/** What a check function of the user's said. */
export interface CheckResult {
  readonly passed: boolean;
  readonly reason?: string;
}

/** From the moment at which the first of a version's tasks began to stop to the first RUNNING task of the next one. */
export interface Downtime {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The deployment in whose favour another was stopped before it had moved any traffic. */
export interface SupersededBy {
  readonly deploymentId: string;
  /** What started it. */
  readonly kind: StartedBy['kind'];
  readonly atMs: number;
}

/** The member of the group for whose sake a deployment steps back. */
export interface SteppedBackWith {
  readonly service: string;
  readonly deploymentId: string;
  readonly reason: string;
  readonly atMs: number;
}

export interface Stage {
  readonly intendedAtMs: number;
  readonly doneAtMs?: number;
}

/** What a deployment has done so far, and what it was about to do: enough to resume, or to step back, from anywhere. */
export interface Progress {
  readonly stages: Readonly<Record<string, Stage>>;
  /** ARN of the task definition revision that green runs. */
  readonly revisionArn?: string;
  /** Green's live count, blue's at the time. */
  readonly greenCount?: number;
  /** Both sides' autoscaling, from before it was changed. */
  readonly scaling?: DeploymentScaling;
  /** The PRIMARY deployment of green's service before we updated it (to recognise ours when an answer is lost). */
  readonly ecsDeploymentBefore?: string;
  /** The ECS deployment that is ours: `ecs-svc/…`. */
  readonly ecsDeploymentId?: string;
  /** When green has to be steady and verified. */
  readonly steadyStateDeadlineMs?: number;
  /** The images that have passed the gates on them, by their digests, and what was found. */
  readonly imagesVerified?: {
    readonly digests: readonly string[];
    readonly told: string;
    readonly atMs: number;
  };
  readonly attach?: ListenerWrite;
  /** The test rule's write: all its requests to green. */
  readonly testTraffic?: ListenerWrite;
  /** The newest traffic step's write. */
  readonly shift?: ListenerWrite;
  readonly trafficStep?: number;
  /** The traffic step that comes after a gate or a pause. */
  readonly nextTrafficStep?: number;
  /** When the bake of the present traffic step began. */
  readonly bakeStartedAtMs?: number;
  /** The approval that is asked for now. */
  readonly openGate?: OpenGate;
  /** Gates passed, by a person or by their default. */
  readonly gatesPassed?: readonly Gate[];
  /** Why the deployment pauses. */
  readonly pausedBecause?: string;
  /** When blue's service was first set to 0 before green was started (recreate). */
  readonly stoppedAtMs?: number;
  /** When no version served, because the other one was to come first (recreate): until green did, and until blue did again. */
  readonly downtimes?: readonly Downtime[];
  /** All of them together. */
  readonly downtimeSeconds?: number;
  /** The migration task. */
  readonly migrationTaskArn?: string;
  /** When the migration has to have ended. */
  readonly migrationDeadlineMs?: number;
  /** How the migration ended. */
  readonly migration?: TaskEnd;
  /** How green is reached through the test rule: for the user's own checks. */
  readonly testAddress?: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
  /** The user's check tasks, by their place in the configuration. */
  readonly checkTaskArns?: readonly string[];
  /** What the user's check functions said, by `lambda0`, `lambda1`, … */
  readonly checkResults?: Readonly<Record<string, CheckResult>>;
  /** The service deployment of a native strategy. */
  readonly serviceDeploymentArn?: string;
  /** The newest service deployment before ours was started (native, to recognise ours when an answer is lost). */
  readonly serviceDeploymentBefore?: string;
  /** The production step that ECS stands at (native). */
  readonly nativeStep?: NativeStep;
  /** Why our lifecycle hook told ECS to roll back (native): ECS itself does not pass it on. */
  readonly hookFailure?: string;
  /** Green serves all the traffic and the bakes are over: a success, though blue may stand by. */
  readonly succeededAtMs?: number;
  readonly restore?: ListenerWrite;
  /** Every write of weights that was made, in order. */
  readonly trafficWrites?: readonly TrafficWrite[];
  /** The HTTP checks that green passed, such as `GET /health`. */
  readonly httpChecks?: { readonly atMs: number; readonly passed: readonly string[] };
  /** Blue has begun to drain: green is the only good side. */
  readonly pointOfNoReturn?: boolean;
  readonly outcome?: Outcome;
  readonly reason?: string;
  readonly endedAtMs?: number;
  /** Of a deployment that waited: the one under whose id it went on. Of one that was superseded: the one that took its place. */
  readonly successor?: string;
  readonly supersededBy?: SupersededBy;
  /** The round of the group that it takes part in: from `closedAtMs` on its members shift. */
  readonly round?: { readonly id: string; readonly closedAtMs?: number };
  readonly steppedBackWith?: SteppedBackWith;
  /** The newest words that were refused, and how many there were in all. */
  readonly refusedSignals?: readonly RefusedSignal[];
  readonly refusedCount?: number;
}

/** Of a deployment that goes back: what from, and what to. */
export interface Rollback {
  /** The deployment whose version it brings back; absent if that one served before there was any history. */
  readonly toDeploymentId?: string;
  /** What served when it began, if that is known. */
  readonly fromDigest?: string;
  readonly fromDeploymentId?: string;
  /** Who asked for it: a role or user ARN, or the execution, whose starter is not known here. */
  readonly by: string;
  readonly session?: string;
  readonly why: string;
}

export interface Deployment extends Progress {
  readonly deploymentId: string;
  readonly service: string;
  readonly startedBy: StartedBy;
  readonly startedAtMs: number;
  /** The configuration as it was when the deployment was resolved: later changes do not reach it. */
  readonly configuration: ServiceConfiguration;
  /** The image that the deployment is about: its digest is what approvals, waiting and failures are remembered by. */
  readonly image: DeployedImage;
  /** Every container that gets a new image, with that image: more than one if several are moved together. */
  readonly images?: Readonly<Record<string, DeployedImage>>;
  /** Containers that could be moved and are not, with what they run, where the base has something else: container → URI. */
  readonly keptImages?: Readonly<Record<string, string>>;
  readonly order: PushOrder;
  readonly blue: ResolvedSide;
  readonly green: ResolvedSide;
  /** ARN of the task definition that the new revision is made of; empty if green is a fleet. */
  readonly baseTaskDefinitionArn: string;
  /** The production weights found at the start, for every place that is written. */
  readonly liveWeights: readonly ListenerWeights[];
  /** False for a first deployment, or when an outage is being repaired: nothing healthy to return to. */
  readonly blueServes: boolean;
  /** How long after the last shift blue may still get requests: propagation, or the stickiness of its group. */
  readonly settleSeconds: number;
  /** A person's word that this is the repair: alarms that fired at the start count only at the end of a bake. */
  readonly despite?: Despite;
  /** It brings an earlier version back: it is not refused, and automation rests from its beginning. */
  readonly rollback?: Rollback;
  /** Empty for strategies in which Sidestep moves no traffic. */
  readonly trafficSteps: readonly TrafficStep[];
  /** By when green has to serve. */
  readonly deadlineMs?: number;
  /** The services with which it shifts as one, itself included, by name; absent if it shifts by itself. */
  readonly groupMembers?: readonly string[];
  /** Every word that a person has said, by time and name. */
  readonly signals: Readonly<Record<string, Signal>>;
}

/** What every Task of the machine is called with. */
export interface StepInput {
  readonly deploymentId: string;
  readonly executionArn: string;
  /** Only for waits: the token that ends the state. A secret: never logged. */
  readonly taskToken?: string;
  readonly [key: string]: unknown;
}

/** `orders-20261121t034211z-1f2e3d`: service, start, and a digest of the execution's ARN. */
export const deploymentIdPattern = /^(?<service>[a-z][a-z0-9-]*)-\d{8}t\d{6}z-[0-9a-f]{6}$/;

/** The service of a deployment id; undefined if it is not one. */
export function serviceOf(deploymentId: string): string | undefined {
  return deploymentIdPattern.exec(deploymentId)?.groups?.service;
}
