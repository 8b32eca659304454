/** One service of the configuration, complete: defaults filled in, durations in seconds. */

/** Which pushed tags deploy. */
export type TagPolicy = { readonly exact: string } | { readonly glob: string };

export interface ImageSource {
  /** The ECR repository's name. */
  readonly repository: string;
  /** The registry's account, if it is not the stack's own. */
  readonly registryId?: string;
  /** The container of the task definition that receives the image. */
  readonly container: string;
  readonly tags: TagPolicy;
}

/** A place that can serve. */
export interface Side {
  /** Name or ARN, as in the configuration. */
  readonly cluster: string;
  readonly service: string;
  readonly targetGroup: string;
}

/** Where weights are written: listener rules, or a listener's default action. */
export type Traffic =
  | { readonly rules: readonly string[]; readonly testRule?: string }
  | { readonly listener: string; readonly testRule?: string };

export interface HttpCheck {
  readonly path: string;
  readonly status: number;
  readonly timeoutSeconds: number;
}

export interface ServiceConfiguration {
  readonly name: string;
  readonly image: ImageSource;
  readonly strategy: { readonly type: 'all-at-once' };
  readonly traffic: Traffic;
  readonly sides: readonly [Side, Side];
  /** ARNs of the task and execution roles that RegisterTaskDefinition may pass. */
  readonly roles: readonly string[];
  readonly checks: { readonly http: readonly HttpCheck[]; readonly alarms: readonly string[] };
  /** How long both sides run after the shift. */
  readonly bakeSeconds: number;
  /** The count of a first deployment, when nothing runs that could be counted. */
  readonly initialCount: number;
  /** How long green may take to become steady and healthy. */
  readonly steadyStateTimeoutSeconds: number;
  /** How long blue may take to finish its last requests and stop. */
  readonly drainTimeoutSeconds: number;
  /** How long a weight written is given to take effect on every load balancer node before anything is stopped. */
  readonly propagationSeconds: number;
}

/** Where CDK writes each service's configuration, as one JSON document: `/sidestep/services/orders`. */
export const CONFIGURATION_PREFIX = '/sidestep/services/';
