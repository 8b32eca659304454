/** One service of the configuration, complete: defaults filled in, durations in seconds. */

/** Which pushed tags deploy: versions in a range, a pattern, whatever was pushed last, or one tag that moves. */
export type TagPolicy =
  | { readonly semver: string }
  | { readonly glob: string /** The regular expression that the glob means. */; readonly pattern: string }
  | { readonly newest: true }
  | { readonly exact: string };

/** Where the images of some containers come from. */
export interface RepositorySource {
  /** The ECR repository's name. */
  readonly repository: string;
  /** The registry's account, if it is not the stack's own. */
  readonly registryId?: string;
  /** The containers of the task definition that receive the image. */
  readonly containers: readonly string[];
  readonly tags: TagPolicy;
}

/** Severities of scan findings, mildest first. ECR's UNDEFINED is none of them: it counts as worse than all. */
export const SEVERITIES = ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The main repository's first container is the one that gates and plans speak of. */
export interface ImageSource extends RepositorySource {
  /** What the new revision is made of: the running definition, or the newest of the family (so that a changed environment ships). */
  readonly base: 'running' | 'family-latest';
  /** How long ago an image must have arrived in ECR before automation deploys it. */
  readonly minimumAgeSeconds: number;
  /** The worst finding of ECR's scan that passes, and how long the scan is waited for. */
  readonly scan?: { readonly atMost: Severity; readonly timeoutSeconds: number };
  /** How long ECR's signatures are waited for. */
  readonly signature?: { readonly timeoutSeconds: number };
  /** The tag that marks what is in use, so that lifecycle policies keep it. */
  readonly keepTag?: string;
  /** Containers whose images come from other repositories. */
  readonly sidecars: readonly RepositorySource[];
}

/** Whether something has to be known of an image before it runs. */
export function hasImageGates({ image }: Pick<ServiceConfiguration, 'image'>): boolean {
  return image.scan !== undefined || image.signature !== undefined;
}

/** Every repository that feeds a service: the main one first. */
export function sourcesOf({ image }: Pick<ServiceConfiguration, 'image'>): readonly RepositorySource[] {
  return [image, ...image.sidecars];
}

/** A place that can serve: an ECS service behind a target group, a fleet of VMs behind one, or an ECS service alone. */
export interface Side {
  readonly kind: 'ecs' | 'fleet';
  /** Name or ARN, as in the configuration; empty for a fleet. */
  readonly cluster: string;
  /** The ECS service's name or ARN, or the fleet's name. */
  readonly service: string;
  /** Empty if the service is behind no load balancer. */
  readonly targetGroup: string;
}

/** A module of a fleet: the rule that takes its requests, and the address under which it answers. */
export interface Module {
  readonly name: string;
  readonly rule: string;
  /** `zone/module`: checked as the path `/zone/module` on green before the swap. */
  readonly address: string;
}

/** Where weights are written: listener rules, in the order in which they are written, or a listener's default action. */
export type Traffic =
  | { readonly rules: readonly string[]; readonly testRule?: string }
  | { readonly listener: string; readonly testRule?: string };

export interface HttpCheck {
  readonly path: string;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'OPTIONS';
  /** Sent instead of the host that the test rule asks for; it must meet the rule too. */
  readonly host?: string;
  readonly status: number;
  /** A text that the body must contain. */
  readonly contains?: string;
  /** JSON pointer (RFC 6901) → the value that must be there. */
  readonly json?: Readonly<Record<string, string | number | boolean | null>>;
  /** How many answers in a row must pass. */
  readonly inARow: number;
  /** The slowest answer that passes. */
  readonly latencyMs?: number;
  readonly timeoutSeconds: number;
}

/** Where the HTTP checker runs: a function inside the VPC, for internal load balancers. */
export interface CheckNetwork {
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** The function that the stack has there. */
  readonly functionName?: string;
}

/** A Lambda function of the user's, called with the deployment; it passes if it returns `{"passed": true}`. */
export interface LambdaCheck {
  readonly functionName: string;
  readonly timeoutSeconds: number;
}

/** An ECS task of the user's: it passes if every essential container exits with 0. */
export interface TaskCheck {
  readonly taskDefinition: string;
  readonly cluster?: string;
  readonly timeoutSeconds: number;
}

/** CloudWatch alarms: of the whole service, and of the side that they watch, keyed by the side's ECS service or fleet. */
export interface Alarms {
  readonly service: readonly string[];
  readonly sides: Readonly<Record<string, readonly string[]>>;
}

export interface Checks {
  readonly http: readonly HttpCheck[];
  readonly network?: CheckNetwork;
  readonly lambda: readonly LambdaCheck[];
  readonly task: readonly TaskCheck[];
  readonly alarms: Alarms;
}

export type Strategy =
  | { readonly type: 'all-at-once' }
  | { readonly type: 'canary'; readonly percent: number; readonly bakeSeconds: number }
  | { readonly type: 'linear'; readonly percent: number; readonly everySeconds: number }
  | {
      readonly type: 'steps';
      readonly steps: readonly { readonly percent: number; readonly bakeSeconds: number }[];
    }
  | { readonly type: 'rolling' }
  | { readonly type: 'recreate' }
  | { readonly type: 'native' };

