/** What things are called in the user's world; the ARNs that follow are those of the example sidestep.yaml. */
import { listenerArn, loadBalancerArn, ruleArn, targetGroupArn } from '../arns.ts';
import { LOCAL_ACCOUNT } from '../platform.ts';

/** The service's name in the configuration, and that of the one ECS service of a native world. */
export const SERVICE = 'orders';
export const REPOSITORY = 'orders';
export const CLUSTER = 'prod';
export const FAMILY = 'orders';
/** Those of `orders-b`, in a world that has two. */
export const SECOND_CLUSTER = 'prod-b';
export const SECOND_FAMILY = 'orders-b';
export const CONTAINER = 'app';
export const CONTAINER_PORT = 8080;
export const LOG_GROUP = '/ecs/orders';
export const LOAD_BALANCER = 'web';
export const ALARM = 'orders-5xx';
/** Takes the place of {@link ALARM} in a world with a Network Load Balancer. */
export const NETWORK_ALARM = 'orders-resets';
export const FLEET_LOG_GROUP = '/vm/orders';
export const RULE_PRIORITY = 10;
export const HEALTH_PATH = '/health';

export const TASK_ROLE_ARN = `arn:aws:iam::${LOCAL_ACCOUNT}:role/orders-task`;
/** With which ECS's own controller calls the load balancer, and the lifecycle hooks' functions. */
export const INFRASTRUCTURE_ROLE_ARN = `arn:aws:iam::${LOCAL_ACCOUNT}:role/orders-infrastructure`;
export const EXECUTION_ROLE_ARN = `arn:aws:iam::${LOCAL_ACCOUNT}:role/orders-execution`;

/** The two fixed places that can serve: an ECS service, and the target group of the same name. */
export const SIDES = ['orders-a', 'orders-b'] as const;
export type SideName = (typeof SIDES)[number];

/** The cluster of each side's service. */
export type Clusters = Readonly<Record<SideName, string>>;
export const clustersOf = (count: 'one' | 'two'): Clusters => ({
  'orders-a': CLUSTER,
  'orders-b': count === 'two' ? SECOND_CLUSTER : CLUSTER,
});

/** In the order of their creation, which their ARNs follow. */
export const PRODUCTION_LISTENER_ARN = listenerArn(loadBalancerArn(LOAD_BALANCER), 1);
export const TEST_LISTENER_ARN = listenerArn(loadBalancerArn(LOAD_BALANCER), 2);
export const PRODUCTION_RULE_ARN = ruleArn(PRODUCTION_LISTENER_ARN, RULE_PRIORITY);
export const TEST_RULE_ARN = ruleArn(TEST_LISTENER_ARN, RULE_PRIORITY);

/** In a world with a Network Load Balancer: its one listener, which has no rules. */
export const NETWORK_PRODUCTION_LISTENER_ARN = listenerArn(loadBalancerArn(LOAD_BALANCER, 'net'), 1);

/** In a world with a fleet; `index` is the module's, from 0. The first one is the world's production rule. */
export const moduleRulePriority = (index: number): number => RULE_PRIORITY * (index + 1);
export const moduleRuleArnOf = (index: number): string =>
  ruleArn(PRODUCTION_LISTENER_ARN, moduleRulePriority(index));

export const targetGroupOf = (side: SideName): string => targetGroupArn(side);
