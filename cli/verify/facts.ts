/** Everything that is looked up about one service before it is judged. */
import type { AlarmState } from '../../lambdas/aws/cloudwatch.ts';
import type { DescribedImage } from '../../lambdas/aws/ecr.ts';
import type { Service, TaskDefinition } from '../../lambdas/aws/ecs.ts';
import type { ListenerPlace, RuleAddress } from '../../lambdas/aws/elbv2.ts';
import type { TargetGroupFacts } from '../../lambdas/aws/load-balancers.ts';
import type { CapturedScaling, Deployment } from '../../lambdas/common/deployment.ts';
import type { ServiceConfiguration, Side } from '../../lambdas/common/service.ts';
import type { Push } from '../../lambdas/decisions/pushes.ts';
import type { Lock } from '../../lambdas/table/locks.ts';
import type { Fact } from './fact.ts';

/** A side as it stands. */
export interface SideFacts {
  readonly side: Side;
  /** The ECS service's or the fleet's short name. */
  readonly name: string;
  /** Absent for a fleet. */
  readonly service?: Fact<Service>;
  /** What the service runs; absent for a fleet. */
  readonly definition?: Fact<TaskDefinition>;
  /** Absent without a load balancer. */
  readonly targetGroup?: Fact<TargetGroupFacts>;
  /** The scalable target; a known `undefined` cannot be told from an absent one, hence a list of none or one. */
  readonly scaling?: Fact<readonly CapturedScaling[]>;
}

export interface Platform {
  /** As image indexes write it: `amd64`, `arm64` … */
  readonly architecture: string;
  readonly os: string;
}

/** One container's image source. */
export interface ImageFacts {
  /** `orders, tag v*`: for people. */
  readonly wanted: string;
  readonly containers: readonly string[];
  /** What a deployment would take now. */
  readonly image: Fact<Push>;
  /** The platforms that it says it has; unknown for a manifest that does not say. */
  readonly platforms: Fact<readonly Platform[]>;
}

export interface RoleFacts {
  readonly arn: string;
  readonly of: 'task role' | 'execution role';
  /** JSON text. */
  readonly trustPolicy: Fact<string>;
  /** Whether Sidestep's own function may pass it to ECS tasks. */
  readonly passable: Fact<boolean>;
}

export interface SecretFacts {
  /** As the definition names it. */
  readonly valueFrom: string;
  /** `DATABASE_URL of app`, for people. */
  readonly usedAs: string;
  readonly exists: Fact<boolean>;
  /** Whether the execution role's policies let it be read. */
  readonly readable: Fact<boolean>;
}

export interface TrafficFacts {
  /** Production places, in order. */
  readonly places: readonly ListenerPlace[];
  /** Everything else on that load balancer. */
  readonly neighbours: readonly ListenerPlace[];
  /** ARNs of the groups that may be on the rules: the sides', or the two between which ECS itself shifts. */
  readonly groups: readonly string[];
}

export interface TestRuleFacts {
  readonly place: ListenerPlace;
  readonly address: RuleAddress;
  readonly groups: readonly string[];
}

/** A digest that must not disappear. */
export interface KeptDigest {
  readonly digest: string;
  /** `serves on orders-a`, `the last good deployment`: for people. */
  readonly because: string;
}

export interface RetentionFacts {
  readonly repository: string;
  readonly kept: readonly KeptDigest[];
  readonly images: Fact<readonly DescribedImage[]>;
  /** JSON text; absent policies are none or one in a list. */
  readonly policy: Fact<readonly string[]>;
}

export interface ServiceFacts {
  readonly configuration: ServiceConfiguration;
  readonly nowMs: number;
  readonly sides: readonly SideFacts[];
  /** What the next revision is made of; absent if only a fleet could serve. */
  readonly base?: Fact<TaskDefinition>;
  readonly images: readonly ImageFacts[];
  readonly roles: readonly RoleFacts[];
  readonly secrets: readonly SecretFacts[];
  /** Absent if Sidestep moves no traffic. */
  readonly traffic?: Fact<TrafficFacts>;
  readonly testRule?: Fact<TestRuleFacts>;
  readonly alarms: { readonly names: readonly string[]; readonly states: Fact<readonly AlarmState[]> };
  /** Log groups of the base definition. */
  readonly logGroups: readonly { readonly name: string; readonly exists: Fact<boolean> }[];
  /** Sentences, each a way in which the sides scale differently; absent unless both are ECS services. */
  readonly scalingDifferences?: Fact<readonly string[]>;
  /** Of the account, by name. */
  readonly balancerLimits?: Fact<ReadonlyMap<string, number>>;
  readonly ecsQuotas: Fact<ReadonlyMap<string, number>>;
  readonly fargateQuotas?: Fact<ReadonlyMap<string, number>>;
  /** One for each repository. */
  readonly retentions: readonly RetentionFacts[];
  /** Who is at work on the service now. */
  readonly lock?: Lock;
  /** The newest deployment that changed something and has ended. */
  readonly last?: Deployment;
}