export const GATES = ['before-traffic', 'before-full-traffic'] as const;
export type Gate = (typeof GATES)[number];

/** A person's word before traffic moves. */
export interface Approval {
  readonly gates: readonly Gate[];
  readonly timeoutSeconds: number;
  /** What silence means when the time is up. */
  readonly otherwise: 'approve' | 'reject';
}

/** The comparison of green with blue while both have traffic. */
export interface Analysis {
  /** Requests that each side must have had before its figures count. */
  readonly minimumRequests: number;
  /** How many times blue's response time green's may be. */
  readonly tolerance: number;
  readonly periodSeconds: number;
  /** How far behind the present CloudWatch's figures are complete. */
  readonly lagSeconds: number;
  /** What an inconclusive verdict becomes. */
  readonly otherwise: 'pause' | 'pass' | 'fail';
}

/** A one-off task of the new revision, before green takes traffic. */
export interface Migration {
  /** The container whose command is overridden. */
  readonly container: string;
  readonly command: readonly string[];
  readonly timeoutSeconds: number;
}

/** When automation, and without a reason people too, may begin a deployment. */
export interface Window {
  /** An AWS cron expression, such as `cron(0 9 ? * MON-FRI *)`. */
  readonly opens: string;
  /** How long it is open. */
  readonly seconds: number;
  /** IANA name. */
  readonly timeZone: string;
}

/** A time at which EventBridge Scheduler asks for what is newest. */
export interface Schedule {
  readonly name: string;
  /** `cron(…)` or `rate(…)`. */
  readonly at: string;
  readonly timeZone: string;
  /** Whether the digest that serves is deployed again, with new tasks. */
  readonly force: boolean;
}

/** What becomes of a push or a request that finds a deployment under way. */
export const WHEN_BUSY = ['queue', 'supersede', 'reject'] as const;
export type WhenBusy = (typeof WHEN_BUSY)[number];

/** Services that belong together. */
export interface Group {
  readonly name: string;
  /** Whether they shift, and step back, as one. */
  readonly together: boolean;
  /** How long one waits for the others, before its first shift and again after its last bake. */
  readonly timeoutSeconds: number;
}

export interface ServiceConfiguration {
  readonly name: string;
  readonly image: ImageSource;
  readonly strategy: Strategy;
  /** Absent for strategies that move no traffic themselves. */
  readonly traffic?: Traffic;
  /** Empty unless the rules are modules with addresses of their own. */
  readonly modules: readonly Module[];
  /** Two if traffic moves from one to the other, one otherwise. */
  readonly sides: readonly [Side] | readonly [Side, Side];
  /** ARNs of the task and execution roles that RegisterTaskDefinition may pass. */
  readonly roles: readonly string[];
  /** ARNs of the roles and users that may approve and reject; whoever may call the function, if there are none. */
  readonly approvers: readonly string[];
  readonly checks: Checks;
  readonly analysis?: Analysis;
  readonly approval?: Approval;
  readonly migration?: Migration;
  /** How long both sides run after the last shift. */
  readonly bakeSeconds: number;
  /** How long blue stays whole after success, so that a rollback is one write. */
  readonly keepBlueSeconds: number;
  /** How long a pause may last before the deployment steps back. */
  readonly pauseTimeoutSeconds: number;
  /** How long the whole deployment may take until green serves, from the beginning of the outer one if there is one. */
  readonly deadlineSeconds?: number;
  /** The count of a first deployment, when nothing runs that could be counted. */
  readonly initialCount: number;
  /** How long green may take to become steady and healthy. */
  readonly steadyStateTimeoutSeconds: number;
  /** How long blue may take to finish its last requests and stop. */
  readonly drainTimeoutSeconds: number;
  /** The longest that sticky clients of blue are waited for before it is drained. */
  readonly drainStickySeconds: number;
  /** How long a weight written is given to take effect on every load balancer node before anything is stopped. */
  readonly propagationSeconds: number;
  readonly whenBusy: WhenBusy;
  /** Services that have to be deployed, and well, before this one begins. */
  readonly after: readonly string[];
  readonly group?: Group;
  /** Deployments begin in any of them; empty means always. */
  readonly windows: readonly Window[];
  readonly schedules: readonly Schedule[];
  /** How long ended deployments and their audits are kept. */
  readonly historySeconds: number;
}

/** Strategies in which Sidestep moves the traffic from one side to the other. */
export function shiftsTraffic({ strategy }: Pick<ServiceConfiguration, 'strategy'>): boolean {
  return !['rolling', 'recreate', 'native'].includes(strategy.type);
}

/** Strategies in which green takes blue's place within one ECS service, by an update that Sidestep makes. */
export function isInPlace({ strategy }: Pick<ServiceConfiguration, 'strategy'>): boolean {
  return strategy.type === 'rolling' || strategy.type === 'recreate';
}

/** The group with which a service shifts as one; undefined if it shifts by itself. */
export function jointGroupOf({ group }: Pick<ServiceConfiguration, 'group'>): Group | undefined {
  return group?.together ? group : undefined;
}

/** Where CDK writes each service's configuration, as one JSON document: `/sidestep/services/orders`. */
export const CONFIGURATION_PREFIX = '/sidestep/services/';
