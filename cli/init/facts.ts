/** What runs in a cluster, as far as a configuration can be written from it. */
import type { Service, TaskDefinition } from '../../lambdas/aws/ecs.ts';
import type { ForwardingPlace, TargetGroupFacts } from '../../lambdas/aws/load-balancers.ts';

/** An ECS service with what it runs. */
export interface RunningService {
  readonly cluster: string;
  /** Its name. */
  readonly name: string;
  readonly service: Service;
  readonly definition: TaskDefinition;
  /** In the order of the service's loadBalancers. */
  readonly targetGroups: readonly TargetGroupFacts[];
}

/** What one service of the configuration is written from. */
export interface InitFacts {
  /** One ECS service, or the two sides between which traffic moves. */
  readonly sides: readonly RunningService[];
  /** Every rule and default action of their load balancers that forwards to one of their groups. */
  readonly places: readonly ForwardingPlace[];
  /** Image URI without its tag and digest, as `repository`: the tags of the digest that runs. */
  readonly tags: readonly string[];
  /** Load balancers that are reached only from inside their network. */
  readonly isInternal: boolean;
}
