/** What `sidestep status` tells of a service, as --json gives it: its keys are a promise to scripts. Times are ISO 8601. */
import type { Outcome, StartedBy, Weights } from '../../lambdas/common/deployment.ts';

export interface TargetGroupStatus {
  readonly arn: string;
  /** Share of the production traffic that it has now, 0 to 100; absent if no rule was read. */
  readonly percent?: number;
  /** The share that Sidestep last meant it to have; absent if it has meant none yet. */
  readonly wantedPercent?: number;
  readonly healthyCount: number;
  /** Registered targets that do not drain. */
  readonly targetCount: number;
  /** Of those that are not healthy, in ELB's own words. */
  readonly unhealthy: readonly string[];
}

export interface SideStatus {
  readonly kind: 'ecs' | 'fleet';
  /** Without its ARN. */
  readonly cluster: string;
  readonly service: string;
  /** In the deployment under way, or else by the live weights; absent for a service with one side, and if no side has all the traffic. */
  readonly role?: 'blue' | 'green';
  /** None without a load balancer; two of a native service. */
  readonly targetGroups: readonly TargetGroupStatus[];
  /** Counts are absent for a fleet. */
  readonly runningCount?: number;
  readonly desiredCount?: number;
  readonly pendingCount?: number;
  /** `orders:42`. */
  readonly revision?: string;
  readonly digest?: string;
  readonly tag?: string;
}

/** A rule, or a listener's default action, as it is and as it was last meant. */
export interface PlaceStatus {
  readonly arn: string;
  readonly weights: Weights;
  readonly wanted?: Weights;
}

export interface TrafficStepStatus {
  /** From 1. */
  readonly number: number;
  readonly count: number;
  readonly percent: number;
  /** When its bake is over, once that has begun. */
  readonly bakeEndsAt?: string;
}

/** Something that a person can say now, and the command that says it. */
export interface Answer {
  readonly word: string;
  readonly command: string;
}

export interface DeploymentUnderWay {
  readonly deploymentId: string;
  readonly startedAt: string;
  readonly elapsedSeconds: number;
  readonly startedBy: StartedBy['kind'];
  readonly digest: string;
  readonly tag?: string;
  readonly revision?: string;
  /** The newest state that has begun; absent before the first. */
  readonly stage?: string;
  readonly stageSince?: string;
  readonly trafficStep?: TrafficStepStatus;
  /** What it waits for now, since when, and until when at most. */
  readonly waitsFor?: { readonly what: string; readonly since: string; readonly until?: string };
  /** Approvals that are still to come, the open one first. */
  readonly approvals: readonly {
    readonly gate: string;
    readonly percent: number;
    readonly expiresAt?: string;
  }[];
  readonly answers: readonly Answer[];
  /** Green serves all the traffic, and blue stands by. */
  readonly standsBy: boolean;
  /** Why the lock is kept for a person, after the deployment has ended. */
  readonly heldBecause?: string;
}

export interface WaitingStatus {
  readonly deploymentId: string;
  readonly digest: string;
  readonly since: string;
  readonly by: 'push' | 'person';
  /** In words. */
  readonly waitsFor: string;
  readonly notBefore?: string;
}

export interface RestraintStatus {
  readonly kind: 'frozen' | 'suspended';
  readonly why: string;
  readonly by: string;
  readonly at: string;
  /** Of a freeze. */
  readonly until?: string;
  /** Of a suspension that a rollback made. */
  readonly deploymentId?: string;
}

export interface PastDeployment {
  readonly deploymentId: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly seconds?: number;
  readonly startedBy: StartedBy['kind'];
  /** Who, in words: an ARN, a tag, a schedule. */
  readonly by?: string;
  readonly digest: string;
  readonly tag?: string;
}

export interface ServiceStatus {
  readonly service: string;
  readonly strategy: string;
  readonly sides: readonly SideStatus[];
  /** Empty if Sidestep moves no traffic. */
  readonly places: readonly PlaceStatus[];
  readonly deployment?: DeploymentUnderWay;
  readonly waiting?: WaitingStatus;
  readonly restraints: readonly RestraintStatus[];
  /** The newest three that have ended, newest first. */
  readonly last: readonly PastDeployment[];
  /** What could not be read, and why. */
  readonly problems: readonly string[];
}

export interface StatusDocument {
  /** `account 123456789012, us-east-1`, or the local cloud's address. */
  readonly place: string;
  /** When it was read: on the local cloud's clock, if it is one. */
  readonly at: string;
  readonly services: readonly ServiceStatus[];
}
