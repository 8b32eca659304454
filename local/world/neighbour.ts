/** A second service of the user's, `users`: its own rules, target groups and ECS services, fed by the repository of the first. */

import {
  CreateServiceCommand,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { CreateRuleCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ruleArn, targetGroupArn } from '../arns.ts';
import { createTargetGroup } from './balancer.ts';
import type { Clients } from './clients.ts';
import {
  CLUSTER,
  CONTAINER,
  CONTAINER_PORT,
  EXECUTION_ROLE_ARN,
  PRODUCTION_LISTENER_ARN,
  REPOSITORY,
  TASK_ROLE_ARN,
  TEST_LISTENER_ARN,
} from './names.ts';
import type { WorldOptions } from './options.ts';

export const NEIGHBOUR = 'users';
const SIDES = ['users-a', 'users-b'] as const;
/** Before the rule of the first service, which takes every path. */
const PRIORITY = 5;

/** The service as sidestep.yaml has it beside the example's. */
export const NEIGHBOUR_SERVICE = {
  image: { repository: REPOSITORY, container: CONTAINER, tags: { glob: 'v*' } },
  traffic: {
    rules: [ruleArn(PRODUCTION_LISTENER_ARN, PRIORITY)],
    testRule: ruleArn(TEST_LISTENER_ARN, PRIORITY),
  },
  sides: SIDES.map((service) => ({ cluster: CLUSTER, service, targetGroup: targetGroupArn(service) })),
  roles: [TASK_ROLE_ARN, EXECUTION_ROLE_ARN],
  bake: '1m',
};

/** @param taskDefinitionArn what the first service runs; the neighbour's family begins as its copy */
export async function createNeighbour(
  clients: Clients,
  taskDefinitionArn: string,
  options: Required<WorldOptions>,
): Promise<void> {
  const groups = await Promise.all(SIDES.map((side) => createTargetGroup(clients, side, options)));
  for (const listener of [PRODUCTION_LISTENER_ARN, TEST_LISTENER_ARN])
    await createRule(clients, listener, groups[0] ?? '');
  const own = await copyDefinition(clients, taskDefinitionArn);
  for (const [index, serviceName] of SIDES.entries()) {
    const behind = { targetGroupArn: groups[index], containerName: CONTAINER, containerPort: CONTAINER_PORT };
    await clients.ecs.send(
      new CreateServiceCommand({
        cluster: CLUSTER,
        serviceName,
        taskDefinition: own,
        desiredCount: index === 0 ? 1 : 0,
        launchType: 'EC2',
        schedulingStrategy: 'REPLICA',
        healthCheckGracePeriodSeconds: options.healthCheckGracePeriodSeconds,
        loadBalancers: [behind],
      }),
    );
  }
}

async function copyDefinition({ ecs }: Clients, taskDefinition: string): Promise<string> {
  const found = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  const { containerDefinitions, taskRoleArn, executionRoleArn, networkMode, requiresCompatibilities } =
    found.taskDefinition ?? {};
  const copy = new RegisterTaskDefinitionCommand({
    family: NEIGHBOUR,
    containerDefinitions,
    taskRoleArn,
    executionRoleArn,
    networkMode,
    requiresCompatibilities,
  });
  return (await ecs.send(copy)).taskDefinition?.taskDefinitionArn ?? '';
}

async function createRule({ elbv2 }: Clients, ListenerArn: string, TargetGroupArn: string): Promise<void> {
  await elbv2.send(
    new CreateRuleCommand({
      ListenerArn,
      Priority: PRIORITY,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: [`/${NEIGHBOUR}/*`] } }],
      Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn, Weight: 1 }] } }],
    }),
  );
}
