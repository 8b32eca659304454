/** What can be different about the user's world. */
import type { DeploymentConfiguration, DeploymentLifecycleHook } from '@aws-sdk/client-ecs';

/**
 * Who shifts the traffic. `rolling`: two ECS services, one on either side, whose own updates are rolling ones; the
 * others: one ECS service `orders` on both target groups, whose own controller shifts it.
 */
export type Controller = 'rolling' | 'native-blue-green' | 'native-linear' | 'native-canary';

/** What a native service's deployments wait for and watch; hooks given here run when it is created, too. */
export type NativeOptions = Pick<
  DeploymentConfiguration,
  'bakeTimeInMinutes' | 'linearConfiguration' | 'canaryConfiguration' | 'alarms' | 'lifecycleHooks'
>;

export interface WorldOptions {
  /** On 127.0.0.1; they must be free if processes serve there. */
  ports?: { readonly production: number; readonly test: number };
  /** Tasks of the side that serves; 0 for a world in which nothing serves yet. */
  blueCount?: number;
  /** What v1's image sets beside VERSION. */
  blueEnvironment?: Readonly<Record<string, string>>;
  /** Where the production traffic is: on a rule, or on the listener's default action. */
  placement?: 'rule' | 'listener';
  /** Of the production listener. Rules that authenticate need HTTPS; TLS ends before the local load balancer. */
  protocol?: 'HTTP' | 'HTTPS';
  deregistrationDelaySeconds?: number;
  healthCheckIntervalSeconds?: number;
  healthCheckGracePeriodSeconds?: number;
  /** Whether the services of a rolling world register with the load balancer; false for consumers, which nobody calls. */
  balanced?: boolean;
  /** Of the services of a rolling world: the bounds of their own updates, and the circuit breaker. */
  rollout?: RolloutOptions;
  /** Whether `orders-b` is in a cluster, and of a task definition family, of its own. */
  clusters?: 'one' | 'two';
  families?: 'one' | 'two';
  /** What the newest revision of v1's family sets, which nobody runs yet; none is registered if it is false. */
  newerEnvironment?: Readonly<Record<string, string>> | false;
  /** Scalable targets on both sides; the one that does not serve rests. */
  autoscaling?: AutoscalingOptions | false;
  controller?: Controller;
  /** The type of the load balancer. Connections have no paths: a network one forwards by its listeners alone. */
  loadBalancer?: 'application' | 'network';
  /** Machines that serve from target group `orders-a`, in place of the ECS service of that name. */
  fleet?: FleetOptions | false;
  /** Whether there is a second service, `users`, fed by the same repository. */
  neighbour?: boolean;
  /** Of the native service, from its second deployment on: when it is created, their functions may not be there. */
  lifecycleHooks?: DeploymentLifecycleHook[];
  /** Of the native service; a minute's bake by default, after each step too. */
  native?: NativeOptions;
  /** Whether the roles of its tasks are there; a task starts without them all the same. */
  roles?: boolean;
  /** Whether ECR scans what is pushed. */
  scanOnPush?: boolean;
  /** On everything that takes tags. */
  tags?: { Key: string; Value: string }[];
}

export type RolloutOptions = Pick<
  DeploymentConfiguration,
  'deploymentCircuitBreaker' | 'maximumPercent' | 'minimumHealthyPercent'
>;

export interface FleetOptions {
  /** `zone/module`, such as `eu-1/billing`: each has a rule of its own for the paths below it, in this order. */
  readonly modules: readonly string[];
  /** Machines, each of which answers for all modules. */
  readonly count: number;
  /** False if ECS service `orders-b` serves v1 at first, and the machines rest beside it; true if absent. */
  readonly serves?: boolean;
}

export interface AutoscalingOptions {
  readonly min: number;
  readonly max: number;
  /** On both sides; `schedule` is `at(…)`, `rate(…)` or `cron(…)`. */
  readonly scheduledAction?: { readonly schedule: string; readonly min?: number; readonly max?: number };
  /** Whether both sides track their CPU. */
  readonly policies?: boolean;
}

export const DEFAULT_OPTIONS: Required<WorldOptions> = {
  ports: { production: 8080, test: 8081 },
  blueCount: 2,
  blueEnvironment: {},
  placement: 'rule',
  protocol: 'HTTP',
  deregistrationDelaySeconds: 30,
  healthCheckIntervalSeconds: 5,
  healthCheckGracePeriodSeconds: 20,
  balanced: true,
  rollout: {},
  clusters: 'one',
  families: 'one',
  newerEnvironment: false,
  controller: 'rolling',
  loadBalancer: 'application',
  fleet: false,
  neighbour: false,
  lifecycleHooks: [],
  native: {},
  autoscaling: false,
  scanOnPush: false,
  roles: false,
  tags: [{ Key: 'team', Value: 'orders' }],
};
